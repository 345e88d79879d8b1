//! Chaos: uploads of all kinds while everything goes wrong that does on AWS. Then quiet, and every object is looked at.

mod backlog;
mod invariant;
mod process_killer;
mod queue_poller;
mod stored_state;
mod storm;
mod uploader;
mod uploaders;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use local::console::line;

/// Whether anything is lost, whatever breaks.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Uploads under faults, deaths, duplicates and disorder.
    Storm {
        /// How many.
        #[arg(long, default_value = "500")]
        uploads: u32,
        /// Decides everything that is random; a new one where absent.
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Many originals at once, and no faults: how fast the worker is, and what it takes.
    Backlog {
        /// How many.
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
