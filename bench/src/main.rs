//! The thumbnail engine against sharp, on the same files, in alternating rounds.

mod contender;
mod images;
mod median;
mod ours;
mod picture;
mod processor;
mod protocol;
mod quality;
mod rounds;
mod say;
mod sharp;
mod standin;
mod task;
mod thumbnails;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(about = "Benchmarks of the thumbnail engine")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compare with sharp: time, memory, size and quality.
    Thumbnails {
        /// The folder with the pictures; without it, stand-ins of the same kinds and sizes are drawn.
        #[arg(long)]
        images: Option<PathBuf>,
        /// How often everybody has a turn.
        #[arg(long, default_value_t = 15)]
        rounds: usize,
        /// Only tasks whose name contains this.
        #[arg(long, default_value = "")]
        only: String,
        /// The folder for the stand-ins.
        #[arg(long)]
        cache: PathBuf,
        /// The folder with the worker for sharp.
        #[arg(long, default_value = "bench/peers/sharp")]
        peer: PathBuf,
    },
    /// The engine behind the benchmark's protocol.
    #[command(hide = true)]
    Ours,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Thumbnails {
            images,
            rounds,
            only,
            cache,
            peer,
        } => {
            let pictures = images::Pictures::new(images, cache);
            thumbnails::compare(&pictures, &peer, rounds, &only)
        }
        Command::Ours => ours::serve(),
    }
}
