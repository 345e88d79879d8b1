//! `start`: starting the supervisor of a container.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::folder::Root;
use super::log::Log;
use super::{ROOT_VARIABLE, STACK_PID_VARIABLE, supervisor};

/// Starts the container and returns when its endpoint takes connections.
pub(super) fn start(
    root: &Root,
    id: &str,
    environment: &BTreeMap<String, String>,
) -> anyhow::Result<()> {
    let folder = root.container(id)?;
    let spec = folder
        .spec()?
        .with_context(|| format!("no such container: {id}"))?;
    if folder
        .state()?
        .is_some_and(|state| state.supervisor.is_alive())
    {
        return Ok(()); // A container that runs already is no error, as with docker.
    }
    std::fs::create_dir_all(root.logs())?;
    let log = Log::open(&folder.log(), &root.log_of(&spec.function))?;
    let stack_pid = environment
        .get(STACK_PID_VARIABLE)
        .map(|pid| (STACK_PID_VARIABLE, pid));
    let mut child = Command::new(root.cli())
        .args([supervisor::VERB, id])
        .env_clear()
        .env(ROOT_VARIABLE, &root.0)
        .envs(stack_pid)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // The supervisor's own errors belong into the log of the function.
        .stderr(log.into_stderr()?)
        // Outside the terminal's process group, so that Ctrl-C reaches only the stack, which cleans
        // up.
        .process_group(0)
        .spawn()
        .context("can't start a supervisor")?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut line)?;
    }
    if line.trim_end() != "ready" {
        bail!(
            "the supervisor of {} ended: see {}",
            spec.function,
            root.log_of(&spec.function).display()
        );
    }
    Ok(())
}
