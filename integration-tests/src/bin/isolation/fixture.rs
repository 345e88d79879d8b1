//! The fixture of the attacks: two users, and everything that the attacker knows.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use aws_credential_types::Credentials;
use integration_tests::images::one_colour_jpeg;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    call::{Call, Signer, api, object},
    forged_tokens::Forgeries,
    signed_client::{Authorization, Reply, Wire},
    target::Target,
    user::Principal,
};

/// Deadline for an upload to become ready, cold starts included.
const READY_WITHIN: Duration = Duration::from_mins(1);

/// The image id of the multipart uploads.
const MULTIPART: &str = "0190a5d0-7bcd-7abc-8def-0123456789ab";

/// A victim with images, an attacker with credentials, and what the attacker knows of the victim.
pub(crate) struct Fixture {
    pub(crate) target: Target,
    pub(crate) wire: Wire,
    pub(crate) operator: Credentials,
    pub(crate) victim: Principal,
    pub(crate) attacker: Principal,
    /// The victim's finished image.
    pub(crate) theirs: String,
    /// The attacker's finished image.
    pub(crate) own: String,
    /// The values that the attacker does not know: the name and the digest of the victim's file.
    pub(crate) secrets: Vec<String>,
    /// The cursor of the victim's second page.
    pub(crate) their_cursor: String,
    /// The cursor of the attacker's second page.
    pub(crate) own_cursor: String,
    /// A multipart upload of a key of the victim's.
    pub(crate) their_upload: String,
    /// A multipart upload of a key of the attacker's.
    pub(crate) own_upload: String,
    /// A presigned URL of the attacker's own image.
    pub(crate) own_url: String,
    /// A presigned URL that the victim has shared.
    pub(crate) shared_url: String,
    pub(crate) forged: Forgeries,
}

impl Fixture {
    /// Creates both users and uploads two images for each.
    pub(crate) async fn create(target: &Target) -> anyhow::Result<Self> {
        let wire = Wire::new()?;
        let operator = target.operator().await?;
        let (victim, attacker) =
            tokio::try_join!(Principal::new(target, &wire), Principal::new(target, &wire))?;
        let file_name = format!("diary-{}.jpg", Uuid::new_v4().simple());
        let (theirs, own) = tokio::try_join!(
            user_store(target, &wire, &victim, &file_name, [200, 30, 30]),
            user_store(target, &wire, &attacker, "own.jpg", [30, 30, 200]),
        )?;
        let sha256 = theirs.resource["sha256"].as_str().context("a digest")?;
        let forged = Forgeries::make(target, &attacker, &victim).await?;
        let mut fixture = Self {
            target: target.clone(),
            wire,
            operator,
            theirs: theirs.image,
            own: own.image,
            secrets: vec![file_name, sha256.to_owned()],
            their_cursor: theirs.cursor,
            own_cursor: own.cursor,
            their_upload: String::new(),
            own_upload: String::new(),
            own_url: url(&own.resource)?,
            shared_url: url(&theirs.resource)?,
            victim,
            attacker,
            forged,
        };
        fixture.their_upload = fixture.begin_multipart(&fixture.their_multipart()).await?;
        fixture.own_upload = fixture.begin_multipart(&fixture.own_multipart()).await?;
        Ok(fixture)
    }

    /// Sends a call with the credentials of its signer.
    pub(crate) async fn send(&self, call: &Call) -> anyhow::Result<Reply> {
        let authorization = match &call.signer {
            Signer::Victim => Authorization::Header(&self.victim.credentials),
            Signer::Operator => Authorization::Header(&self.operator),
            Signer::Anonymous => Authorization::None,
            signer => self.attacker.authorization(signer),
        };
        self.wire.send(&self.target, call, authorization).await
    }

    /// Deletes both users.
    pub(crate) async fn remove(self) -> anyhow::Result<()> {
        self.forged.remove(&self.target).await?;
        for principal in [&self.victim, &self.attacker] {
            self.target.users.delete(&principal.name).await?;
        }
        Ok(())
    }

    pub(crate) fn bucket(&self) -> &str {
        &self.target.outputs.bucket_name
    }

