//! `cargo build`, and the location of its executables.

use crate::workspace::workspace;
use std::{collections::BTreeMap, path::PathBuf, process::Stdio};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use tokio::process::Command;

/// Build profile of the functions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Takes seconds; the image crates are optimised in it too.
    #[default]
    Dev,
    /// The release profile, as on AWS. Takes minutes, because of link-time optimisation.
    Release,
    /// The release profile without the paths of the build machine, which panics would name. Every
    /// crate is compiled once more for it, in a folder of its own. This is what runs on AWS.
    Package,
}

impl Profile {
    /// Adds the profile's arguments and environment variables to `cargo build`.
    fn apply(self, cargo: &mut Command) -> anyhow::Result<()> {
        match self {
            Self::Dev => {}
            Self::Release => {
                cargo.arg("--release");
            }
            Self::Package => {
                let flags = format!(
                    "--remap-path-prefix={}/registry/src=crates\u{1f}--remap-path-prefix={}=hikidashi",
                    cargo_home()?.display(),
                    workspace().display()
                );
                cargo
                    .arg("--release")
                    .arg("--target-dir")
                    .arg(workspace().join("target/package"))
                    .env("CARGO_ENCODED_RUSTFLAGS", flags);
            }
        }
        Ok(())
    }
}

/// Returns the folder of cargo's sources.
pub fn cargo_home() -> anyhow::Result<PathBuf> {
    let given = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    given
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))
        .context("neither CARGO_HOME nor HOME is set")
}

/// Builds binaries of the workspace and returns the executable of each.
///
/// Cargo decides whether there is anything to do and where the files go, so that a changed
/// `CARGO_TARGET_DIR` is honoured. Compiler messages go to standard error.
pub async fn build(
    binaries: &[&str],
    profile: Profile,
) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let mut cargo = cargo();
    cargo
        .current_dir(workspace())
        .args(["build", "--message-format=json-render-diagnostics"]);
    for binary in binaries {
        cargo.args(["--bin", binary]);
    }
    profile.apply(&mut cargo)?;
    let output = cargo
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await
        .context("can't run cargo")?;
    if !output.status.success() {
        bail!("building the functions failed");
    }
    let built = executables(&String::from_utf8(output.stdout)?);
    for binary in binaries {
        if !built.contains_key(*binary) {
            bail!("cargo built no binary named {binary}");
        }
    }
    Ok(built)
}

/// Returns the cargo that runs this process, or the one on `PATH`.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

fn executables(messages: &str) -> BTreeMap<String, PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok())
        .filter(|message| message.reason == "compiler-artifact")
        .filter_map(|message| Some((message.target?.name, message.executable?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::executables;
    use crate::workspace::workspace;

    #[test]
    fn executables_are_found_among_cargos_messages() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"common"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"upload"},"executable":"/t/debug/upload"}
not json
{"reason":"build-finished","success":true}"#;
        let built = executables(messages);
        assert_eq!(built.len(), 1);
        assert_eq!(built["upload"], PathBuf::from("/t/debug/upload"));
    }

    #[test]
    fn the_workspace_holds_the_template() {
        assert!(workspace().join("infra/template.yaml").is_file());
    }
}
