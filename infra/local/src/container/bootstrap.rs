//! The process of a function, and the trick by which it never outlives its supervisor.

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

/// The hidden verb of [`exec`].
pub(super) const VERB: &str = "exec-bootstrap";

/// Starts `bootstrap`, led by this very binary, in a process group of its own.
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
    // Asked here, so that a missing file is an error and not the exit code of a process.
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

/// Starts a process with exactly that environment; its output goes to the log.
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

/// Becomes `bootstrap`: `exec-bootstrap SUPERVISOR_PID PATH`. Returns only to say why not.
///
/// Before, it asks the kernel to be killed when the supervisor dies, which holds across `exec`. A
/// supervisor that is killed with -9 can't tidy up, and a function that is busy or stuck would not
/// notice. (Asking from the supervisor, between `fork` and `exec`, would need `unsafe`.)
///
/// # Errors
/// Always, if it returns.
pub(super) fn exec(words: &[String]) -> anyhow::Result<()> {
    let [supervisor, path] = words else {
        bail!("{VERB} SUPERVISOR_PID PATH")
    };
    set_parent_process_death_signal(Some(Signal::KILL)).context("can't tie bootstrap's life")?;
    // It may have died before the line above, and then nobody would send the signal.
    let parent = getppid().map(|pid| pid.as_raw_nonzero().get().to_string());
    if parent.as_deref() != Some(supervisor) {
        bail!("the supervisor is gone");
    }
    Err(std::process::Command::new(path).exec()).with_context(|| format!("can't execute {path}"))
}
