//! Two users and everything that the attacker knows.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use aws_credential_types::Credentials;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    call::{Call, Signer, api, object},
    forged_tokens::Forgeries,
    picture,
    signed_client::{Authorization, Reply, Wire},
    target::Place,
    user::Person,
};

/// How long an upload may take to become ready, cold starts included.
const READY_WITHIN: Duration = Duration::from_mins(1);

/// A victim with images, an attacker with credentials, and what the attacker knows of the victim.
pub(crate) struct Scene {
    pub(crate) place: Place,
    pub(crate) wire: Wire,
    pub(crate) operator: Credentials,
    pub(crate) victim: Person,
    pub(crate) attacker: Person,
    /// The victim's finished image.
    pub(crate) theirs: String,
    /// The attacker's finished image.
    pub(crate) own: String,
    /// What the attacker does not know: the name and the digest of the victim's file.
    pub(crate) secrets: Vec<String>,
    /// Where the victim's second page starts.
    pub(crate) their_cursor: String,
    /// Where the attacker's second page starts.
    pub(crate) own_cursor: String,
    /// A multipart upload that the victim has begun.
    pub(crate) their_upload: String,
    /// A multipart upload that the attacker has begun.
    pub(crate) own_upload: String,
    /// A presigned URL that the attacker has been given: their own.
    pub(crate) own_url: String,
    /// A presigned URL that the victim has shared.
    pub(crate) shared_url: String,
    pub(crate) forged: Forgeries,
}

impl Scene {
    /// Creates both, and gives each two pictures.
    pub(crate) async fn set(place: &Place) -> anyhow::Result<Self> {
        let wire = Wire::new()?;
        let operator = place.operator().await?;
        let (victim, attacker) =
            tokio::try_join!(Person::new(place, &wire), Person::new(place, &wire))?;
        let file_name = format!("diary-{}.jpg", Uuid::new_v4().simple());
        let (theirs, own) = tokio::try_join!(
            drawer(place, &wire, &victim, &file_name, [200, 30, 30]),
            drawer(place, &wire, &attacker, "own.jpg", [30, 30, 200]),
        )?;
        let sha256 = theirs.resource["sha256"].as_str().context("a digest")?;
        let forged = Forgeries::make(place, &attacker, &victim).await?;
        let mut scene = Self {
            place: place.clone(),
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
        scene.their_upload = scene
            .begin_multipart(Signer::Victim, &scene.their_multipart())
            .await?;
        scene.own_upload = scene
            .begin_multipart(Signer::Attacker, &scene.own_multipart())
            .await?;
        Ok(scene)
    }

    /// Sends a call as whom it names.
    pub(crate) async fn send(&self, call: &Call) -> anyhow::Result<Reply> {
        let authorization = match &call.signer {
            Signer::Victim => Authorization::Header(&self.victim.credentials),
            Signer::Operator => Authorization::Header(&self.operator),
            Signer::Nobody => Authorization::None,
            signer => self.attacker.authorization(signer),
        };
        self.wire.send(&self.place, call, authorization).await
    }

    /// Takes both users away again.
    pub(crate) async fn strike(self) -> anyhow::Result<()> {
        self.forged.strike(&self.place).await?;
        for person in [&self.victim, &self.attacker] {
            self.place.users.delete(&person.name).await?;
        }
        Ok(())
    }

    pub(crate) fn bucket(&self) -> &str {
        &self.place.outputs.bucket_name
    }

    pub(crate) fn table(&self) -> &str {
        &self.place.outputs.table_name
    }

    /// The key of an original in somebody's drawer.
    pub(crate) fn original(&self, identity: &str, image: &str) -> String {
        format!("original-files/{}/{identity}/{image}.jpg", self.place.stage)
    }

    pub(crate) fn their_original(&self) -> String {
        self.original(&self.victim.identity, &self.theirs)
    }

    pub(crate) fn own_original(&self) -> String {
        self.original(&self.attacker.identity, &self.own)
    }

    /// A key in the attacker's drawer that nothing is at yet.
    pub(crate) fn own_new(&self) -> String {
        self.original(&self.attacker.identity, &Uuid::now_v7().to_string())
    }

    pub(crate) fn thumbnail(&self, identity: &str, image: &str) -> String {
        format!(
            "thumbnails/{}/{identity}/{image}/small.jpg",
            self.place.stage
        )
    }

    pub(crate) fn their_thumbnail(&self) -> String {
        self.thumbnail(&self.victim.identity, &self.theirs)
    }

    pub(crate) fn own_thumbnail(&self) -> String {
        self.thumbnail(&self.attacker.identity, &self.own)
    }

    /// The victim's multipart upload is to this key.
    pub(crate) fn their_multipart(&self) -> String {
        format!(
            "original-files/{}/{}/multipart.jpg",
            self.place.stage, self.victim.identity
        )
    }

    /// The attacker's multipart upload is to this key.
    pub(crate) fn own_multipart(&self) -> String {
        format!(
            "original-files/{}/{}/multipart.jpg",
            self.place.stage, self.attacker.identity
        )
    }

    /// What a victim's part or a leaked record would contain.
    pub(crate) fn tells_a_secret(&self, reply: &Reply) -> bool {
        let text = reply.text();
        self.secrets
            .iter()
            .any(|secret| text.contains(secret.as_str()))
            || reply.body.as_ref() == picture::jpeg([200, 30, 30])
    }

    async fn begin_multipart(&self, signer: Signer, key: &str) -> anyhow::Result<String> {
        let begin = object("POST", self.bucket(), key)
            .query("uploads=")
            .by(signer.clone());
        let reply = self.send(&begin).await?;
        ensure!(
            reply.is_success(),
            "multipart: {}: {}",
            reply.status,
            reply.text()
        );
        let text = reply.text();
        let upload = text
            .split_once("<UploadId>")
            .and_then(|(_, rest)| rest.split_once("</UploadId>"))
            .context("no upload id")?
            .0
            .to_owned();
        let part = object("PUT", self.bucket(), key)
            .query(&format!("partNumber=1&uploadId={upload}"))
            .by(signer)
            .body(b"a part".as_slice());
        let reply = self.send(&part).await?;
        ensure!(
            reply.is_success(),
            "part: {}: {}",
            reply.status,
            reply.text()
        );
        Ok(upload)
    }
}

/// A drawer with two images, so that a listing has a second page.
struct Drawer {
    image: String,
    resource: Value,
    cursor: String,
}

async fn drawer(
    place: &Place,
    wire: &Wire,
    person: &Person,
    file_name: &str,
    colour: [u8; 3],
) -> anyhow::Result<Drawer> {
    let image = person
        .upload(place, wire, file_name, picture::jpeg(colour))
        .await?;
    let second = person
        .upload(place, wire, file_name, picture::jpeg(colour))
        .await?;
    person.ready(place, wire, &second, READY_WITHIN).await?;
    let resource = person.ready(place, wire, &image, READY_WITHIN).await?;
    let page = person
        .ask(place, wire, &api("GET", "/images?limit=1"))
        .await?
        .json()?;
    let cursor = page["nextCursor"]
        .as_str()
        .context("a second page")?
        .to_owned();
    Ok(Drawer {
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
