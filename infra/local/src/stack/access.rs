//! Accessors of a running stack.

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
    /// Returns the API's address, without a trailing slash.
    pub fn api_url(&self) -> &str {
        self.api_proxy.url()
    }

    /// Returns S3's address for browsers and the functions.
    pub fn s3_url(&self) -> &str {
        self.s3_proxy.url()
    }

    /// Returns the address of the identity pool's API.
    pub fn identity_url(&self) -> &str {
        self.identity.url()
    }

    /// Returns the address of the user pools' API.
    pub fn user_pool_url(&self) -> &str {
        self.cognito_proxy.url()
    }

    /// Returns the address of all other AWS services.
    pub fn fakecloud_url(&self) -> &str {
        self.server.url()
    }

    /// Returns the template's outputs.
    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// Returns the SDK configuration with the emulator's root credentials, which IAM does not
    /// restrict.
    pub fn sdk_config(&self) -> &SdkConfig {
        &self.config
    }

    /// Returns an S3 client as the emulator's root.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(self.sdk_config())
            .endpoint_url(self.s3_url())
            .force_path_style(true)
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }

    /// Returns the functions' containers.
    pub fn containers(&self) -> anyhow::Result<Vec<Container>> {
        self.containers.running()
    }

    /// Returns the log of the functions' calls, where [`Calls`](super::recording::Calls) are
    /// recorded.
    pub fn call_log(&self) -> &CallLog {
        &self.call_log
    }

    /// Returns the folder that holds the logs.
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

    /// Returns the user pool.
    pub fn users(&self) -> &Users {
        &self.users
    }
}
