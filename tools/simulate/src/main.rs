//! A simulation of the pipeline: how long users wait, what it costs, and which limit is met first,
//! for up to fifty million users.
//!
//! `docs/scale.md` says what is modelled, from which sources, and what is left out.

mod check;
mod fair_queue;
mod lambda;
mod limits;
mod load;
mod object_store;
mod output;
mod pictures;
mod pipeline;
mod pollers;
mod random;
mod report;
mod service_times;
mod stats;
mod svg;
mod table;
mod token_bucket;
mod worker;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;

use crate::{
    limits::Quotas,
    load::{Load, Span},
};

/// Requests up to which whole days are simulated; beyond, the peak hour is.
const MOST_REQUESTS: f64 = 1e7;

#[derive(Debug, Parser)]
#[command(about = "Simulates the pipeline under AWS's documented limits")]
struct Arguments {
    /// Users of the stage.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=50_000_000))]
    users: u32,
    /// Days to simulate; above ten million requests, the peak hour stands for them.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=31))]
    days: u32,
    /// Seed of the random numbers: the same seed gives the same results.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Simulate the peak hour only.
    #[arg(long)]
    peak_hour: bool,
    /// Images of a user on a day, on average.
    #[arg(long, default_value_t = 1.0, value_parser = positive)]
    uploads_per_user_day: f64,
    /// Visits of a user on a day, on average.
    #[arg(long, default_value_t = 2.0, value_parser = positive)]
    visits_per_user_day: f64,
    /// Pages of the listing that a visit asks for.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(..=1_000))]
    pages_per_visit: u32,
    /// Images that one noisy user puts into the bucket at the peak, once a day.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    noisy_images: u32,
    /// Seconds in which they are put.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    noisy_seconds: u32,
    #[command(flatten)]
    settings: Settings,
    /// Take away the limit that is met first, and again, and print the order.
    #[arg(long, conflicts_with = "pictures")]
    lift: bool,
    /// Write the pictures of docs/scale.md into this folder.
    #[arg(long, value_name = "FOLDER")]
    pictures: Option<PathBuf>,
    /// Compare the model with measurements instead.
    #[arg(long)]
    check: bool,
    /// File of measured lines (name=value) for --check; - for standard input.
    #[arg(long, value_name = "FILE", requires = "check")]
    measured: Vec<PathBuf>,
}

/// Parameters of the template and quotas of the account.
#[derive(Debug, clap::Args)]
struct Settings {
    /// `ApiRequestsPerSecond` of the template; the burst is twice that.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    api_requests_per_second: u32,
    /// `WorkerConcurrency` of the template.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    worker_concurrency: u32,
    /// Concurrent executions of the account; 10 in a new one.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    account_concurrency: u32,
    /// `GetId` calls a second of the account.
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..))]
    get_id_per_second: u32,
    /// `GetCredentialsForIdentity` calls a second of the account.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    get_credentials_per_second: u32,
    /// Whether images count against quotas (`MaxUserBytes`, `MaxUserImages`); off has no hot item.
    #[arg(long)]
    without_quotas: bool,
    /// Deliver jobs in the order in which they came, without fairness.
    #[arg(long)]
    unfair: bool,
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if (0.001..=10_000.0).contains(&number) => Ok(number),
        _ => Err("must be a number from 0.001 to 10000".to_owned()),
    }
}

impl Arguments {
    fn load(&self, users: u32) -> Load {
        let per_visit = f64::from(self.pages_per_visit);
        let per_day = self.visits_per_user_day * per_visit + 2.0 * self.uploads_per_user_day;
        let requests = f64::from(users) * f64::from(self.days) * per_day;
        Load {
            users,
            visits_per_user_day: self.visits_per_user_day,
            pages_per_visit: self.pages_per_visit,
            uploads_per_user_day: self.uploads_per_user_day,
            noisy_images: self.noisy_images,
            noisy_time: Duration::from_secs(u64::from(self.noisy_seconds)),
            span: if self.peak_hour || requests > MOST_REQUESTS {
                Span::PeakHour
            } else {
                Span::Days(self.days)
            },
        }
    }

    fn quotas(&self) -> Quotas {
        let settings = &self.settings;
        Quotas {
            api_requests: f64::from(settings.api_requests_per_second),
            api_burst: 2.0 * f64::from(settings.api_requests_per_second),
            worker_concurrency: settings.worker_concurrency,
            account_concurrency: settings.account_concurrency,
            get_id: f64::from(settings.get_id_per_second),
            get_credentials: f64::from(settings.get_credentials_per_second),
            counts_usage: !settings.without_quotas,
            is_fair: !settings.unfair,
            ..Quotas::default()
        }
    }
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.check {
        let is_near = check::check(&arguments.measured)?;
        return Ok(if is_near {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    if let Some(folder) = &arguments.pictures {
        pictures::write(folder, &arguments)?;
    } else if arguments.lift {
        report::lift(
            &arguments.load(arguments.users),
            arguments.quotas(),
            arguments.seed,
        )?;
    } else {
        let load = arguments.load(arguments.users);
        let stats = pipeline::run(load, &arguments.quotas(), arguments.seed);
        report::print(&load, &arguments.quotas(), &stats, arguments.seed)?;
    }
    Ok(ExitCode::SUCCESS)
}
