//! Trying whether a program runs here, and as what.

use std::{
    io,
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use tokio::process::Command;

use super::{VERSION, error::ReleaseError};
use crate::fakecloud::find::{BUSY_RETRY_EVERY, is_busy, parse_version};

/// Longest part of a program's output that a message shows.
const MAX_SHOWN_CHARS: usize = 200;

/// Runs a new program with `--version`. It must be fakecloud of [`VERSION`].
pub(super) async fn probe(program: &Path, timeout: Duration) -> Result<(), ReleaseError> {
    let output = tokio::time::timeout(timeout, run(program))
        .await
        .map_err(|_| ReleaseError::Start(format!("no version after {timeout:?}")))?
        .map_err(|error| ReleaseError::Start(error.to_string()))?;
    if !output.status.success() {
        let reason = first_line(&output.stderr);
        return Err(ReleaseError::Start(if reason.is_empty() {
            output.status.to_string()
        } else {
            reason
        }));
    }
    match parse_version(&output.stdout) {
        Some(VERSION) => Ok(()),
        Some(version) => Err(ReleaseError::Version(first_line(version.as_bytes()))),
        None => Err(ReleaseError::Version(first_line(&output.stdout))),
    }
}

async fn run(program: &Path) -> io::Result<Output> {
    loop {
        let output = Command::new(program)
            .arg("--version")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await;
        if !is_busy(&output) {
            return output;
        }
        // The caller's timeout ends this.
        tokio::time::sleep(BUSY_RETRY_EVERY).await;
    }
}

/// Returns the first line that a program printed, without control characters.
fn first_line(output: &[u8]) -> String {
    String::from_utf8_lossy(output)
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|character| !character.is_control())
        .take(MAX_SHOWN_CHARS)
        .collect()
}
