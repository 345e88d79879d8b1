//! The environment variables of a function.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use super::folder::{Folder, Spec};

/// Names under which a container reaches its host. Without a network of its own, the function is on
/// the host already.
const HOST_ALIASES: [&str; 2] = ["host.docker.internal", "host.containers.internal"];

/// Timeout for a function whose own timeout is missing or does not parse.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Replaces the names of the host in a value by the loopback address.
///
/// The emulator replaces `localhost` in a function's variables by such a name, because it assumes
/// that the function runs in a network of its own.
pub(super) fn on_this_host(value: &str) -> String {
    HOST_ALIASES.iter().fold(value.to_owned(), |value, alias| {
        value.replace(alias, "127.0.0.1")
    })
}

/// Builds the whole environment of a `bootstrap`: the container's variables, and Lambda's where
/// they are not given.
///
/// Nothing is inherited from this process, so a developer's credentials never reach a function.
/// Names and values: "Using Lambda environment variables", Lambda developer guide.
pub(super) fn of_bootstrap(
    spec: &Spec,
    folder: &Folder,
    runtime_api: SocketAddr,
) -> BTreeMap<String, String> {
    let task = folder.task().display().to_string();
    let defaults = [
        ("AWS_LAMBDA_FUNCTION_NAME", spec.function.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".into()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128".into()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".into()),
        ("LAMBDA_TASK_ROOT", task.clone()),
        ("LAMBDA_RUNTIME_DIR", task),
        ("_HANDLER", spec.handler.clone()),
        ("LANG", "en_US.UTF-8".into()),
        ("PATH", "/usr/local/bin:/usr/bin:/bin".into()),
        // Lambda gives every execution environment a `/tmp` of its own.
        ("TMPDIR", folder.tmp().display().to_string()),
        ("TZ", ":UTC".into()),
    ];
    let mut env: BTreeMap<String, String> = defaults
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    env.extend(spec.env.clone());
    env.insert("AWS_LAMBDA_RUNTIME_API".into(), runtime_api.to_string());
    env
}

/// Returns the longest duration of one invocation. The emulator passes the function's `Timeout`, in
/// seconds.
pub(super) fn timeout(spec: &Spec) -> Duration {
    spec.env
        .get("AWS_LAMBDA_FUNCTION_TIMEOUT")
        .and_then(|seconds| seconds.parse().ok())
        .map_or(DEFAULT_TIMEOUT, Duration::from_secs)
}

/// Returns the function's ARN. The emulator does not pass its account id, so the ARN holds its
/// default account.
pub(super) fn function_arn(spec: &Spec) -> String {
    let region = spec
        .env
        .get("AWS_REGION")
        .map_or("us-east-1", String::as_str);
    format!(
        "arn:aws:lambda:{region}:123456789012:function:{}",
        spec.function
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(env: &[(&str, &str)]) -> Spec {
        Spec {
            function: "thumbnail".into(),
            instance: None,
            handler: "bootstrap".into(),
            env: env
                .iter()
                .map(|(k, v)| ((*k).into(), (*v).into()))
                .collect(),
        }
    }

    #[test]
    fn the_name_of_the_host_becomes_the_loopback_address() {
        assert_eq!(
            on_this_host("http://host.docker.internal:4566/x,host.containers.internal:1"),
            "http://127.0.0.1:4566/x,127.0.0.1:1"
        );
        assert_eq!(on_this_host("EHLO localhost"), "EHLO localhost");
    }

    #[test]
    fn a_bootstrap_gets_what_lambda_sets_and_the_containers_own_values_win() {
        let spec = spec(&[
            ("TZ", "Asia/Tokyo"),
            ("AWS_LAMBDA_RUNTIME_API", "elsewhere"),
        ]);
        let env = of_bootstrap(&spec, &Folder("/c/1".into()), ([127, 0, 0, 1], 9).into());
        assert_eq!(env["TZ"], "Asia/Tokyo");
        assert_eq!(env["AWS_LAMBDA_FUNCTION_NAME"], "thumbnail");
        assert_eq!(env["LAMBDA_TASK_ROOT"], "/c/1/task");
        assert_eq!(
            env["AWS_LAMBDA_RUNTIME_API"], "127.0.0.1:9",
            "the supervisor's value wins"
        );
    }

    #[test]
    fn the_functions_timeout_is_taken_from_its_environment() {
        let given = spec(&[("AWS_LAMBDA_FUNCTION_TIMEOUT", "7")]);
        assert_eq!(timeout(&given), Duration::from_secs(7));
        assert_eq!(timeout(&spec(&[])), DEFAULT_TIMEOUT);
    }

    #[test]
    fn the_functions_arn_names_its_region() {
        assert_eq!(
            function_arn(&spec(&[("AWS_REGION", "eu-central-1")])),
            "arn:aws:lambda:eu-central-1:123456789012:function:thumbnail"
        );
    }
}
