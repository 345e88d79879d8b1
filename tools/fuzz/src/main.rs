//! Broken pictures against the thumbnail engine, on stable Rust, for as long as you like.
//!
//! A parent makes inputs out of generated files and gives them, one at a time, to a child process
//! that runs the engine: a crash, an abort in C code, a hang or a process that swells has exactly
//! one input to blame.

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
#[command(about = "Throws broken pictures at the thumbnail engine")]
struct Arguments {
    #[command(subcommand)]
    child: Option<ChildProcess>,
    /// How long to go on after the unbroken files.
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// The same seed makes the same inputs; by default, one that nobody had yet.
    #[arg(long)]
    seed: Option<u64>,
    /// Children at work at once.
    #[arg(long, default_value_t = 1)]
    jobs: u32,
    /// Give this file to the engine, with every recipe, instead of making inputs.
    #[arg(long)]
    replay: Option<PathBuf>,
    /// Where inputs are saved that the engine did not survive.
    #[arg(long, default_value = "target/fuzz-findings")]
    findings: PathBuf,
    /// The longest that an input may compute.
    #[arg(long, hide = true, default_value_t = 5_000)]
    hang_millis: u64,
    /// Only one input, which makes the child misbehave: does this program notice?
    #[arg(long, hide = true)]
    inject: Option<Fault>,
}

#[derive(Debug, Subcommand)]
enum ChildProcess {
    /// The engine, behind a pipe.
    #[command(hide = true)]
    Worker {
        /// Obey inputs that ask for a fault.
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