    pub(crate) fn table(&self) -> &str {
        &self.target.outputs.table_name
    }

    /// Returns the key of an original in a user store.
    pub(crate) fn original(&self, identity: &str, image: &str) -> String {
        format!(
            "original-files/{}/{identity}/{image}.jpg",
            self.target.stage
        )
    }

    pub(crate) fn their_original(&self) -> String {
        self.original(&self.victim.identity, &self.theirs)
    }

    pub(crate) fn own_original(&self) -> String {
        self.original(&self.attacker.identity, &self.own)
    }

    /// Returns an unused key in the attacker's user store.
    pub(crate) fn own_new(&self) -> String {
        self.original(&self.attacker.identity, &Uuid::now_v7().to_string())
    }

    pub(crate) fn thumbnail(&self, identity: &str, image: &str) -> String {
        format!(
            "thumbnails/{}/{identity}/{image}/small.jpg",
            self.target.stage
        )
    }

    pub(crate) fn their_thumbnail(&self) -> String {
        self.thumbnail(&self.victim.identity, &self.theirs)
    }

    pub(crate) fn own_thumbnail(&self) -> String {
        self.thumbnail(&self.attacker.identity, &self.own)
    }

    /// Returns the key of the victim's multipart upload.
    pub(crate) fn their_multipart(&self) -> String {
        self.original(&self.victim.identity, MULTIPART)
    }

    /// Returns the key of the attacker's multipart upload.
    pub(crate) fn own_multipart(&self) -> String {
        self.original(&self.attacker.identity, MULTIPART)
    }

    /// Returns whether a reply contains the victim's data.
    pub(crate) fn reveals_secret(&self, reply: &Reply) -> bool {
        let text = reply.text();
        self.secrets
            .iter()
            .any(|secret| text.contains(secret.as_str()))
            || reply.body.as_ref() == one_colour_jpeg([200, 30, 30])
    }

    /// Begins a multipart upload as the operator, because no user may.
    async fn begin_multipart(&self, key: &str) -> anyhow::Result<String> {
        let begin = object("POST", self.bucket(), key)
            .query("uploads=")
            .by(Signer::Operator);
        let text = self.succeed("multipart", &begin).await?;
        let upload = text
            .split_once("<UploadId>")
            .and_then(|(_, rest)| rest.split_once("</UploadId>"))
            .context("no upload id")?
            .0
            .to_owned();
        let part = object("PUT", self.bucket(), key)
            .query(&format!("partNumber=1&uploadId={upload}"))
            .by(Signer::Operator)
            .body(b"a part".as_slice());
        self.succeed("part", &part).await?;
        Ok(upload)
    }

    /// Sends a call that must succeed, and returns the reply's text.
    async fn succeed(&self, what: &str, call: &Call) -> anyhow::Result<String> {
        let reply = self.send(call).await?;
        let text = reply.text();
        ensure!(reply.is_success(), "{what}: {}: {text}", reply.status);
        Ok(text)
    }
}

/// A user store with two images, so that a listing has a second page.
struct UserStore {
    image: String,
    resource: Value,
    cursor: String,
}

async fn user_store(
    target: &Target,
    wire: &Wire,
    principal: &Principal,
    file_name: &str,
    colour: [u8; 3],
) -> anyhow::Result<UserStore> {
    let upload = || principal.upload(target, wire, file_name, one_colour_jpeg(colour));
    let (image, second) = (upload().await?, upload().await?);
    principal.ready(target, wire, &second, READY_WITHIN).await?;
    let resource = principal.ready(target, wire, &image, READY_WITHIN).await?;
    let page = principal
        .ask(target, wire, &api("GET", "/images?limit=1"))
        .await?
        .json()?;
    let cursor = page["nextCursor"]
        .as_str()
        .context("a second page")?
        .to_owned();
    Ok(UserStore {
        image,
        resource,
        cursor,
    })
}

fn url(resource: &Value) -> anyhow::Result<String> {
    Ok(resource["original"]["url"]
        .as_str()
        .context("a URL")?
        .to_owned())
}
