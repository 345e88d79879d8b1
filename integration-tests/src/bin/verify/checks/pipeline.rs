//! The pipeline, from an upload to its deletion.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use integration_tests::{
    call::{Service, api, json as json_call, lambda},
    images,
    principal::text,
    signed_client::Reply,
};
use serde_json::{Value, json};

use crate::{
    check::Check,
    found::Found,
    world::{World, summary},
};

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::new("an-upload", "ready, 60 x 80", |world| {
            Box::pin(an_upload(world))
        }),
        Check::new("a-presigned-put", "ready", |world| {
            Box::pin(a_presigned_put(world))
        }),
        Check::new("a-direct-put", "ready", |world| {
            Box::pin(a_direct_put(world))
        }),
        // A retry copies the original onto itself, which S3 refuses without a change of metadata.
        Check::new("a-retry", "tried again", |world| Box::pin(a_retry(world))),
        Check::new("an-archived-original", "unreadable_original", |world| {
            Box::pin(an_archived_original(world))
        }),
        // The bucket keeps versions: a deletion writes a delete marker, and its event removes the
        // record.
        Check::new("a-deletion", "404, 403", |world| {
            Box::pin(a_deletion(world))
        }),
        Check::new("a-listing", "bob sees his own image only", |world| {
            Box::pin(a_listing(world))
        }),
        Check::new("a-reconciliation", "200", |world| {
            Box::pin(a_reconciliation(world))
        }),
        Check::new("nothing-unreadable", "0", |world| {
            Box::pin(nothing_unreadable(world))
        }),
        Check::new("logs-hold-no-token", "0", |world| {
            Box::pin(logs_hold_no_token(world))
        }),
    ]
}

async fn an_upload(world: &World) -> anyhow::Result<Found> {
    let upload = api("POST", "/upload?name=sea.jpg");
    let upload = upload.body(images::jpeg_on_its_side(80, 60));
    let image = created(&world.ask(&world.alice, &upload).await?)?;
    let resource = world.done(&world.alice, &image).await?;
    for thumbnail in resource["thumbnails"].as_array().context("thumbnails")? {
        let url = thumbnail["url"].as_str().context("a URL")?;
        let file = world.wire.get(url).await?;
        ensure!(
            file.status == 200 && file.header("content-type") == "image/jpeg",
            "a thumbnail: {}",
            file.status
        );
    }
    let [status, width, height] = ["status", "width", "height"].map(|name| &resource[name]);
    let status = status.as_str().unwrap_or_default();
    Ok(format!("{status}, {width} x {height}").into())
}

async fn a_presigned_put(world: &World) -> anyhow::Result<Found> {
    let bytes = images::jpeg(640, 480);
    let body = json!({
        "fileName": "a.jpg", "contentType": "image/jpeg", "size": bytes.len(),
    });
    let presign = api("POST", "/upload/presign").body(body.to_string());
    let reply = world.ask(&world.alice, &presign).await?;
    let upload = reply.json()?;
    let image = text(&upload["image"], "imageId")?;
    let url = text(&upload, "url")?;
    let headers: BTreeMap<String, String> = serde_json::from_value(upload["headers"].clone())?;
    let put = world.wire.put(&url, &headers, bytes).await?;
    ensure!(put.is_success(), "{}: {}", put.status, put.text());
    let resource = world.done(&world.alice, &image).await?;
    Ok(text(&resource, "status")?.into())
}

async fn a_direct_put(world: &World) -> anyhow::Result<Found> {
    let (image, key) = world.new_key(&world.alice);
    let put = world.object("PUT", &key).body(images::jpeg(64, 64));
    let put = world.as_user(&world.alice, &put).await?;
    ensure!(put.is_success(), "{}: {}", put.status, put.text());
    let resource = world.done(&world.alice, &image).await?;
    Ok(text(&resource, "status")?.into())
}

async fn a_retry(world: &World) -> anyhow::Result<Found> {
    let (image, key) = world.new_key(&world.alice);
    let put = world.object("PUT", &key).body(b"not an image".as_slice());
    world.as_user(&world.alice, &put).await?;
    let failed = world.done(&world.alice, &image).await?;
    let retry = api("POST", format!("/images/{image}/retry"));
    let retry = world.ask(&world.alice, &retry).await?;
    ensure!(retry.status == 202, "{}: {}", retry.status, retry.text());
    let first = &failed["processedAt"];
    let is_later = |reply: &Reply, now: &Value| reply.status == 200 && now["processedAt"] != *first;
    world.image_when(&world.alice, &image, is_later).await?;
    Ok(Found::Value("tried again".to_owned()))
}

