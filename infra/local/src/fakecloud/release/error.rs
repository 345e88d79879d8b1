//! Reasons why no release archive is used.

use std::{error::Error, io};

use crate::fakecloud::VERSION;

/// Why no release archive is used. Each is shown as one line.
#[derive(Debug, thiserror::Error)]
pub(in crate::fakecloud) enum ReleaseError {
    /// The user does not want it.
    #[error("HIKIDASHI_FAKECLOUD_RELEASES is off")]
    Off,
    /// Upstream builds none for this machine.
    #[error("there is none for {os} on {architecture}")]
    NoArchive {
        /// The operating system, in Rust's words.
        os: &'static str,
        /// The processor's architecture, in Rust's words.
        architecture: &'static str,
    },
    /// A request failed, took too long or was redirected to where it may not go.
    #[error("{file} can't be downloaded: {}", chain(source))]
    Request {
        /// The file that was asked for.
        file: String,
        /// The reason, without the URL, which may contain a password.
        source: reqwest::Error,
    },
    /// The server answered without the file.
    #[error("the answer for {file} is {status}")]
    Status {
        /// The file that was asked for.
        file: String,
        /// The answer's status.
        status: reqwest::StatusCode,
    },
    /// What was received is too large.
    #[error("{file} is larger than {max_bytes} bytes")]
    TooLarge {
        /// The file, as downloaded or as unpacked.
        file: String,
        /// The limit.
        max_bytes: u64,
    },
    /// The checksum file does not parse, or is for another file.
    #[error("{0} has no SHA-256 of the archive")]
    Checksum(String),
    /// The archive is not the published one.
    #[error("the archive's SHA-256 is {actual}, and the published one is {expected}")]
    Digest {
        /// The digest of the checksum file.
        expected: String,
        /// The digest of what was received.
        actual: String,
    },
    /// The archive is damaged.
    #[error("the archive can't be unpacked: {0}")]
    Unpack(io::Error),
    /// The archive does not contain the program.
    #[error("the archive has no file {0}")]
    NoProgram(String),
    /// This system can't run the program.
    #[error("its program does not start here: {0}")]
    Start(String),
    /// The program is another version.
    #[error("its program is version {0}, and not {VERSION}")]
    Version(String),
    /// The cache folder can't be written.
    #[error("can't write to the cache folder: {0}")]
    Cache(#[from] io::Error),
}

/// Returns an error with its causes, in one line.
fn chain(error: &dyn Error) -> String {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    texts.join(": ").replace('\n', " ")
}
