//! The chaos suite: uploads of all kinds under injected faults. Afterwards, every object is
//! checked.

mod backlog;
mod fairness;
mod invariant;
mod process_killer;
mod queue_poller;
mod stored_state;
mod storm;
mod uploader;
mod uploaders;
mod usage;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use local::console::line;

/// Tests that no upload is lost under faults.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Uploads under faults, killed processes, duplicates and reordering.
    Storm {
        /// Number of uploads.
        #[arg(long, default_value = "500")]
        uploads: u32,
        /// Seed of everything random. Without it, a new one is chosen.
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Measures the worker's throughput and memory with many originals at once, without faults.
    Backlog {
        /// Number of originals.
        #[arg(long, default_value = "1000")]
        originals: u32,
    },
    /// Measures how long a user waits while another has many images to process, and what the
    /// dispatcher adds.
    Fairness {
        /// Number of the other user's images.
        #[arg(long, default_value = "1000")]
        originals: u32,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Cli::parse().command {
        Command::Storm { uploads, seed } => {
            storm::storm(uploads, seed.unwrap_or_else(|| fastrand::u64(..))).await
        }
        Command::Backlog { originals } => backlog::backlog(originals).await,
        Command::Fairness { originals } => fairness::fairness(originals).await,
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            line(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
