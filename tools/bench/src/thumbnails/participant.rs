//! A process that takes part. Each does one job, so that the peak of its memory is that job's.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command as Process, Stdio},
};

use anyhow::{Context as _, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::de::DeserializeOwned;

use super::protocol::{Command, Job, Opened, Outputs, Ran};
use crate::stats::median;

/// A running subject, and what was measured of it.
pub(crate) struct Subject {
    /// The way in which it does its job.
    pub strategy: String,
    /// As it calls itself.
    pub version: String,
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    ms: Vec<f64>,
    cpu_ms: Vec<f64>,
    peak_rss_kib: u64,
}

impl Subject {
    /// Starts the process and gives it its job.
    pub(crate) fn start(mut process: Process, job: Job) -> anyhow::Result<Self> {
        let name = process.get_program().to_string_lossy().into_owned();
        let mut process = process
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} does not start"))?;
        let input = process.stdin.take().context("it has no input")?;
        let output = BufReader::new(process.stdout.take().context("it has no output")?);
        let mut subject = Self {
            strategy: job.strategy.clone(),
            version: String::new(),
            process,
            input,
            output,
            ms: Vec::new(),
            cpu_ms: Vec::new(),
            peak_rss_kib: 0,
        };
        subject.version = subject.ask::<Opened>(&Command::Open(job))?.version;
        Ok(subject)
    }

    /// A turn that is not counted: caches fill, a JIT warms up, memory pools grow.
    pub(crate) fn warm_up(&mut self, iterations: usize) -> anyhow::Result<()> {
        self.turn(iterations)?;
        self.ms.clear();
        self.cpu_ms.clear();
        Ok(())
    }

    /// A turn that is.
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

    /// The median of all counted iterations.
    pub(crate) fn ms(&self) -> f64 {
        median(self.ms.iter().copied())
    }

    /// The same of the time on a processor, which other work on the machine changes less.
    pub(crate) fn cpu_ms(&self) -> f64 {
        median(self.cpu_ms.iter().copied())
    }

    /// In units of 1024 × 1024 bytes.
    pub(crate) fn peak_rss_mb(&self) -> f64 {
        // Below 2^53 there is nothing to lose.
        #[expect(clippy::cast_precision_loss, reason = "kibibytes of a process")]
        let kib = self.peak_rss_kib as f64;
        kib / 1024.0
    }

    /// What it made in its last turn, and the end of its process.
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
        ensure!(!answer.is_empty(), "a subject ended in the middle");
        serde_json::from_str(&answer).with_context(|| format!("a subject said {answer:?}"))
    }
}
