//! The isolation suite: the attacks of a hostile signed-in user, and a check that every permission
//! and every condition is needed.
//!
//! `isolation attacks` runs the attacks against a local stack, or against one on AWS. `isolation
//! mutations` removes every permission, one at a time, and widens the policies, one at a time, on a
//! local stack. `isolation docs` writes the table of attacks into `docs/isolation.md`.

mod attack;
mod attacks;
mod dead_letter_check;
mod dispatch_check;
mod docs;
mod fixture;
mod forged_tokens;
mod least_privilege;
mod live_role;
mod policy_mutations;
mod reconcile_check;
mod report;
mod snapshot;
mod suite;
mod user_journey;

use std::process::ExitCode;

use aws_config::BehaviorVersion;
use clap::{Parser, Subcommand};
use integration_tests::{call, given_pool, principal as user, signed_client, target};
use local::{console::line, stack::StackOptions};

use crate::suite::Depth;

/// Tests the isolation between users.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs all attacks.
    Attacks {
        /// Name of a deployed stack on AWS. Without it, a local stack is started.
        #[arg(long)]
        stack: Option<String>,
        /// Whether the local stack uses a user pool that it did not make.
        #[arg(long, conflicts_with = "stack")]
        given_pool: bool,
    },
    /// Removes every permission and widens every policy, one at a time: each must be detected.
    Mutations,
    /// Writes the table of attacks into docs/isolation.md.
    Docs,
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Attacks {
            stack: None,
            given_pool,
        } => on_local_stack(given_pool).await,
        Command::Attacks {
            stack: Some(name), ..
        } => on_aws(&name).await,
        Command::Mutations => mutations().await,
        Command::Docs => docs::write().map(|()| true),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn on_local_stack(given_pool: bool) -> anyhow::Result<bool> {
    let options = if given_pool {
        given_pool::options()
    } else {
        StackOptions::default()
    };
    let (stack, target) = target::start_local(options).await?;
    let passed = attack(&target).await;
    stack.stop().await?;
    passed
}

async fn on_aws(name: &str) -> anyhow::Result<bool> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    attack(&target::find_on_aws(config, name).await?).await
}

async fn attack(target: &target::Target) -> anyhow::Result<bool> {
    let fixture = Box::pin(fixture::Fixture::create(target)).await?;
    let findings = Box::pin(suite::run(&fixture, &attacks::all(), Depth::Everything)).await;
    // The fixture is removed even when the run has failed.
    fixture.remove().await?;
    let findings = findings?;
    line(report::table(&findings));
    Ok(report::is_clean(&findings))
}

async fn mutations() -> anyhow::Result<bool> {
    let (stack, target) = target::start_local(StackOptions::default()).await?;
    let passed = async {
        let needed = least_privilege::run(&target).await?;
        Ok(policy_mutations::run(&target).await? && needed)
    }
    .await;
    stack.stop().await?;
    passed
}
