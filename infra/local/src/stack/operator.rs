//! `local as-operator`: a command with the running stack's addresses and its root's credentials.

use std::{
    ffi::{OsStr, OsString},
    process::ExitCode,
};

use super::{NAME, running::Running, with::run};
use crate::deploy::root::{self, REGION};

/// Runs a command that uses AWS, such as `hikidashi`, against a running stack, and gives its exit
/// code.
pub async fn as_operator(
    stack: &Running,
    program: &OsStr,
    arguments: &[OsString],
) -> anyhow::Result<ExitCode> {
    Ok(run(program, arguments, environment(stack)).await?.into())
}

/// S3 is reached through the proxy, as over TLS: the bucket's policy asks for it of the root, too.
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
