//! Fuzzer of the thumbnail engine, on stable Rust, for any length of time.
//!
//! A parent process mutates generated files and sends them, one at a time, to a child process that
//! runs the engine: a crash, an abort in C code, a hang or a growth of memory has exactly one input
//! as its cause.

mod campaign;
mod child;
mod corpus;
mod fault;
mod findings;
mod mutate;
mod outcome;
mod output;
mod recipes;
mod replay;
mod seeds;
mod stats;
mod verdict;
mod worker;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};

use crate::{campaign::Plan, child::Supervision, fault::Fault};

#[derive(Debug, Parser)]
#[command(about = "Fuzzes the thumbnail engine with broken images")]
struct Arguments {
    #[command(subcommand)]
    child: Option<ChildProcess>,
    /// Seconds of mutated inputs, after the unmodified files.
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// Seed of the random numbers: the same seed makes the same inputs; random by default.
    #[arg(long)]
    seed: Option<u64>,
    /// Number of child processes at once.
    #[arg(long, default_value_t = 1)]
    jobs: u32,
    /// File to run with every recipe, instead of mutated inputs.
    #[arg(long)]
    replay: Option<PathBuf>,
    /// Folder for inputs that are findings.
    #[arg(long, default_value = "target/fuzz-findings")]
    findings: PathBuf,
    /// Maximum CPU time of an input, in milliseconds.
    #[arg(long, hide = true, default_value_t = 5_000)]
    hang_millis: u64,
    /// Fault to inject as the only input, to test whether this program detects it.
    #[arg(long, hide = true)]
    inject: Option<Fault>,
}

#[derive(Debug, Subcommand)]
enum ChildProcess {
    /// The child process, which runs the engine behind a pipe.
    #[command(hide = true)]
    Worker {
        /// Obeys inputs that request a fault.
        #[arg(long)]
        faults: bool,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(ChildProcess::Worker { faults }) = arguments.child {
        worker::serve(faults)?;
        return Ok(ExitCode::SUCCESS);
    }
    let supervision = Supervision {
        hang: Duration::from_millis(arguments.hang_millis),
        faults: arguments.inject.is_some(),
    };
    let is_clean = match arguments.replay {
        Some(file) => replay::replay(&file, supervision)?,
        None => campaign::run(&Plan {
            duration: Duration::from_secs(arguments.seconds),
            seed: arguments
                .seed
                .unwrap_or_else(|| u64::from(fastrand::u32(..))),
            jobs: arguments.jobs.max(1),
            findings: arguments.findings,
            inject: arguments.inject,
            supervision,
        })?,
    };
    Ok(if is_clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
