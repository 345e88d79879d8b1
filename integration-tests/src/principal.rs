//! A signed-in user, with credentials from the identity pool and without the API.

use std::time::{Duration, Instant};

use crate::images::one_colour_jpeg;
use anyhow::{Context as _, bail, ensure};
use aws_credential_types::Credentials;
use local::users::Tokens;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    call::{Call, Service, Signer, api, encoded, json},
    signed_client::{Authorization, Reply, Wire},
    target::Target,
};

const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A user and their own temporary credentials.
#[derive(Debug)]
pub struct Principal {
    /// The name that the user was created by.
    pub name: String,
    /// The tokens of the sign-in.
    pub tokens: Tokens,
    /// The identity id, `region:uuid`.
    pub identity: String,
    /// The credentials that the identity pool has issued.
    pub credentials: Credentials,
}

impl Principal {
    /// Creates a new user, signs it in, and fetches credentials from the identity pool.
    pub async fn new(target: &Target, wire: &Wire) -> anyhow::Result<Self> {
        let name = format!("isolation-{}", Uuid::new_v4().simple());
        target.users.create(&name).await?;
        let tokens = target.users.sign_in(&name).await?;
        let logins = json!({ target.login_provider(): tokens.id });
        let pool = &target.outputs.identity_pool_id;
        let given = json(
            Service::CognitoIdentity,
            "GetId",
            &json!({"IdentityPoolId": pool, "Logins": logins}),
        );
        let given = succeed(&wire.send(target, &given, Authorization::None).await?)?;
        let identity = text(&given, "IdentityId")?;
        let given = json(
            Service::CognitoIdentity,
            "GetCredentialsForIdentity",
            &json!({"IdentityId": identity, "Logins": logins}),
        );
        let given = succeed(&wire.send(target, &given, Authorization::None).await?)?;
        let given = &given["Credentials"];
        let credentials = Credentials::new(
            text(given, "AccessKeyId")?,
            text(given, "SecretKey")?,
            Some(text(given, "SessionToken")?),
            None,
            "the identity pool",
        );
        Ok(Self {
            name,
            tokens,
            identity,
            credentials,
        })
    }

    /// Sends a call to the API as this user.
    pub async fn ask(&self, target: &Target, wire: &Wire, call: &Call) -> anyhow::Result<Reply> {
        wire.send(target, call, Authorization::Bearer(&self.tokens.id))
            .await
    }

    /// Uploads an image and returns its id. Fails unless the API accepts the image.
    pub async fn upload(
        &self,
        target: &Target,
        wire: &Wire,
        file_name: &str,
        bytes: Vec<u8>,
    ) -> anyhow::Result<String> {
        let call = api("POST", format!("/upload?name={}", encoded(file_name)))
            .header("content-type", "application/octet-stream")
            .body(bytes);
        let reply = self.ask(target, wire, &call).await?;
        ensure!(
            reply.status == 201,
            "upload: {}: {}",
            reply.status,
            reply.text()
        );
        text(&reply.json()?, "imageId")
    }

    /// Waits until an image is ready, and returns it.
    pub async fn ready(
        &self,
        target: &Target,
        wire: &Wire,
        image: &str,
        within: Duration,
    ) -> anyhow::Result<Value> {
        let started = Instant::now();
        loop {
            let reply = self
                .ask(target, wire, &api("GET", format!("/images/{image}")))
                .await?;
            ensure!(
                reply.status == 200,
                "read: {}: {}",
                reply.status,
                reply.text()
            );
            let resource = reply.json()?;
            match resource["status"].as_str() {
                Some("ready") => return Ok(resource),
                Some("pending") if started.elapsed() < within => {}
                _ => bail!("not ready within {within:?}: {resource}"),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Uploads an image of one colour, waits until it is ready, and returns its id.
    pub async fn upload_ready(
        &self,
        target: &Target,
        wire: &Wire,
        file_name: &str,
        within: Duration,
    ) -> anyhow::Result<String> {
        let bytes = one_colour_jpeg([90, 90, 90]);
        let image = self.upload(target, wire, file_name, bytes).await?;
        self.ready(target, wire, &image, within).await?;
        Ok(image)
    }

    /// Returns the authorization that a signer stands for.
    pub fn authorization(&self, signer: &Signer) -> Authorization<'_> {
        match signer {
            Signer::AttackerInUrl => Authorization::Url(&self.credentials),
            Signer::Token => Authorization::Bearer(&self.tokens.id),
            _ => Authorization::Header(&self.credentials),
        }
    }
}

/// Returns the JSON of a response. Fails unless the response is a success.
pub fn succeed(reply: &Reply) -> anyhow::Result<Value> {
    ensure!(reply.is_success(), "{}: {}", reply.status, reply.text());
    reply.json()
}

/// Returns a member that must be a string.
pub fn text(value: &Value, member: &str) -> anyhow::Result<String> {
    let found = value[member]
        .as_str()
        .with_context(|| format!("no {member} in {value}"))?;
    Ok(found.to_owned())
}
