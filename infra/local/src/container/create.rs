//! `create`: the specification of a new container.

use std::collections::BTreeMap;

use anyhow::Context;
use uuid::Uuid;

use super::environment::on_this_host;
use super::folder::{Root, Spec};
use super::json_file;
use super::usage_error::NotUnderstood;

/// Creates a container from the arguments of `create`, and returns its id.
pub(super) fn create(
    root: &Root,
    words: &[String],
    environment: &BTreeMap<String, String>,
) -> anyhow::Result<String> {
    let mut spec = parse(words, environment)?;
    let on_top: Option<BTreeMap<String, String>> = json_file::read(&root.function_env())?;
    spec.env.extend(on_top.unwrap_or_default());
    let id = Uuid::new_v4().simple().to_string();
    let folder = root.container(&id)?;
    folder.make()?;
    folder.write_spec(&spec)?;
    Ok(id)
}

/// Parses `[options] IMAGE [HANDLER]`. Ports, hosts and mounts are ignored, for there is no
/// isolation.
fn parse(words: &[String], environment: &BTreeMap<String, String>) -> anyhow::Result<Spec> {
    let mut labels = BTreeMap::new();
    let mut env = BTreeMap::new();
    let mut rest = words.iter();
    let image = loop {
        let word = rest.next().context("`create` needs an image")?;
        if !word.starts_with('-') {
            break word;
        }
        let value = rest
            .next()
            .with_context(|| format!("`{word}` needs a value"))?;
        match word.as_str() {
            "-e" | "--env" => env.extend(variable(value, environment)),
            "-l" | "--label" => {
                let (name, value) = value.split_once('=').unwrap_or((value, ""));
                labels.insert(name.to_owned(), value.to_owned());
            }
            "-p" | "--publish" | "--add-host" | "--tmpfs" => {}
            _ => return Err(NotUnderstood::option("create", word)),
        }
    };
    let function = labels.remove("fakecloud-lambda").with_context(|| {
        format!(
            "`{image}` is not a Lambda function, and nothing else can be run without containers"
        )
    })?;
    Ok(Spec {
        function,
        instance: labels.remove("fakecloud-instance"),
        handler: rest.next().cloned().unwrap_or_default(),
        env,
    })
}

/// Parses one `-e`: `K=V`, or `K` with the value from the CLI's own environment, which is how the
/// emulator keeps credentials off the command line. A `K` that is not set there is left out, as
/// docker does.
fn variable(word: &str, environment: &BTreeMap<String, String>) -> Option<(String, String)> {
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, value),
        None => (word, environment.get(word)?.as_str()),
    };
    Some((name.to_owned(), on_this_host(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(Into::into).collect()
    }

    #[test]
    fn the_emulators_command_line_is_understood() {
        let own = BTreeMap::from([("AWS_SECRET_ACCESS_KEY".into(), "secret".into())]);
        let spec = parse(
            &words(
                "-p :8080 --label fakecloud-lambda=upload --label fakecloud-instance=fakecloud-7 \
                 --add-host host.docker.internal:127.0.0.1 -e A=b=c -e AWS_SECRET_ACCESS_KEY \
                 -e MISSING -e URL=http://host.docker.internal:1 --tmpfs /tmp:size=512m,exec \
                 public.ecr.aws/lambda/provided:al2023 bootstrap",
            ),
            &own,
        )
        .unwrap();
        assert_eq!(spec.function, "upload");
        assert_eq!(spec.instance.as_deref(), Some("fakecloud-7"));
        assert_eq!(spec.handler, "bootstrap");
        let expected = [
            ("A", "b=c"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("URL", "http://127.0.0.1:1"),
        ];
        assert_eq!(spec.env, expected.map(|(k, v)| (k.into(), v.into())).into());
    }

    #[test]
    fn what_is_no_function_is_refused() {
        let error = parse(&words("-e A=b postgres:16"), &BTreeMap::new()).unwrap_err();
        assert!(error.to_string().contains("postgres:16"), "{error}");
    }

    #[test]
    fn an_unknown_option_is_named() {
        let error = parse(&words("--gpus all image"), &BTreeMap::new()).unwrap_err();
        assert!(
            error.is::<NotUnderstood>() && error.to_string().contains("--gpus"),
            "{error}"
        );
    }

    #[test]
    fn what_every_function_gets_on_top_wins() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root(dir.path().into());
        let on_top = BTreeMap::from([("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:5")]);
        json_file::write_private(&root.function_env(), &on_top).unwrap();
        let line = words("--label fakecloud-lambda=f -e AWS_ENDPOINT_URL_S3=x -e B=c image");

        let id = create(&root, &line, &BTreeMap::new()).unwrap();

        let env = root.container(&id).unwrap().spec().unwrap().unwrap().env;
        assert_eq!(env["AWS_ENDPOINT_URL_S3"], "http://127.0.0.1:5");
        assert_eq!(env["B"], "c");
    }
}
