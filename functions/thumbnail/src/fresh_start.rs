//! The restart of a process that has a thread in a codec which does not return.
//!
//! Such a thread takes half of the CPU of every later image. The process replaces itself by a new
//! one, after the batch's response has been sent and before the next batch is received, so that no
//! message is affected. It does not exit: to Lambda that is a crash.

use std::{os::unix::process::CommandExt as _, process::Command};

/// Replaces the process by a new one of the same executable, arguments and environment. Its threads
/// end. Returns only with an error, after which the process goes on as it is.
pub(crate) fn start_afresh() -> std::io::Error {
    tracing::warn!("an image is overdue; the process starts afresh");
    let arguments = std::env::args_os().skip(1);
    match std::env::current_exe() {
        Ok(executable) => Command::new(executable).args(arguments).exec(),
        Err(error) => error,
    }
}
