//! A small process that stops the emulator after the runner has ended.
//!
//! A killed runner, or a test binary whose static stack is never dropped, would leave the emulator
//! and its functions behind. So the emulator is the child of a watchdog, and the watchdog's
//! standard input is a pipe from the runner: whatever ends the runner closes the pipe, and the
//! watchdog stops the emulator. Nothing else ends the watchdog: not the signals of a `killall` of
//! the runner's name, which is its own, too.

use std::{
    ffi::{OsStr, OsString},
    io::Read as _,
    os::unix::process::CommandExt as _,
    process::{Command, ExitCode, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{SignalKind, signal};

/// The hidden subcommand of `local` that runs [`run`].
pub const SUBCOMMAND: &str = "watchdog";

/// Grace period for the emulator to remove its containers before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// Runs `program` until it ends, or until standard input reaches its end.
pub fn run(program: &OsStr, arguments: &[OsString]) -> anyhow::Result<ExitCode> {
    ignore_signals()?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        // Outside the terminal's group: Ctrl-C must not stop the emulator before the runner does.
        .process_group(0)
        .spawn()?;
    let pid = Pid::from_child(&child);
    // Dropped when this function returns, after the emulator has ended.
    let (_running, ended) = mpsc::channel::<()>();
    thread::spawn(move || {
        // A read error is treated like the end of input: the runner has ended.
        drop(std::io::stdin().read_to_end(&mut Vec::new()));
        // A process that has ended meanwhile can't be signalled, and need not be.
        let _ = kill_process(pid, Signal::TERM);
        if ended.recv_timeout(GRACE) == Err(RecvTimeoutError::Timeout) {
            let _ = kill_process(pid, Signal::KILL);
        }
    });
    let status = child.wait()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Handles, by doing nothing, the signals that would end this process: the runner's end follows.
fn ignore_signals() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let _entered = runtime.enter();
    // A handler stays installed when what it reports to is gone.
    for kind in [
        SignalKind::hangup(),
        SignalKind::interrupt(),
        SignalKind::terminate(),
    ] {
        drop(signal(kind)?);
    }
    Ok(())
}
