//! Protocol between the benchmark and a subject: one line of JSON for each message.
//! `peers/sharp/worker.js` implements it, too.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A command to a subject.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Command {
    /// Reads the file and keeps the job.
    Open(Job),
    /// Repeats the job, from the file's bytes in memory to encoded variants in memory.
    #[serde(rename_all = "camelCase")]
    Run {
        /// Repetitions, at least one.
        iterations: usize,
    },
    /// Returns the variants of the last repetition.
    Outputs,
}

/// A file and its variants.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub path: PathBuf,
    /// Strategy, for subjects with more than one.
    pub strategy: String,
    /// Variants, from large to small.
    pub variants: Vec<Wanted>,
}

/// One variant, which fits inside a square and is never enlarged.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// Edge of the square in pixels.
    pub edge: u32,
    pub format: Format,
    /// Quality of a JPEG.
    pub quality: u8,
}

/// Format of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// JPEG with chroma subsampling of 4:2:0.
    Jpeg,
    /// PNG with zlib's level 6, or its equivalent.
    Png,
}

/// The answer to [`Command::Open`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Opened {
    /// Name and version of the subject.
    pub version: String,
    /// Peak memory before the first repetition, in units of 1024 bytes. Only the engine sends it.
    #[serde(default, rename = "peakRssKib")]
    pub peak_rss_kib: u64,
}

/// The answer to [`Command::Run`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ran {
    /// Wall-clock milliseconds of each iteration, measured by the subject.
    pub ms: Vec<f64>,
    /// CPU milliseconds of all threads of the process together, for each iteration.
    pub cpu_ms: Vec<f64>,
    /// Peak memory of the process (`VmHWM`), in units of 1024 bytes.
    pub peak_rss_kib: u64,
}

/// The answer to [`Command::Outputs`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Outputs {
    /// Encoded variants in base64, from large to small.
    pub outputs: Vec<String>,
}
