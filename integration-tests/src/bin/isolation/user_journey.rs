//! The journey of a new user, which needs every permission of the template's user-facing roles.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::{
    call::{Signer, api, encoded, object, s3},
    signed_client::{Authorization, Wire},
    target::Target,
    user::Principal,
};

/// Deadline of a step behind the API: many times two polls of the queue.
const WITHIN: Duration = Duration::from_secs(12);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Uploads an image as a new user, waits for it, lists it, follows its URLs, deletes it, and waits
/// until its record and variants are gone.
pub(crate) async fn run(target: &Target) -> anyhow::Result<()> {
    let wire = Wire::new()?;
    let principal = Principal::new(target, &wire).await?;
    let image = principal
        .upload(
            target,
            &wire,
            "journey.jpg",
            integration_tests::images::one_colour_jpeg([10, 200, 10]),
        )
        .await
        .context("upload")?;
    let ready = principal
        .ready(target, &wire, &image, WITHIN)
        .await
        .context("read")?;
    let listing = principal.ask(target, &wire, &api("GET", "/images")).await?;
    ensure!(
        listing.status == 200 && listing.text().contains(&image),
        "list: {}: {}",
        listing.status,
        listing.text()
    );
    by_capture_time(target, &wire, &principal, &image)
        .await
        .context("list by capture time")?;
    follow(&wire, &ready["original"]["url"])
        .await
        .context("the original's URL")?;
    let thumbnails = ready["thumbnails"].as_array().context("thumbnails")?;
    ensure!(!thumbnails.is_empty(), "no thumbnails");
    for thumbnail in thumbnails {
        follow(&wire, &thumbnail["url"])
            .await
            .context("a thumbnail's URL")?;
    }
    let key = format!(
        "original-files/{}/{}/{image}.jpg",
        target.stage, principal.identity
    );
    let delete = object("DELETE", &target.outputs.bucket_name, &key);
    let reply = wire
        .send(target, &delete, principal.authorization(&Signer::Attacker))
        .await?;
    ensure!(
        reply.is_success(),
        "delete: {}: {}",
        reply.status,
        reply.text()
    );
    gone(target, &wire, &principal, &image)
        .await
        .context("after the deletion")
}

/// Waits until the image is in the order by capture time: the index follows the table.
async fn by_capture_time(
    target: &Target,
    wire: &Wire,
    principal: &Principal,
    image: &str,
) -> anyhow::Result<()> {
    let started = Instant::now();
    loop {
        let listing = principal
            .ask(target, wire, &api("GET", "/images?order=taken"))
            .await?;
        ensure!(
            listing.status == 200,
            "{}: {}",
            listing.status,
            listing.text()
        );
        if listing.text().contains(image) {
            return Ok(());
        }
        ensure!(started.elapsed() < WITHIN, "{}", listing.text());
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn follow(wire: &Wire, url: &Value) -> anyhow::Result<()> {
    let reply = wire.get(url.as_str().context("no URL")?).await?;
    ensure!(reply.status == 200, "{}: {}", reply.status, reply.text());
    Ok(())
}

/// Waits until the record and the thumbnails are gone.
async fn gone(
    target: &Target,
    wire: &Wire,
    principal: &Principal,
    image: &str,
) -> anyhow::Result<()> {
    let operator = target.operator().await?;
    let prefix = format!(
        "thumbnails/{}/{}/{image}/",
        target.stage, principal.identity
    );
    let prefix = encoded(&prefix).replace('/', "%2F");
    let list = s3(
        "GET",
        &format!(
            "/{}?list-type=2&prefix={prefix}",
            target.outputs.bucket_name
        ),
    );
    let started = Instant::now();
    loop {
        let read = principal
            .ask(target, wire, &api("GET", format!("/images/{image}")))
            .await?;
        let listed = wire
            .send(target, &list, Authorization::Header(&operator))
            .await?;
        ensure!(listed.is_success(), "{}: {}", listed.status, listed.text());
        let thumbnails = listed.text().matches("<Key>").count();
        if read.status == 404 && thumbnails == 0 {
            return Ok(());
        }
        if started.elapsed() > WITHIN {
            bail!(
                "after {WITHIN:?}, the image reads {} and has {thumbnails} thumbnails",
                read.status
            );
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
