//! A container CLI for the emulator, without containers.
//!
//! The emulator starts Lambda functions by calling the program that `FAKECLOUD_CONTAINER_CLI`
//! names, as it would call `docker`. This module is that program: a "container" is a folder with
//! the function's code, and starting it means running its `bootstrap` as an ordinary process behind
//! the Lambda Runtime API. There is deliberately no isolation, so that neither a daemon nor
//! privileges are needed.
//!
//! The variable holds a path without arguments, so the `local` binary checks the name it was called
//! by ([`CLI_NAME`]) and acts as the CLI under that name. The life of a container:
//!
//! 1. `create` makes a folder and notes the environment (`create`, `folder`);
//! 2. `cp` puts the code into it (`copy`);
//! 3. `start` detaches a *supervisor* (`start`, `supervisor`), which serves the invocation endpoint
//!    (`endpoint`), and runs `bootstrap` (`bootstrap`) behind a Runtime API (`runtime_api`), one
//!    invocation at a time (`sandbox`);
//! 4. `rm -f` kills both and deletes the folder (`removal`).
//!
//! No process outlives its purpose: the supervisor ends when the stack or the emulator has ended,
//! and the kernel kills `bootstrap` when the supervisor ends. This needs Linux's `/proc`.

mod bootstrap;
mod cli;
mod copy;
mod create;
mod endpoint;
mod environment;
mod failure;
mod folder;
mod host;
mod json_file;
mod listing;
mod log;
mod process;
mod removal;
mod runtime_api;
mod sandbox;
mod start;
mod supervisor;
#[cfg(test)]
mod tests;
mod usage_error;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

pub(crate) use endpoint::MAX_EVENT_BYTES;
pub use host::{Container, ContainerHost};

/// Name under which the binary acts as a container CLI.
///
/// It is compared with the file name of `argv[0]`.
pub const CLI_NAME: &str = "hikidashi-container";

/// Environment variable of the CLI that holds the folder of all containers.
const ROOT_VARIABLE: &str = "HIKIDASHI_CONTAINERS";

/// Environment variable of the CLI that holds the process id of the stack. No container outlives
/// that process.
const STACK_PID_VARIABLE: &str = "HIKIDASHI_STACK_PID";

/// Acts as the container CLI if this process was called by [`CLI_NAME`].
///
/// `main` calls it before anything else, so that the simple verbs, of which a cold start needs half
/// a dozen, cost no more than the start of a process. Exit codes are docker's: 125 for a usage
/// error, 1 for a failure.
pub fn main_if_invoked_as_cli() -> Option<ExitCode> {
    let mut words = std::env::args_os();
    let name = words.next()?;
    if Path::new(&name).file_name()? != CLI_NAME {
        return None;
    }
    let words: Vec<String> = words
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    // The CLI is a separate program that shares this binary. This function is its `main`, the one
    // place where it reads the process environment.
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let mut stdout = std::io::stdout().lock();
    let outcome = cli::run(&words, &environment, &mut stdout).and_then(|()| Ok(stdout.flush()?));
    Some(match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A failure to write to stderr can't be reported anywhere.
            let _ = writeln!(std::io::stderr(), "{CLI_NAME}: {error:#}");
            ExitCode::from(if error.is::<usage_error::NotUnderstood>() {
                125
            } else {
                1
            })
        }
    })
}
