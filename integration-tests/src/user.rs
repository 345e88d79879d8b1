//! A signed-in test user: a client of the API that can also use its AWS credentials directly.

mod direct;

use anyhow::{Context, ensure};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::Credentials;
use local::{
    stack::Stack,
    users::{Tokens, User},
};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use uuid::Uuid;

use crate::stack::eventually;

/// A signed-in user of a stack.
pub struct TestUser<'a> {
    /// The stack.
    pub stack: &'a Stack,
    /// The user's name and password.
    pub user: User,
    /// The user's tokens.
    pub tokens: Tokens,
    http: reqwest::Client,
}

/// The temporary credentials of a test user, which the identity pool issues for an id token.
pub struct Own {
    /// The identity id, `region:uuid`.
    pub identity: String,
    /// S3 with the user's credentials, through the proxy.
    pub s3: aws_sdk_s3::Client,
    /// `DynamoDB` with the user's credentials.
    pub dynamodb: aws_sdk_dynamodb::Client,
}

impl<'a> TestUser<'a> {
    /// Creates a new user and signs it in.
    pub async fn new(stack: &'a Stack) -> anyhow::Result<Self> {
        let user = stack
            .create_user(&format!("user-{}", Uuid::new_v4().simple()))
            .await?;
        Self::of(stack, user).await
    }

    /// Signs in an existing user.
    pub async fn of(stack: &'a Stack, user: User) -> anyhow::Result<Self> {
        let tokens = stack.sign_in(&user).await?;
        Ok(Self {
            stack,
            user,
            tokens,
            http: reqwest::Client::builder().no_proxy().build()?,
        })
    }

    /// Starts a request to the API with the id token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_with(method, path, &self.tokens.id)
    }

    /// Starts a request to the API with any token.
    pub fn request_with(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.stack.api_url()))
            .header("authorization", format!("Bearer {token}"))
    }

    /// Uploads bytes without checking the response.
    pub async fn post(&self, path: &str, bytes: Vec<u8>) -> anyhow::Result<Response> {
        let request = self
            .request(Method::POST, path)
            .header("content-type", "application/octet-stream");
        Ok(request.body(bytes).send().await?)
    }

    /// Uploads an image and returns its id. Fails unless the API accepts the image.
    pub async fn upload(&self, bytes: Vec<u8>) -> anyhow::Result<String> {
        let response = self.post("/upload", bytes).await?;
        let status = response.status();
        let body = response.text().await?;
        ensure!(status == 201, "{status}: {body}");
        let resource: Value = serde_json::from_str(&body)?;
        Ok(resource["imageId"]
            .as_str()
            .context("an image id")?
            .to_owned())
    }

    /// Starts a `PUT` without the token, for a presigned URL.
    pub fn put(&self, url: &str) -> RequestBuilder {
        self.http.put(url)
    }

    /// Sends a `GET` and returns its status and JSON.
    pub async fn get(&self, path: &str) -> anyhow::Result<(u16, Value)> {
        let response = self.request(Method::GET, path).send().await?;
        Ok((response.status().as_u16(), response.json().await?))
    }

    /// Returns the items of the listing.
    pub async fn items(&self) -> anyhow::Result<Vec<Value>> {
        let (status, listing) = self.get("/images").await?;
        ensure!(status == 200, "{status}: {listing}");
        Ok(listing["items"].as_array().context("items")?.clone())
    }

    /// Waits until an image is no longer pending.
    pub async fn done(&self, image: &str) -> anyhow::Result<Value> {
        let path = format!("/images/{image}");
        let path = path.as_str();
        eventually("the image is ready or failed", || async move {
            let (status, image) = self.get(path).await?;
            Ok((status == 200 && image["status"] != "pending").then_some(image))
        })
        .await
    }

    /// Waits until an image is ready.
    pub async fn ready(&self, image: &str) -> anyhow::Result<Value> {
        let resource = self.done(image).await?;
        ensure!(resource["status"] == "ready", "{resource}");
        Ok(resource)
    }

    /// Exchanges a token at the identity pool, without the API.
    pub async fn exchange(&self, token: &str) -> anyhow::Result<(String, Credentials)> {
        let outputs = self.stack.outputs();
        let config = anonymous(self.stack).await;
        let config = aws_sdk_cognitoidentity::config::Builder::from(&config)
            .endpoint_url(self.stack.identity_url())
            .build();
        let pool = aws_sdk_cognitoidentity::Client::from_conf(config);
        let provider = format!(
            "cognito-idp.{}.amazonaws.com/{}",
            outputs.region, outputs.user_pool_id
        );
        let identity = pool
            .get_id()
            .identity_pool_id(&outputs.identity_pool_id)
            .logins(&provider, token)
            .send()
            .await?
            .identity_id
            .context("an identity id")?;
        let given = pool
            .get_credentials_for_identity()
            .identity_id(&identity)
            .logins(provider, token)
            .send()
            .await?
            .credentials
            .context("credentials")?;
        let credentials = Credentials::new(
            given.access_key_id.context("an access key")?,
            given.secret_key.context("a secret key")?,
            given.session_token,
            None,
            "test",
        );
        Ok((identity, credentials))
    }

    /// Returns the user's identity, and clients with the user's own credentials.
    pub async fn own(&self) -> anyhow::Result<Own> {
        let (identity, credentials) = self.exchange(&self.tokens.id).await?;
        let (s3, dynamodb) = clients(self.stack, credentials).await;
        Ok(Own {
            identity,
            s3,
            dynamodb,
        })
    }
}

/// Makes clients of S3 and `DynamoDB` with the given credentials.
pub async fn clients(
    stack: &Stack,
    credentials: Credentials,
) -> (aws_sdk_s3::Client, aws_sdk_dynamodb::Client) {
    let config = anonymous(stack).await.into_builder();
    let config = config
        .credentials_provider(aws_sdk_dynamodb::config::SharedCredentialsProvider::new(
            credentials,
        ))
        .build();
    // The proxy marks requests as sent over TLS. Without it, the bucket policy denies every
    // request, and a test of another denial would prove nothing.
    let s3 = aws_sdk_s3::config::Builder::from(&config)
        .endpoint_url(stack.s3_url())
        .force_path_style(true)
        .build();
    (
        aws_sdk_s3::Client::from_conf(s3),
        aws_sdk_dynamodb::Client::new(&config),
    )
}

async fn anonymous(stack: &Stack) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .no_credentials()
        .region(Region::new(stack.outputs().region.clone()))
        .endpoint_url(stack.fakecloud_url())
        .load()
        .await
}
