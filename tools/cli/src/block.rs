//! Commands that block and unblock users.

use aws_config::SdkConfig;
use cli::blocked_users::{BlockedUsers, Change};

use crate::{command::BlockCommand, error::CliError, hint, say};

/// Runs a command, with the name of the users' role.
pub(crate) async fn run(
    command: BlockCommand,
    sdk: &SdkConfig,
    users_role: &str,
) -> Result<(), CliError> {
    let blocked_users = BlockedUsers::new(sdk, users_role);
    match command {
        BlockCommand::Block { identity } => {
            let change = blocked_users.block(&identity).await?;
            say(&format_args!("blocked={identity}"))?;
            if change == Change::NotNeeded {
                hint("the user was blocked already; nothing was changed");
            }
        }
        BlockCommand::Unblock { identity } => {
            let change = blocked_users.unblock(&identity).await?;
            say(&format_args!("unblocked={identity}"))?;
            if change == Change::NotNeeded {
                hint("the user was not blocked; nothing was changed");
            }
        }
        BlockCommand::Blocked => {
            for identity in blocked_users.list().await? {
                say(&identity)?;
            }
        }
    }
    Ok(())
}
