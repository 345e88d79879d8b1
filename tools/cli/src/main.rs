//! `hikidashi`: maintenance commands for a deployed stack, with the operator's own AWS credentials.
//!
//! Nothing is changed without `--apply` or `--yes`.

mod block;
mod command;
mod error;
mod redrive;
mod stack;
mod user;

use std::{io::Write as _, process::ExitCode};

use aws::{admin_store::AdminStore, clients};
use clap::Parser as _;
use common::error_chain::with_causes;
use maintenance::{
    erase::{self, erase},
    reconcile::{self, reconcile},
};

use crate::{
    command::{Cli, Command, UserCommand},
    error::CliError,
    redrive::redrive,
    stack::Stack,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}", with_causes(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<ExitCode, CliError> {
    let sdk = clients::for_the_function().await;
    let stack = Stack::find(&sdk, &cli.stack).await?;
    let users_role = stack.users_role;
    let admin_store = AdminStore::new(&sdk, stack.admin_store);
    match cli.command {
        Command::Reconcile(arguments) => {
            let options = arguments.into_options();
            let report = reconcile(&admin_store, &stack.wanted, &options).await?;
            say(&report)?;
            if options.mode == reconcile::Mode::DryRun {
                hint("nothing was changed; --apply repairs");
            }
            if !report.resume.is_empty() {
                hint(&format!(
                    "the run is incomplete; continue with --resume {}",
                    report.resume
                ));
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Redrive => {
            let moved = redrive(&sdk, &stack.unreadable_queue_url, &stack.events_queue_url).await?;
            say(&format_args!("moved={moved}"))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::User(command) => {
            match command {
                UserCommand::Usage(command) => {
                    say(&user::run(&admin_store, &stack.quota, command).await?)?;
                }
                UserCommand::Block(command) => block::run(command, &sdk, &users_role).await?,
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Erase(arguments) => {
            let mode = if arguments.yes {
                erase::Mode::Erase
            } else {
                erase::Mode::DryRun
            };
            let erasure = erase(&admin_store, &arguments.identity, mode).await?;
            say(&erasure)?;
            if mode == erase::Mode::DryRun {
                hint("nothing was erased; --yes erases, irreversibly");
                return Ok(ExitCode::SUCCESS);
            }
            hint(
                "not erased: the user of the user pool, the identity of the identity pool, logs, messages in queues, \
                 backups of the table. docs/reliability.md says how to remove each",
            );
            Ok(if erasure.left == 0 {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
    }
}

/// Prints the report to standard output, which contains nothing else.
fn say(report: &impl std::fmt::Display) -> Result<(), CliError> {
    writeln!(std::io::stdout().lock(), "{report}").map_err(CliError::Output)
}

fn hint(text: &str) {
    eprintln!("{text}");
}
