//! A user with a token, and with the credentials that anyone gets for it.

use anyhow::Context as _;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use local::stack::Stack;
use reqwest::{Method, RequestBuilder};

/// Somebody who uploads.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) identity: String,
    pub(crate) s3: aws_sdk_s3::Client,
    token: String,
    api_url: String,
    http: reqwest::Client,
}

impl Person {
    pub(crate) async fn new(stack: &Stack, name: &str) -> anyhow::Result<Self> {
        let user = stack.create_user(name).await?;
        let token = stack.sign_in(&user).await?.id;
        let outputs = stack.outputs();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .no_credentials()
            .region(Region::new(outputs.region.clone()))
            .endpoint_url(stack.identity_url())
            .load()
            .await;
        let pool = aws_sdk_cognitoidentity::Client::new(&config);
        let provider = format!(
            "cognito-idp.{}.amazonaws.com/{}",
            outputs.region, outputs.user_pool_id
        );
        let identity = pool
            .get_id()
            .identity_pool_id(&outputs.identity_pool_id)
            .logins(&provider, &token)
            .send()
            .await?
            .identity_id
            .context("an identity id")?;
        let given = pool
            .get_credentials_for_identity()
            .identity_id(&identity)
            .logins(provider, &token)
            .send()
            .await?
            .credentials
            .context("credentials")?;
        let credentials = Credentials::new(
            given.access_key_id.context("an access key")?,
            given.secret_key.context("a secret key")?,
            given.session_token,
            None,
            "the identity pool",
        );
        let s3 = aws_sdk_s3::config::Builder::from(&config)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(stack.s3_url())
            .force_path_style(true)
            .build();
        Ok(Self {
            identity,
            s3: aws_sdk_s3::Client::from_conf(s3),
            token,
            api_url: stack.api_url().to_owned(),
            http: reqwest::Client::builder().no_proxy().build()?,
        })
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.api_url))
            .header("authorization", format!("Bearer {}", self.token))
    }

    /// Without the token: the URL says it all.
    pub(crate) fn put(&self, url: &str) -> RequestBuilder {
        self.http.put(url)
    }
}
