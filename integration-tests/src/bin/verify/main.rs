//! `verify`: whether everything that this project relies on holds on a deployed stack.
//!
//! The same checks run against a local stack, so that they can't rot. What only AWS can show is
//! skipped there, with the reason. Every check prints a line, and the last line has the totals.

mod check;
mod checks;
mod found;
mod world;

use std::process::ExitCode;

use aws_config::BehaviorVersion;
use clap::Parser;
use integration_tests::target::{self, Target};
use local::{console::line, deploy::cloudformation, stack::StackOptions};

use crate::{check::Outcome, world::World};

/// Checks a deployed stack.
#[derive(Parser)]
struct Cli {
    /// Name of a stack on AWS, best a new one. Without it, a local stack is started.
    #[arg(long)]
    stack: Option<String>,
    /// Only the checks whose names contain this text.
    #[arg(long, default_value = "")]
    only: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let failed = match &cli.stack {
        None => on_local_stack(&cli.only).await,
        Some(name) => on_aws(name, &cli.only).await,
    };
    match failed {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn on_local_stack(only: &str) -> anyhow::Result<usize> {
    let (stack, target) = target::start_local(StackOptions::default()).await?;
    let origin = stack.api_url().to_owned();
    let failed = verify(&target, &origin, only).await;
    stack.stop().await?;
    failed
}

async fn on_aws(name: &str, only: &str) -> anyhow::Result<usize> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let target = target::find_on_aws(config, name).await?;
    let parameters = cloudformation::parameters_of(&target.config, name).await?;
    let origins = parameters.get("AllowedOrigins").map(String::as_str);
    let origin = origins.and_then(|origins| origins.split(',').next());
    verify(&target, origin.unwrap_or_default(), only).await
}

/// Runs the checks one after the other, and returns how many have failed.
async fn verify(target: &Target, origin: &str, only: &str) -> anyhow::Result<usize> {
    let world = World::create(target, origin).await?;
    let [mut verified, mut failed, mut skipped] = [0; 3];
    for check in checks::all() {
        if !check.name.contains(only) {
            continue;
        }
        let outcome = check.run(&world).await;
        line(format_args!(
            "check={} expected={:?} {outcome}",
            check.name, check.expected
        ));
        match outcome {
            Outcome::Passed(_) => verified += 1,
            Outcome::Failed(_) => failed += 1,
            Outcome::Skipped(_) => skipped += 1,
        }
    }
    world.remove().await?;
    line(format_args!(
        "verified={verified} failed={failed} skipped={skipped}"
    ));
    Ok(failed)
}
