//! The stack's side of containers: setup, inspection and shutdown.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, ensure};

use super::folder::Root;
use super::{ROOT_VARIABLE, STACK_PID_VARIABLE, json_file, removal};

/// The folder of all containers, and the environment that the emulator needs for them.
///
/// Dropping it leaves the containers running. [`ContainerHost::stop_all`] stops them; otherwise
/// they stop within a second of the end of this process.
#[derive(Clone, Debug)]
pub struct ContainerHost {
    root: Root,
}

/// A running container.
#[derive(Clone, Debug)]
pub struct Container {
    /// The emulator's id of the container.
    pub id: String,
    /// Name of the function.
    pub function: String,
    /// Process id of its `bootstrap`. `None` right after the start, and after a crash until the
    /// next invocation starts another.
    pub pid: Option<u32>,
    /// Request id of the event that it has received and not answered yet.
    pub in_flight: Option<String>,
    /// The environment from `create`, which includes the credentials of the function's role.
    pub env: BTreeMap<String, String>,
}

impl ContainerHost {
    /// Creates the folder for the containers of one stack, and removes those of an earlier stack.
    ///
    /// `local_exe` is this project's `local` binary, whose `main` calls
    /// [`main_if_invoked_as_cli`](super::main_if_invoked_as_cli). `function_env` are variables that
    /// every function gets; they override the template's.
    ///
    /// # Errors
    /// When the folder can't be written, or a process of an earlier stack can't be killed.
    pub fn create(
        root: &Path,
        local_exe: &Path,
        function_env: &BTreeMap<String, String>,
    ) -> anyhow::Result<Self> {
        ensure!(
            local_exe.is_file(),
            "there is no program {}",
            local_exe.display()
        );
        let local_exe = std::path::absolute(local_exe)?;
        let host = Self {
            root: Root(std::path::absolute(root)?),
        };
        host.stop_all()?;
        for path in [host.root.containers(), host.root.logs()] {
            std::fs::create_dir_all(&path)
                .with_context(|| format!("can't make {}", path.display()))?;
        }
        json_file::write_private(&host.root.function_env(), function_env)?;
        let cli = host.root.cli();
        let _ = std::fs::remove_file(&cli);
        std::os::unix::fs::symlink(local_exe, &cli)
            .with_context(|| format!("can't link {}", cli.display()))?;
        Ok(host)
    }

    /// Returns the variables that the emulator's environment must hold. No container outlives this
    /// process.
    pub fn fakecloud_env(&self) -> Vec<(String, String)> {
        vec![
            (
                "FAKECLOUD_CONTAINER_CLI".into(),
                self.root.cli().display().to_string(),
            ),
            (ROOT_VARIABLE.into(), self.root.0.display().to_string()),
            (STACK_PID_VARIABLE.into(), std::process::id().to_string()),
        ]
    }

    /// Returns the running containers, ordered by id.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub fn running(&self) -> anyhow::Result<Vec<Container>> {
        let mut containers = Vec::new();
        for folder in self.root.all()? {
            let (Some(spec), Some(state)) = (folder.spec()?, folder.state()?) else {
                continue;
            };
            if state.supervisor.is_alive() {
                containers.push(Container {
                    id: folder.id(),
                    function: spec.function,
                    pid: state.bootstrap.filter(|it| it.is_alive()).map(|it| it.pid),
                    in_flight: state.in_flight,
                    env: spec.env,
                });
            }
        }
        Ok(containers)
    }

    /// Returns the log that collects a function's output over all its containers.
    pub fn log_of(&self, function: &str) -> std::path::PathBuf {
        self.root.log_of(function)
    }

    /// Kills every process of every container and deletes their folders; logs stay. Idempotent.
    ///
    /// Stop the emulator first, or it starts new containers.
    ///
    /// # Errors
    /// When a process does not die or a folder can't be deleted; the others are still tried.
    pub fn stop_all(&self) -> anyhow::Result<()> {
        let mut first_error = Ok(());
        for folder in self.root.all()? {
            let outcome = removal::remove_by_force(&folder);
            if first_error.is_ok() {
                first_error = outcome;
            }
        }
        first_error
    }
}
