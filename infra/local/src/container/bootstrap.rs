//! The `bootstrap` process of a function, which never outlives its supervisor.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, bail};
use rustix::process::{Signal, getppid, set_parent_process_death_signal};
use tokio::process::{Child, Command};

use super::environment;
use super::folder::{Folder, Root, Spec};
use super::log::Log;

/// The hidden verb that runs [`exec`].
pub(super) const VERB: &str = "exec-bootstrap";

/// Starts `bootstrap` through this binary, in a process group of its own.
///
/// # Errors
/// When there is no `bootstrap` or no process can be made.
pub(super) fn launch(
    root: &Root,
    folder: &Folder,
    spec: &Spec,
    log: &Log,
    runtime_api: SocketAddr,
) -> std::io::Result<Child> {
    // Checked here, so that a missing file is an error instead of an exit code.
    std::fs::metadata(folder.bootstrap())?;
    let mut command = Command::new(root.cli());
    command
        .arg(VERB)
        .arg(std::process::id().to_string())
        .arg(folder.bootstrap());
    spawn(
        command,
        &environment::of_bootstrap(spec, folder, runtime_api),
        &folder.task(),
        log,
    )
}

/// Starts a process with exactly the given environment; its output goes to the log.
pub(super) fn spawn(
    mut command: Command,
    env: &BTreeMap<String, String>,
    current_dir: &Path,
    log: &Log,
) -> std::io::Result<Child> {
    let mut child = command
        .env_clear()
        .envs(env)
        .current_dir(current_dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    if let Some(pipe) = child.stdout.take() {
        tokio::spawn(log.clone().follow(pipe));
    }
    if let Some(pipe) = child.stderr.take() {
        tokio::spawn(log.clone().follow(pipe));
    }
    Ok(child)
}

/// Replaces this process by `bootstrap`: `exec-bootstrap SUPERVISOR_PID PATH`. Returns only on
/// failure.
///
/// Asks the kernel first to kill this process when the supervisor dies, a setting that survives
/// `exec`. A supervisor that is killed with SIGKILL can't clean up, and a function that is busy or
/// stuck would not notice. (Setting it from the supervisor, between `fork` and `exec`, would need
/// `unsafe`.)
///
/// # Errors
/// Always, if it returns.
pub(super) fn exec(words: &[String]) -> anyhow::Result<()> {
    let [supervisor, path] = words else {
        bail!("{VERB} SUPERVISOR_PID PATH")
    };
    set_parent_process_death_signal(Some(Signal::KILL))
        .context("can't tie bootstrap to the supervisor")?;
    // The supervisor may have died before the call above, and then the kernel sends no signal.
    let parent = getppid().map(|pid| pid.as_raw_nonzero().get().to_string());
    if parent.as_deref() != Some(supervisor) {
        bail!("the supervisor has ended");
    }
    Err(std::process::Command::new(path).exec()).with_context(|| format!("can't execute {path}"))
}
