//! `local with-stack`: a stack for one command.

use crate::users::DEMO_USERS;
use std::{
    ffi::{OsStr, OsString},
    os::unix::process::ExitStatusExt as _,
    process::{ExitCode, ExitStatus},
};

use anyhow::Context as _;
use tokio::process::Command;

use super::{Stack, StackOptions, up::stop_signal};
use crate::console::Verbosity;

/// Exit code that a shell reports for a command that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Starts a stack with two users, runs a command against it, stops it and returns the command's
/// exit code.
///
/// The command finds the API in `HIKIDASHI_API_URL`, the services behind it in `HIKIDASHI_AWS_URL`,
/// and the users' id tokens in `HIKIDASHI_ID_TOKEN` and `HIKIDASHI_OTHER_ID_TOKEN`. They are valid
/// for an hour. Only the command prints to standard output.
pub async fn with_stack(program: &OsStr, arguments: &[OsString]) -> anyhow::Result<ExitCode> {
    // Installed before the first process starts, so that an early Ctrl-C leaves none behind.
    let stopped = stop_signal()?;
    tokio::pin!(stopped);
    let options = StackOptions {
        verbosity: Verbosity::Quiet,
        ..StackOptions::default()
    };
    let stack = tokio::select! {
        stack = Stack::start(options) => stack?,
        () = &mut stopped => return Ok(INTERRUPTED.into()),
    };
    let environment = environment(&stack).await?;
    let code = tokio::select! {
        code = run(program, arguments, environment) => code,
        () = &mut stopped => Ok(INTERRUPTED),
    };
    stack.stop().await?;
    Ok(code?.into())
}

async fn environment(stack: &Stack) -> anyhow::Result<[(&'static str, String); 4]> {
    let [user, other] = DEMO_USERS;
    Ok([
        ("HIKIDASHI_API_URL", stack.api_url().to_owned()),
        ("HIKIDASHI_AWS_URL", stack.fakecloud_url().to_owned()),
        ("HIKIDASHI_ID_TOKEN", id_token(stack, user).await?),
        ("HIKIDASHI_OTHER_ID_TOKEN", id_token(stack, other).await?),
    ])
}

async fn id_token(stack: &Stack, name: &str) -> anyhow::Result<String> {
    let user = stack.create_user(name).await?;
    Ok(stack.sign_in(&user).await?.id)
}

/// Runs a command, which is killed if this future is dropped.
pub(super) async fn run(
    program: &OsStr,
    arguments: &[OsString],
    environment: impl IntoIterator<Item = (&'static str, String)>,
) -> anyhow::Result<u8> {
    let status = Command::new(program)
        .args(arguments)
        .envs(environment)
        .kill_on_drop(true)
        .status()
        .await
        .with_context(|| format!("can't run {}", program.display()))?;
    Ok(exit_code(status))
}

/// Maps a status to an exit code as shells do: 128 plus the signal's number for a signal.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok())
        .unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::run;

    async fn code_of(script: &str) -> anyhow::Result<u8> {
        let environment = [("HIKIDASHI_API_URL", "http://localhost:1".to_owned())];
        run("sh".as_ref(), &["-c".into(), script.into()], environment).await
    }

    #[tokio::test]
    async fn a_command_s_exit_code_is_passed_on() {
        assert_eq!(code_of("exit 0").await.unwrap(), 0);
        assert_eq!(code_of("exit 7").await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_command_that_a_signal_ended_has_not_succeeded() {
        assert_eq!(code_of("kill -TERM $$").await.unwrap(), 143);
    }

    #[tokio::test]
    async fn a_command_finds_the_api_in_its_environment() {
        let asked = "test \"$HIKIDASHI_API_URL\" = http://localhost:1";
        assert_eq!(code_of(asked).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_command_that_is_not_there_is_named() {
        let error = run("no-such-command".as_ref(), &[], []).await.unwrap_err();
        assert!(error.to_string().contains("no-such-command"), "{error}");
    }
}
