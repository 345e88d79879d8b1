//! Back ends of the subjects: the stub, or the local stack.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use aws_sdk_s3::{Client, types::NotificationConfiguration};
use bytes::Bytes;

use super::{
    environment::ENVIRONMENT,
    event::{self, now_unix_secs},
    fake_aws::{Calls, Stub},
    slow_aws::Latencies,
    subject::Subject,
    tls::Certificate,
};

use local::{
    console::Verbosity,
    stack::{Stack, StackOptions},
};

/// A place where subjects store files, with a check of what they stored.
pub(super) trait BackEnd {
    /// Returns the ID token of a user who may upload.
    fn token(&self) -> &str;

    /// Returns the environment with which a subject reaches the back end.
    fn environment(&self) -> &BTreeMap<String, String>;

    /// Resets the record of stored files.
    async fn clear(&mut self) -> anyhow::Result<()>;

    /// Fails unless exactly this many complete files were stored since the last check, by the
    /// expected calls.
    async fn verify(&mut self, subject: Subject, requests: usize) -> anyhow::Result<()>;
}

/// Back end on a [`Stub`].
pub(super) struct Stubbed {
    stub: Stub,
    seen: Calls,
    token: String,
    environment: BTreeMap<String, String>,
}

impl Stubbed {
    /// Starts a stub that answers at once.
    pub(super) fn start(file: Bytes) -> anyhow::Result<Self> {
        Self::of(Stub::start(file, Latencies::default(), None)?)
    }

    /// Starts a stub that answers as late as AWS does, over TLS.
    pub(super) fn start_far_away(
        file: Bytes,
        latencies: Latencies,
        certificate: &Certificate,
    ) -> anyhow::Result<Self> {
        let mut stubbed = Self::of(Stub::start(file, latencies, Some(certificate))?)?;
        stubbed.environment.extend(certificate.environment());
        Ok(stubbed)
    }

    fn of(stub: Stub) -> anyhow::Result<Self> {
        let environment = endpoints(&stub.url());
        Ok(Self {
            stub,
            seen: Calls::default(),
            token: stub_token()?,
            environment,
        })
    }
}

/// Returns the environment that sends all calls of AWS services to one URL.
pub(super) fn endpoints(url: &str) -> BTreeMap<String, String> {
    [
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3",
        "AWS_ENDPOINT_URL_DYNAMODB",
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY",
    ]
    .map(|name| (name.to_owned(), url.to_owned()))
    .into()
}

/// Creates a token that functions with [`ENVIRONMENT`] accept.
pub(super) fn stub_token() -> anyhow::Result<String> {
    let variable = |name| {
        ENVIRONMENT
            .iter()
            .find_map(|(key, value)| (*key == name).then_some(*value))
            .with_context(|| format!("no {name}"))
    };
    Ok(event::unsigned_token(
        variable("HIKIDASHI_ISSUER")?,
        variable("HIKIDASHI_CLIENT_IDS")?,
        now_unix_secs(),
    ))
}

impl BackEnd for Stubbed {
    fn token(&self) -> &str {
        &self.token
    }

    fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    async fn clear(&mut self) -> anyhow::Result<()> {
        // The comparison of the last body may still be running: its subject has the response
        // already.
        let mut calls = self.stub.calls();
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let now = self.stub.calls();
            if now == calls {
                self.seen = now;
                return Ok(());
            }
            calls = now;
        }
    }

    async fn verify(&mut self, subject: Subject, requests: usize) -> anyhow::Result<()> {
        let (exchanges, updates) = match subject {
            Subject::Ours | Subject::NodeCached => (0, requests),
            Subject::NodeClassic => (requests, 0),
        };
        let expected = Calls {
            exchanges: self.seen.exchanges + exchanges,
            updates: self.seen.updates + updates,
            files: self.seen.files + requests,
            strange: self.seen.strange,
        };
        let began = Instant::now();
        while self.stub.calls() != expected {
            if began.elapsed() > Duration::from_secs(5) {
                bail!("expected {expected:?}, got {:?}", self.stub.calls());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.seen = expected;
        Ok(())
    }
}

/// The local stack, whose own functions are idle.
pub(super) struct LocalStack {
    pub(super) stack: Stack,
    pub(super) s3: Client,
    pub(super) token: String,
}

impl LocalStack {
    /// Starts the stack, creates a user, and disconnects the thumbnail function: it would use the
    /// same two cores.
    pub(super) async fn start() -> anyhow::Result<Self> {
        let stack = Stack::start(StackOptions {
            verbosity: Verbosity::Quiet,
            ..StackOptions::default()
        })
        .await?;
        let user = stack.create_user("alice").await?;
        let token = stack.sign_in(&user).await?.id;
        let config = aws_sdk_s3::config::Builder::from(stack.sdk_config())
            .force_path_style(true)
            .build();
        let s3 = Client::from_conf(config);
        s3.put_bucket_notification_configuration()
            .bucket(&stack.outputs().bucket_name)
            .notification_configuration(NotificationConfiguration::builder().build())
            .send()
            .await?;
        Ok(Self { stack, s3, token })
    }

    /// Returns the environment that the template gives to a function, as the emulator would pass it
    /// on.
    pub(super) fn environment_of(
        &self,
        function: &str,
    ) -> anyhow::Result<BTreeMap<String, String>> {
        let container = self
            .stack
            .containers()?
            .into_iter()
            .find(|container| container.function.ends_with(function))
            .with_context(|| format!("no {function} function is running"))?;
        Ok(container.env)
    }

    pub(super) fn expecting(&self, file: Bytes) -> anyhow::Result<Bucket<'_>> {
        Ok(Bucket {
            environment: self.environment_of("-upload")?,
            local: self,
            file,
        })
    }

    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.stack.stop().await
    }
}

/// The local stack's bucket, in which copies of one file are expected.
pub(super) struct Bucket<'a> {
    local: &'a LocalStack,
    environment: BTreeMap<String, String>,
    file: Bytes,
}

impl Bucket<'_> {
    /// Removes all objects and fails unless each is the file.
    async fn take_all(&self) -> anyhow::Result<usize> {
        let bucket = &self.local.stack.outputs().bucket_name;
        let s3 = &self.local.s3;
        let listing = s3.list_objects_v2().bucket(bucket).send().await?;
        ensure!(
            listing.is_truncated() != Some(true),
            "more than one page of objects"
        );
        for object in listing.contents() {
            let key = object.key().context("an object without a key")?;
            let got = s3.get_object().bucket(bucket).key(key).send().await?;
            let bytes = got.body.collect().await?.into_bytes();
            ensure!(bytes == self.file, "{key} is not the file");
            s3.delete_object().bucket(bucket).key(key).send().await?;
        }
        Ok(listing.contents().len())
    }
}

impl BackEnd for Bucket<'_> {
    fn token(&self) -> &str {
        &self.local.token
    }

    fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    async fn clear(&mut self) -> anyhow::Result<()> {
        self.take_all().await?;
        Ok(())
    }

    async fn verify(&mut self, _subject: Subject, requests: usize) -> anyhow::Result<()> {
        let files = self.take_all().await?;
        ensure!(files == requests, "{files} files from {requests} requests");
        Ok(())
    }
}
