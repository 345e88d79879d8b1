//! Benchmarks, and the cost of uploads. Results are `name=value` lines on standard output.

#[cfg(feature = "functions")]
mod cost;
#[cfg(feature = "functions")]
mod functions;
mod output;
mod process;
mod stats;
mod thumbnails;

use std::path::PathBuf;
#[cfg(feature = "functions")]
use std::{num::NonZeroUsize, time::Duration};

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(about = "Benchmarks of the thumbnail engine and of the functions")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compares the engine with sharp: time, memory, size and quality.
    Thumbnails {
        /// Folder with the images; by default, synthetic images of the same kinds and sizes are
        /// drawn.
        #[arg(long)]
        images: Option<PathBuf>,
        /// Turns of each subject.
        #[arg(long, default_value_t = 15)]
        rounds: usize,
        /// Part of a task's name; selects the tasks that contain it.
        #[arg(long, default_value = "")]
        only: String,
        /// Folder for the synthetic images.
        #[arg(long)]
        cache: PathBuf,
        /// Folder with the worker for sharp.
        #[arg(long, default_value = "tools/bench/peers/sharp")]
        peer: PathBuf,
        /// Python with the packages of the worker for libheif; without it, HEIC is left out.
        #[arg(long)]
        libheif_python: Option<PathBuf>,
        /// Worker for libheif.
        #[arg(long, default_value = "tools/bench/peers/libheif/worker.py")]
        libheif_worker: PathBuf,
    },
    /// Runs the engine behind the benchmark's protocol.
    #[command(hide = true)]
    Ours,
    /// Measures the functions, built as for AWS.
    #[cfg(feature = "functions")]
    Functions {
        #[command(subcommand)]
        command: Functions,
    },
    /// Prints the cost of a number of uploads per month, from measured times and a table of prices.
    #[cfg(feature = "functions")]
    Cost {
        /// Uploads per month.
        #[arg(long, default_value = "1000000")]
        uploads: u32,
    },
}

#[cfg(feature = "functions")]
#[derive(Debug, Subcommand)]
enum Functions {
    /// Measures milliseconds and memory from the start of a process to its first request for an
    /// event.
    ColdStart {
        /// Starts of each function, after a first one that is not counted.
        #[arg(long, default_value = "15")]
        runs: NonZeroUsize,
        /// Omits Node, which needs npm, and the first answers.
        #[arg(long)]
        without_node: bool,
        /// Folder with the images; by default, a synthetic image is drawn.
        #[arg(long)]
        images: Option<PathBuf>,
        /// Folder for the synthetic images.
        #[arg(long)]
        cache: PathBuf,
    },
    /// Measures the upload function against two equivalent Node functions.
    Upload {
        /// Turns of each subject, for each body and back end.
        #[arg(long, default_value = "20")]
        rounds: NonZeroUsize,
        /// Requests of 100 kB in a turn; fewer of 4 MB, and fewer against the emulator.
        #[arg(long, default_value = "50")]
        block: NonZeroUsize,
        /// Starts of each subject, after a first one that is not counted.
        #[arg(long, default_value = "15")]
        starts: NonZeroUsize,
    },
    /// Measures the thumbnail worker against one in Node, with S3 and the table as far away as on
    /// AWS.
    Worker {
        /// Folder with the images; by default, a synthetic image is drawn.
        #[arg(long)]
        images: Option<PathBuf>,
        /// Folder for the synthetic images.
        #[arg(long)]
        cache: PathBuf,
        /// Turns of each subject, for each size of batches.
        #[arg(long, default_value = "10")]
        rounds: NonZeroUsize,
        /// Images of a turn.
        #[arg(long, default_value = "20")]
        block: NonZeroUsize,
        /// Milliseconds until an original is answered.
        #[arg(long, default_value_t = 20)]
        get: u64,
        /// Milliseconds until the write of a variant is answered.
        #[arg(long, default_value_t = 30)]
        put: u64,
        /// Milliseconds until the write of a record is answered.
        #[arg(long, default_value_t = 5)]
        table: u64,
        /// Lets one call in ten take twice as long, and one in a hundred ten times.
        #[arg(long)]
        tail: bool,
    },
    /// Measures pages of user stores with 100, 10,000 and 100,000 images.
    List {
        /// Turns of each size.
        #[arg(long, default_value = "20")]
        rounds: NonZeroUsize,
        /// Requests of a turn, for each page.
        #[arg(long, default_value = "20")]
        block: NonZeroUsize,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Thumbnails {
            images,
            rounds,
            only,
            cache,
            peer,
            libheif_python,
            libheif_worker,
        } => {
            let libheif = libheif_python.map(|python| thumbnails::compare::Libheif {
                python,
                worker: libheif_worker,
            });
            let inputs = thumbnails::inputs::Inputs::new(images, cache);
            thumbnails::compare::compare(&inputs, &peer, libheif.as_ref(), rounds, &only)
        }
        Command::Ours => thumbnails::ours::serve(),
        #[cfg(feature = "functions")]
        Command::Functions { command } => {
            tokio::runtime::Runtime::new()?.block_on(measure(command))
        }
        #[cfg(feature = "functions")]
        Command::Cost { uploads } => cost::cost(uploads),
    }
}

#[cfg(feature = "functions")]
async fn measure(command: Functions) -> anyhow::Result<()> {
    match command {
        Functions::ColdStart {
            runs,
            without_node,
            images,
            cache,
        } => {
            let peers = if without_node {
                functions::cold_start::Peers::None
            } else {
                functions::cold_start::Peers::Node
            };
            let inputs = thumbnails::inputs::Inputs::new(images, cache);
            functions::cold_start::cold_start(runs.get(), peers, &inputs).await
        }
        Functions::Upload {
            rounds,
            block,
            starts,
        } => {
            let effort = functions::upload::Effort {
                rounds: rounds.get(),
                block: block.get(),
                starts: starts.get(),
            };
            functions::upload::upload(effort).await
        }
        Functions::Worker {
            images,
            cache,
            rounds,
            block,
            get,
            put,
            table,
            tail,
        } => {
            let effort = functions::worker::Effort {
                rounds: rounds.get(),
                block: block.get(),
                latencies: functions::slow_aws::Latencies {
                    get: Duration::from_millis(get),
                    put: Duration::from_millis(put),
                    table: Duration::from_millis(table),
                    has_tail: tail,
                },
            };
            let inputs = thumbnails::inputs::Inputs::new(images, cache);
            functions::worker::worker(effort, &inputs).await
        }
        Functions::List { rounds, block } => {
            let effort = functions::list::Effort {
                rounds: rounds.get(),
                block: block.get(),
            };
            functions::list::list(effort).await
        }
    }
}
