//! What the benchmark says to a subject and hears from it: one line of JSON each.
//! `peers/sharp/worker.js` speaks it too.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What a subject is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Command {
    /// Read the file, and remember what to do with it.
    Open(Job),
    /// Do it so many times, from the file's bytes in memory to encoded variants in memory.
    #[serde(rename_all = "camelCase")]
    Run {
        /// At least one.
        iterations: usize,
    },
    /// Hand over what was made last.
    Outputs,
}

/// What to do with which file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub path: PathBuf,
    /// How, where a subject knows more than one way.
    pub strategy: String,
    /// From large to small.
    pub variants: Vec<Wanted>,
}

/// One variant, which fits inside a square and is never enlarged.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// Pixels.
    pub edge: u32,
    pub format: Format,
    /// For JPEG.
    pub quality: u8,
}

/// What a variant becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// 4:2:0.
    Jpeg,
    /// At zlib's level 6, or what corresponds to it.
    Png,
}

/// The answer to [`Command::Open`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Opened {
    /// Who speaks.
    pub version: String,
}

/// The answer to [`Command::Run`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ran {
    /// Milliseconds of each iteration, by the subject's own clock.
    pub ms: Vec<f64>,
    /// Milliseconds for which all threads of the process together were on a processor, for each
    /// iteration.
    pub cpu_ms: Vec<f64>,
    /// The most memory that its process ever held (`VmHWM`), in units of 1024 bytes.
    pub peak_rss_kib: u64,
}

/// The answer to [`Command::Outputs`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Outputs {
    /// In base64, from large to small.
    pub outputs: Vec<String>,
}
