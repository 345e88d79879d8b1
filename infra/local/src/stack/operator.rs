//! `local as-operator`: a command with the running stack's addresses and the root's credentials.

use std::{
    ffi::{OsStr, OsString},
    process::ExitCode,
};

use super::{NAME, running::Running, with::run};
use crate::deploy::root::{self, REGION};

/// Runs a command that uses AWS, such as `hikidashi`, against a running stack, and returns its exit
/// code.
pub async fn as_operator(
    stack: &Running,
    program: &OsStr,
    arguments: &[OsString],
) -> anyhow::Result<ExitCode> {
    Ok(run(program, arguments, environment(stack)).await?.into())
}

/// Returns the command's environment. S3 is reached through the proxy, which stands for TLS: the
/// bucket's policy requires TLS of the root, too.
fn environment(stack: &Running) -> [(&'static str, String); 6] {
    [
        ("AWS_ENDPOINT_URL", stack.fakecloud_url.clone()),
        ("AWS_ENDPOINT_URL_S3", stack.s3_url.clone()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", root::KEY.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", root::KEY.to_owned()),
        ("HIKIDASHI_STACK", NAME.to_owned()),
    ]
}
