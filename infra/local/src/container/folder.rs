//! Layout of the containers on disk.
//!
//! ```text
//! <root>/hikidashi-container        → the `local` binary, under the name that makes it the CLI
//! <root>/function-env.json          what every function gets on top
//! <root>/logs/<function>.log        everything a function ever printed; outlives its containers
//! <root>/containers/<id>/           one container, mode 0700, because it holds credentials
//!     spec.json                     what `create` was told
//!     state.json                    what the supervisor says about itself
//!     task/                         the code, `/var/task` to a function
//!     tmp/                          the function's `/tmp`
//!     function.log                  what this container's function printed
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use super::CLI_NAME;
use super::json_file::{read, write_private};
use super::process::Process;

/// The folder of one stack's containers.
#[derive(Clone, Debug)]
pub(super) struct Root(pub(super) PathBuf);

impl Root {
    pub(super) fn cli(&self) -> PathBuf {
        self.0.join(CLI_NAME)
    }

    pub(super) fn function_env(&self) -> PathBuf {
        self.0.join("function-env.json")
    }

    pub(super) fn containers(&self) -> PathBuf {
        self.0.join("containers")
    }

    pub(super) fn logs(&self) -> PathBuf {
        self.0.join("logs")
    }

    /// Returns the log of all containers of a function. Lambda's names are valid file names.
    pub(super) fn log_of(&self, function: &str) -> PathBuf {
        let safe = |c: char| {
            if c.is_ascii_alphanumeric() || "-_".contains(c) {
                c
            } else {
                '_'
            }
        };
        self.logs().join(format!(
            "{}.log",
            function.chars().map(safe).collect::<String>()
        ))
    }

    /// Returns the folder of a container that need not exist.
    pub(super) fn container(&self, id: &str) -> anyhow::Result<Folder> {
        // An id becomes part of a path that `rm -f` deletes.
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            bail!("`{id}` is not the id of a container");
        }
        Ok(Folder(self.containers().join(id)))
    }

    /// Returns all containers, ordered by id.
    pub(super) fn all(&self) -> anyhow::Result<Vec<Folder>> {
        let entries = match fs::read_dir(self.containers()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).context("can't list the containers"),
        };
        let mut folders = entries
            .map(|entry| Ok(Folder(entry?.path())))
            .collect::<anyhow::Result<Vec<_>>>()?;
        folders.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(folders)
    }
}

/// Arguments of `create`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Spec {
    pub(super) function: String,
    /// Instance of the emulator that created it, `fakecloud-<pid>`.
    pub(super) instance: Option<String>,
    pub(super) handler: String,
    pub(super) env: BTreeMap<String, String>,
}

/// State that a supervisor reports about itself and its `bootstrap`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct State {
    pub(super) supervisor: Process,
    pub(super) invoke_port: u16,
    pub(super) bootstrap: Option<Process>,
    /// Request id of the event that `bootstrap` has received and not answered yet.
    pub(super) in_flight: Option<String>,
}

/// The folder of one container.
#[derive(Clone, Debug)]
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn id(&self) -> String {
        self.0
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }

    pub(super) fn task(&self) -> PathBuf {
        self.0.join("task")
    }

    pub(super) fn tmp(&self) -> PathBuf {
        self.0.join("tmp")
    }

    pub(super) fn bootstrap(&self) -> PathBuf {
        self.task().join("bootstrap")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.0.join("function.log")
    }

    /// Creates the folders, readable by their owner only.
    pub(super) fn make(&self) -> anyhow::Result<()> {
        for path in [&self.0, &self.task(), &self.tmp()] {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(path)
                .with_context(|| format!("can't make {}", path.display()))?;
        }
        Ok(())
    }

    /// Removes the folder. A missing folder is no error: a supervisor may be cleaning up at the
    /// same time.
    pub(super) fn delete(&self) -> anyhow::Result<()> {
        loop {
            match fs::remove_dir_all(&self.0) {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    // Another process removed a child at the same time; only the folder itself
                    // matters.
                    if !self.0.exists() {
                        return Ok(());
                    }
                }
                outcome => {
                    return outcome.with_context(|| format!("can't remove {}", self.0.display()));
                }
            }
        }
    }

    pub(super) fn write_spec(&self, spec: &Spec) -> anyhow::Result<()> {
        write_private(&self.0.join("spec.json"), spec)
    }

    pub(super) fn spec(&self) -> anyhow::Result<Option<Spec>> {
        read(&self.0.join("spec.json"))
    }

    pub(super) fn write_state(&self, state: &State) -> anyhow::Result<()> {
        write_private(&self.0.join("state.json"), state)
    }

    /// Returns the state, or `None` before the container was started.
    pub(super) fn state(&self) -> anyhow::Result<Option<State>> {
        read(&self.0.join("state.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    #[test]
    fn only_the_owner_can_read_what_holds_credentials() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Root(dir.path().into()).container("ab12").unwrap();
        folder.make().unwrap();
        folder
            .write_spec(&Spec {
                function: "f".into(),
                instance: None,
                handler: "bootstrap".into(),
                env: BTreeMap::from([("AWS_SECRET_ACCESS_KEY".into(), "s".into())]),
            })
            .unwrap();

        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.0), 0o700);
        assert_eq!(mode(&folder.0.join("spec.json")), 0o600);
        assert_eq!(folder.spec().unwrap().unwrap().function, "f");
        assert!(folder.state().unwrap().is_none());
    }

    #[test]
    fn an_id_can_not_lead_out_of_the_folder() {
        let root = Root("/r".into());
        for id in ["", "..", "a/b", "../a", "xyz"] {
            assert!(root.container(id).is_err(), "{id}");
        }
    }

    #[test]
    fn a_container_can_be_deleted_twice() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Root(dir.path().into()).container("ab12").unwrap();
        folder.make().unwrap();
        folder.delete().unwrap();
        folder.delete().unwrap();
    }
}
