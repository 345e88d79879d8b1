//! What a running stack tells its owner.

use std::path::Path;

use aws_config::SdkConfig;

use super::Stack;
use crate::{
    container::Container,
    deploy::outputs::Outputs,
    proxy::call_recorder::CallLog,
    users::{Tokens, User, Users},
};

impl Stack {
    /// The API, without a slash at the end.
    pub fn api_url(&self) -> &str {
        self.api_proxy.url()
    }

    /// S3, as browsers and the functions see it.
    pub fn s3_url(&self) -> &str {
        self.s3_proxy.url()
    }

    /// The identity pool's API.
    pub fn identity_url(&self) -> &str {
        self.identity.url()
    }

    /// Every other AWS service.
    pub fn fakecloud_url(&self) -> &str {
        self.server.url()
    }

    /// The template's outputs.
    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// SDK configuration with the emulator's root credentials, whom IAM does not question.
    pub fn sdk_config(&self) -> &SdkConfig {
        &self.config
    }

    /// S3, as the emulator's root.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(self.sdk_config())
            .endpoint_url(self.s3_url())
            .force_path_style(true)
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }

    /// The functions' processes.
    pub fn containers(&self) -> anyhow::Result<Vec<Container>> {
        self.containers.running()
    }

    /// What the functions called, where [`Calls`](super::recording::Calls) are recorded.
    pub fn call_log(&self) -> &CallLog {
        &self.call_log
    }

    /// The folder that holds the logs.
    pub fn logs(&self) -> &Path {
        self.folder.path()
    }

    /// Creates a user who can sign in.
    pub async fn create_user(&self, name: &str) -> anyhow::Result<User> {
        self.users.create(name).await
    }

    /// Signs a user in.
    pub async fn sign_in(&self, user: &User) -> anyhow::Result<Tokens> {
        self.users.sign_in(&user.email).await
    }

    /// The user pool.
    pub fn users(&self) -> &Users {
        &self.users
    }
}
