//! Command-line arguments.

use std::{num::NonZeroU32, time::Duration};

use clap::{Args, Parser, Subcommand};
use common::identity_id::IdentityId;
use maintenance::reconcile::{Cursor, Mode, Options, RunScope};

/// Maintenance of a deployed stack, with your own AWS credentials.
#[derive(Debug, Parser)]
#[command(name = "hikidashi")]
pub(crate) struct Cli {
    /// Name of the `CloudFormation` stack.
    #[arg(
        long,
        env = "HIKIDASHI_STACK",
        default_value = "hikidashi",
        global = true
    )]
    pub(crate) stack: String,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Repairs records and variants according to the bucket. Without --apply, only reports.
    Reconcile(Reconcile),
    /// Moves the messages of the unreadable queue back to the worker's queue.
    Redrive,
    /// Erases a user's originals, variants and records. Without --yes, only counts them.
    Erase(Erase),
    /// Shows and changes what one user may do.
    #[command(subcommand)]
    User(UserCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Usage and quota.
    #[command(flatten)]
    Usage(UsageCommand),
    /// Blocking.
    #[command(flatten)]
    Block(BlockCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum BlockCommand {
    /// Denies a user everything at once, with credentials and URLs that they have already, too.
    Block {
        /// Identity id of the user, from the identity pool.
        #[arg(long, value_parser = identity)]
        identity: IdentityId,
    },
    /// Takes the denial away.
    Unblock {
        /// Identity id of the user, from the identity pool.
        #[arg(long, value_parser = identity)]
        identity: IdentityId,
    },
    /// Lists the identity ids of the blocked users.
    Blocked,
}

#[derive(Args, Debug)]
pub(crate) struct Reconcile {
    /// Repairs what is reported.
    #[arg(long)]
    apply: bool,
    /// Identity id of one user, instead of the whole stage.
    #[arg(long, value_parser = identity)]
    identity: Option<IdentityId>,
    /// Grace period in seconds: images that changed less long ago are skipped.
    #[arg(long, value_name = "SECONDS", default_value_t = Options::GRACE.as_secs())]
    grace: u64,
    /// Maximum originals to send to the worker again.
    #[arg(long, default_value_t = Options::MAX_ENQUEUE)]
    max_enqueue: u64,
    /// Maximum records and variants to remove.
    #[arg(long, default_value_t = Options::MAX_REMOVE)]
    max_remove: u64,
    /// Maximum foreign objects and items to remove: what belongs to no image.
    #[arg(long, default_value_t = Options::MAX_FOREIGN)]
    max_foreign: u64,
    /// Age in days from which foreign objects are removed.
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    foreign_days: u32,
    /// Maximum originals to send per second.
    #[arg(long, default_value_t = Options::PER_SECOND)]
    per_second: NonZeroU32,
    /// Cursor at which to resume: the value of `resume=` in a report.
    #[arg(long)]
    resume: Option<Cursor>,
}

#[derive(Args, Debug)]
pub(crate) struct Erase {
    /// Identity id of the user, from the identity pool, such as
    /// eu-west-1:01234567-89ab-cdef-0123-456789abcdef.
    #[arg(long, value_parser = identity)]
    pub(crate) identity: IdentityId,
    /// Erases instead of counting.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UsageCommand {
    /// Shows what a user stores, and may store.
    Usage(Usage),
    /// Overrides the stage's quota for one user, or removes the override.
    Quota(Quota),
}

#[derive(Args, Debug)]
pub(crate) struct Usage {
    /// Identity id of the user.
    #[arg(long, value_parser = identity)]
    pub(crate) identity: IdentityId,
}

#[derive(Args, Debug)]
pub(crate) struct Quota {
    /// Identity id of the user.
    #[arg(long, value_parser = identity)]
    pub(crate) identity: IdentityId,
    /// Most bytes of originals; 0 for no limit.
    #[arg(long, value_name = "N")]
    pub(crate) max_bytes: Option<u64>,
    /// Most images; 0 for no limit.
    #[arg(long, value_name = "N")]
    pub(crate) max_images: Option<u64>,
    /// Removes the override: the stage's quota holds.
    #[arg(long, conflicts_with_all = ["max_bytes", "max_images"], required_unless_present_any = ["max_bytes", "max_images"])]
    pub(crate) default: bool,
}

impl Reconcile {
    pub(crate) fn into_options(self) -> Options {
        Options {
            mode: if self.apply {
                Mode::Apply
            } else {
                Mode::DryRun
            },
            extent: self.identity.map_or(RunScope::Stage, RunScope::User),
            grace: Duration::from_secs(self.grace),
            max_enqueue: self.max_enqueue,
            max_remove: self.max_remove,
            max_foreign: self.max_foreign,
            foreign_age: Duration::from_hours(24) * self.foreign_days,
            per_second: self.per_second,
            resume: self.resume,
            deadline: None,
        }
    }
}

fn identity(text: &str) -> Result<IdentityId, String> {
    IdentityId::parse(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    const IDENTITY: &str = "eu-west-1:01234567-89ab-cdef-0123-456789abcdef";

    fn parse(arguments: &str) -> Result<Command, clap::Error> {
        Cli::try_parse_from(arguments.split(' ')).map(|cli| cli.command)
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn nothing_is_changed_without_apply_or_yes() {
        let Ok(Command::Reconcile(arguments)) = parse("hikidashi reconcile") else {
            panic!("not a reconciliation");
        };
        assert_eq!(arguments.into_options().mode, Mode::DryRun);
        let Ok(Command::Erase(arguments)) =
            parse(&format!("hikidashi erase --identity {IDENTITY}"))
        else {
            panic!("not an erasure");
        };
        assert!(!arguments.yes);
    }

    #[test]
    fn an_invalid_identity_is_refused() {
        for identity in ["", "*", "eu-west-1", &IDENTITY[..IDENTITY.len() - 1]] {
            let arguments = ["hikidashi", "erase", "--yes", "--identity", identity];
            assert!(Cli::try_parse_from(arguments).is_err(), "{identity}");
            for command in ["block", "unblock"] {
                let arguments = ["hikidashi", "user", command, "--identity", identity];
                assert!(Cli::try_parse_from(arguments).is_err(), "{identity}");
            }
        }
    }

    #[test]
    fn a_quota_is_a_limit_of_at_least_0_or_the_default() {
        let parse = |rest: &str| {
            let line = format!("hikidashi user quota --identity {IDENTITY} {rest}");
            Cli::try_parse_from(line.split_whitespace())
        };
        for good in ["--max-bytes 0", "--max-images 5 --max-bytes 7", "--default"] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "--max-bytes -1",
            "--max-bytes=-1",
            "--max-images ten",
            "--max-bytes 18446744073709551616",
            "--default --max-bytes 1",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_cursor_of_a_report_is_accepted() {
        let Ok(Command::Reconcile(arguments)) =
            parse("hikidashi reconcile --apply --resume table: --stack x")
        else {
            panic!("not a reconciliation");
        };
        let options = arguments.into_options();
        assert_eq!(
            (options.mode, options.resume),
            (Mode::Apply, Some(Cursor::Table(None)))
        );
    }
}