async fn an_archived_original(world: &World) -> anyhow::Result<Found> {
    let (image, key) = world.new_key(&world.alice);
    let put = world
        .object("PUT", &key)
        .header("x-amz-storage-class", "GLACIER")
        .body(images::jpeg(64, 64));
    let put = world.as_operator(&put).await?;
    ensure!(put.is_success(), "{}: {}", put.status, put.text());
    let resource = world.done(&world.alice, &image).await?;
    let code = resource["failure"]["code"].as_str();
    Ok(code.unwrap_or("no failure").to_owned().into())
}

async fn a_deletion(world: &World) -> anyhow::Result<Found> {
    let upload = api("POST", "/upload").body(images::jpeg(64, 64));
    let image = created(&world.ask(&world.alice, &upload).await?)?;
    world.done(&world.alice, &image).await?;
    let delete = api("DELETE", format!("/images/{image}"));
    let deleted = world.ask(&world.alice, &delete).await?;
    ensure!(
        deleted.status == 202,
        "{}: {}",
        deleted.status,
        deleted.text()
    );
    let is_gone = |reply: &Reply, _: &Value| reply.status == 404;
    world.image_when(&world.alice, &image, is_gone).await?;
    let key = format!(
        "original-files/{}/{}/{image}.jpg",
        world.target.stage, world.alice.identity
    );
    let call = world.object("GET", &key);
    let original = world.as_user(&world.alice, &call).await?;
    Ok(format!("404, {}", original.status).into())
}

async fn a_listing(world: &World) -> anyhow::Result<Found> {
    let upload = api("POST", "/upload").body(images::jpeg(64, 64));
    let image = created(&world.ask(&world.bob, &upload).await?)?;
    let listing = world.ask(&world.bob, &api("GET", "/images")).await?;
    let listing = listing.json()?;
    let ids: Vec<&str> = listing["items"]
        .as_array()
        .context("items")?
        .iter()
        .filter_map(|item| item["imageId"].as_str())
        .collect();
    let call = api("GET", format!("/images/{image}"));
    let theirs = world.ask(&world.alice, &call).await?;
    let is_right = ids.contains(&image.as_str()) && theirs.status == 404;
    Ok(Found::Value(if is_right {
        "bob sees his own image only".to_owned()
    } else {
        listing.to_string()
    }))
}

async fn a_reconciliation(world: &World) -> anyhow::Result<Found> {
    let name = world.target.function("reconcile");
    let path = format!("/2015-03-31/functions/{name}/invocations");
    let call = lambda("POST", &path).body(json!({ "apply": false }).to_string());
    let reply = world.as_operator(&call).await?;
    ensure!(reply.json()?["checked"].is_u64(), "{}", reply.text());
    Ok(summary(&reply))
}

async fn nothing_unreadable(world: &World) -> anyhow::Result<Found> {
    let body = json!({
        "QueueUrl": world.target.outputs.unreadable_queue_url,
        "AttributeNames": ["ApproximateNumberOfMessages"],
    });
    let call = json_call(Service::Sqs, "GetQueueAttributes", &body);
    let reply = world.as_operator(&call).await?.json()?;
    Ok(text(&reply["Attributes"], "ApproximateNumberOfMessages")?.into())
}

async fn logs_hold_no_token(world: &World) -> anyhow::Result<Found> {
    let reason = "the emulator's functions log to files";
    if let Some(skipped) = world.skipped_locally(reason) {
        return Ok(skipped);
    }
    let body = json!({
        "logGroupName": format!("/aws/lambda/{}", world.target.function("upload")),
        "filterPattern": "eyJ",
    });
    let call = json_call(Service::Logs, "FilterLogEvents", &body);
    let reply = world.as_operator(&call).await?.json()?;
    let events = reply["events"].as_array().context("events")?;
    Ok(events.len().to_string().into())
}

/// Returns the id of an image that was created.
fn created(reply: &Reply) -> anyhow::Result<String> {
    ensure!(reply.status == 201, "{}: {}", reply.status, reply.text());
    text(&reply.json()?, "imageId")
}
