//! The verbs of the container CLI: only those that the emulator uses.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Context;

use super::folder::Root;
use super::usage_error::NotUnderstood;
use super::{ROOT_VARIABLE, STACK_PID_VARIABLE};
use super::{bootstrap, copy, create, listing, removal, start, supervisor};

/// Runs one command line. `environment` is the environment of this process.
pub(super) fn run(
    words: &[String],
    environment: &BTreeMap<String, String>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let (verb, rest) = words.split_first().context("a verb is needed")?;
    let root = || {
        let folder = environment.get(ROOT_VARIABLE);
        folder
            .map(|folder| Root(folder.into()))
            .with_context(|| format!("{ROOT_VARIABLE} is not set"))
    };
    let words: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (verb.as_str(), words.as_slice()) {
        // The emulator asks whether it talks to docker or podman; both answers say docker.
        ("--version" | "version", _) => {
            writeln!(
                out,
                "Docker version {}, build hikidashi",
                env!("CARGO_PKG_VERSION")
            )?;
        }
        ("info", _) => writeln!(
            out,
            r#"{{"ServerVersion":"{}"}}"#,
            env!("CARGO_PKG_VERSION")
        )?,
        ("network", ["inspect", ..]) => writeln!(out, "127.0.0.1")?,
        // Accepted without effect: there are no images, networks or volumes.
        ("pull", _) | ("image", ["inspect", ..]) | ("network" | "volume", ["ls" | "rm", ..]) => {}
        ("create", _) => writeln!(out, "{}", create::create(&root()?, rest, environment)?)?,
        ("cp", [from, to]) => copy::copy(&root()?, from, to)?,
        ("start", [id]) => {
            start::start(&root()?, id, environment)?;
            writeln!(out, "{id}")?;
        }
        ("port", [id, ..]) => listing::port(&root()?, id, out)?,
        ("logs", _) => listing::logs(&root()?, rest, out)?,
        ("ps", _) => listing::ps(&root()?, rest, out)?,
        ("rm", ["-f", ids @ ..]) => {
            for id in ids {
                removal::remove_by_force(&root()?.container(id)?)?;
            }
        }
        ("rm", ids) => {
            for id in ids {
                removal::remove(&root()?, id)?;
            }
        }
        (supervisor::VERB, [id]) => {
            let stack_pid = environment.get(STACK_PID_VARIABLE).map(String::as_str);
            supervisor::supervise(&root()?, id, stack_pid)?;
        }
        (bootstrap::VERB, _) => bootstrap::exec(rest)?,
        _ => {
            return Err(
                NotUnderstood(format!("`{verb} {}` is not understood", words.join(" "))).into(),
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_in(root: &std::path::Path, line: &str) -> anyhow::Result<String> {
        let environment = BTreeMap::from([(ROOT_VARIABLE.into(), root.display().to_string())]);
        let words: Vec<String> = line.split(' ').map(Into::into).collect();
        let mut out = Vec::new();
        run(&words, &environment, &mut out)?;
        Ok(String::from_utf8(out)?)
    }

    #[test]
    fn the_emulator_takes_it_for_docker() {
        let dir = tempfile::tempdir().unwrap();
        assert!(
            run_in(dir.path(), "--version")
                .unwrap()
                .starts_with("Docker version")
        );
        assert!(
            run_in(dir.path(), "info")
                .unwrap()
                .contains("\"ServerVersion\"")
        );
        assert_eq!(
            run_in(dir.path(), "network inspect bridge --format x").unwrap(),
            "127.0.0.1\n"
        );
        for nothing in ["pull image:1", "network ls -q", "volume ls", "ps -a"] {
            assert_eq!(run_in(dir.path(), nothing).unwrap(), "", "{nothing}");
        }
    }

    #[test]
    fn an_unknown_verb_is_an_error_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        for line in ["swarm init", "cp onlyone", "start"] {
            let error = run_in(dir.path(), line).unwrap_err();
            assert!(error.is::<NotUnderstood>(), "{line}: {error}");
        }
    }

    #[test]
    fn a_created_container_is_listed_for_its_instance_and_can_be_removed_twice() {
        let dir = tempfile::tempdir().unwrap();
        let line = "create --label fakecloud-lambda=f --label fakecloud-instance=fakecloud-7 image";
        let id = run_in(dir.path(), line).unwrap();
        let id = id.trim();
        let environment =
            BTreeMap::from([(ROOT_VARIABLE.into(), dir.path().display().to_string())]);
        let mut out = Vec::new();
        let format = "{{.ID}} {{.Label \"fakecloud-instance\"}}".to_owned();
        run(
            &["ps".into(), "-a".into(), "--format".into(), format],
            &environment,
            &mut out,
        )
        .unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            format!("{id} fakecloud-7\n")
        );
        assert_eq!(
            run_in(dir.path(), "ps").unwrap(),
            format!("{id} f exited\n")
        );

        for _ in 0..2 {
            run_in(dir.path(), &format!("rm -f {id}")).unwrap();
        }
        assert_eq!(run_in(dir.path(), "ps").unwrap(), "");
    }
}
