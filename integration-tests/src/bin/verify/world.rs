//! The stack and two users.

use std::time::{Duration, Instant};

use anyhow::bail;
use aws_credential_types::Credentials;
use integration_tests::{
    call::{Call, api, object},
    principal::Principal,
    signed_client::{Authorization, Reply, Wire},
    target::{Kind, Target},
};
use serde_json::Value;
use uuid::Uuid;

use crate::found::Found;

/// What [`summary`] says of a denial by IAM.
pub(crate) const DENIED: &str = "denied";

/// Deadline of the pipeline, with cold starts and retries.
const WITHIN: Duration = Duration::from_mins(2);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Everything that the checks use.
pub(crate) struct World {
    pub(crate) target: Target,
    pub(crate) wire: Wire,
    pub(crate) operator: Credentials,
    pub(crate) alice: Principal,
    pub(crate) bob: Principal,
    /// An origin that the API and the bucket allow.
    pub(crate) origin: String,
}

impl World {
    pub(crate) async fn create(target: &Target, origin: &str) -> anyhow::Result<Self> {
        let wire = Wire::new()?;
        Ok(Self {
            operator: target.operator().await?,
            alice: Principal::new(target, &wire).await?,
            bob: Principal::new(target, &wire).await?,
            target: target.clone(),
            wire,
            origin: origin.to_owned(),
        })
    }

    /// Deletes the users. Their images stay: only the users' own credentials could delete them.
    pub(crate) async fn remove(self) -> anyhow::Result<()> {
        for user in [&self.alice, &self.bob] {
            self.target.users.delete(&user.name).await?;
        }
        Ok(())
    }

    /// Returns why a check is skipped on the local stack, if this is one.
    pub(crate) fn skipped_locally(&self, reason: &'static str) -> Option<Found> {
        (self.target.kind == Kind::Local).then_some(Found::Skipped(reason))
    }

    pub(crate) fn bucket(&self) -> &str {
        &self.target.outputs.bucket_name
    }

    /// Returns a new image id, and the key of its original for a user.
    pub(crate) fn new_key(&self, user: &Principal) -> (String, String) {
        let image = Uuid::now_v7().to_string();
        let key = format!(
            "original-files/{}/{}/{image}.jpg",
            self.target.stage, user.identity
        );
        (image, key)
    }

    /// Makes a request for an object of the bucket.
    pub(crate) fn object(&self, method: &str, key: &str) -> Call {
        object(method, self.bucket(), key)
    }

    /// Sends a call with a user's own AWS credentials.
    pub(crate) async fn as_user(&self, user: &Principal, call: &Call) -> anyhow::Result<Reply> {
        let authorization = Authorization::Header(&user.credentials);
        self.wire.send(&self.target, call, authorization).await
    }

    /// Sends a call with the operator's credentials.
    pub(crate) async fn as_operator(&self, call: &Call) -> anyhow::Result<Reply> {
        let authorization = Authorization::Header(&self.operator);
        self.wire.send(&self.target, call, authorization).await
    }

    /// Sends a call without credentials.
    pub(crate) async fn anonymous(&self, call: &Call) -> anyhow::Result<Reply> {
        self.wire
            .send(&self.target, call, Authorization::None)
            .await
    }

    /// Sends a call to the API with a user's id token.
    pub(crate) async fn ask(&self, user: &Principal, call: &Call) -> anyhow::Result<Reply> {
        user.ask(&self.target, &self.wire, call).await
    }

    /// Waits until a user's image meets a condition.
    pub(crate) async fn image_when(
        &self,
        user: &Principal,
        image: &str,
        is_met: impl Fn(&Reply, &Value) -> bool,
    ) -> anyhow::Result<Value> {
        let started = Instant::now();
        let call = api("GET", format!("/images/{image}"));
        loop {
            let reply = self.ask(user, &call).await?;
            let resource = reply.json()?;
            if is_met(&reply, &resource) {
                return Ok(resource);
            }
            if started.elapsed() > WITHIN {
                bail!("not within {WITHIN:?}: {}: {resource}", reply.status);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until an image is ready or failed.
    pub(crate) async fn done(&self, user: &Principal, image: &str) -> anyhow::Result<Value> {
        let is_done = |reply: &Reply, resource: &Value| {
            reply.status == 200 && resource["status"] != "pending"
        };
        self.image_when(user, image, is_done).await
    }
}

/// Describes a reply by its status and its error code. A denial by IAM is `denied`: services differ
/// in its spelling, and so do AWS and the emulator.
pub(crate) fn summary(reply: &Reply) -> Found {
    let code = reply.code();
    if ["AccessDenied", "AccessDeniedException"].contains(&code.as_str()) {
        return DENIED.to_owned().into();
    }
    let text = format!("{} {code}", reply.status);
    text.trim_end().to_owned().into()
}
