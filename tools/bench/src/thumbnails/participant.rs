//! Processes of the comparison. Each does one job, so that its peak memory is that job's.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command as Process, Stdio},
};

use anyhow::{Context as _, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::de::DeserializeOwned;

use super::protocol::{Command, Job, Opened, Outputs, Ran};
use crate::stats::median;

/// A running subject, and its measurements.
pub(crate) struct Subject {
    /// Strategy of the job.
    pub strategy: String,
    /// Version that the subject reports.
    pub version: String,
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    ms: Vec<f64>,
    cpu_ms: Vec<f64>,
    peak_rss_kib: u64,
    own_rss_kib: u64,
}

impl Subject {
    /// Starts the process and sends it its job.
    pub(crate) fn start(mut process: Process, job: Job) -> anyhow::Result<Self> {
        let name = process.get_program().to_string_lossy().into_owned();
        let mut process = process
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} can't start"))?;
        let input = process.stdin.take().context("the subject has no input")?;
        let output = BufReader::new(process.stdout.take().context("the subject has no output")?);
        let mut subject = Self {
            strategy: job.strategy.clone(),
            version: String::new(),
            process,
            input,
            output,
            ms: Vec::new(),
            cpu_ms: Vec::new(),
            peak_rss_kib: 0,
            own_rss_kib: 0,
        };
        let opened: Opened = subject.ask(&Command::Open(job))?;
        subject.version = opened.version;
        subject.own_rss_kib = opened.peak_rss_kib;
        Ok(subject)
    }

    /// Runs a turn that is not counted: caches fill, a JIT warms up, memory pools grow.
    pub(crate) fn warm_up(&mut self, iterations: usize) -> anyhow::Result<()> {
        self.turn(iterations)?;
        self.ms.clear();
        self.cpu_ms.clear();
        Ok(())
    }

    /// Runs a turn that is counted.
    pub(crate) fn turn(&mut self, iterations: usize) -> anyhow::Result<()> {
        let ran: Ran = self.ask(&Command::Run { iterations })?;
        ensure!(
            ran.ms.len() == iterations,
            "{} of {iterations} iterations were timed",
            ran.ms.len()
        );
        self.ms.extend(ran.ms);
        self.cpu_ms.extend(ran.cpu_ms);
        self.peak_rss_kib = ran.peak_rss_kib;
        Ok(())
    }

    /// Returns the median of all counted iterations.
    pub(crate) fn ms(&self) -> f64 {
        median(self.ms.iter().copied())
    }

    /// Returns the median CPU time, on which other work of the machine has less influence.
    pub(crate) fn cpu_ms(&self) -> f64 {
        median(self.cpu_ms.iter().copied())
    }

    /// Returns the peak memory in units of 1024 × 1024 bytes.
    pub(crate) fn peak_rss_mb(&self) -> f64 {
        mebibytes(self.peak_rss_kib)
    }

    /// Returns the peak memory before the first iteration, with the file's bytes.
    pub(crate) fn own_rss_mb(&self) -> f64 {
        mebibytes(self.own_rss_kib)
    }

    /// Returns the variants of the last turn, and ends the process.
    pub(crate) fn finish(mut self) -> anyhow::Result<Vec<Vec<u8>>> {
        let made: Outputs = self.ask(&Command::Outputs)?;
        drop(self.input);
        let status = self.process.wait()?;
        ensure!(status.success(), "a subject ended with {status}");
        made.outputs
            .iter()
            .map(|text| Ok(BASE64_STANDARD.decode(text)?))
            .collect()
    }

    fn ask<T: DeserializeOwned>(&mut self, command: &Command) -> anyhow::Result<T> {
        let mut line = serde_json::to_vec(command)?;
        line.push(b'\n');
        self.input.write_all(&line)?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        ensure!(!answer.is_empty(), "a subject ended before its answer");
        serde_json::from_str(&answer).with_context(|| format!("a subject sent {answer:?}"))
    }
}

fn mebibytes(kib: u64) -> f64 {
    // Exact below 2^53.
    #[expect(clippy::cast_precision_loss, reason = "kibibytes of a process")]
    let kib = kib as f64;
    kib / 1024.0
}
