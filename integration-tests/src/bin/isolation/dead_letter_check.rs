//! A check of the dead-letter function that needs every permission of its role.

use anyhow::ensure;
use integration_tests::images::one_colour_jpeg;
use serde_json::json;

use crate::{
    call::{api, dynamodb, lambda, object},
    reconcile_check::{WITHIN, carry_out},
    signed_client::Wire,
    target::Target,
    user::Principal,
};

/// An image id without an upload: its record and its variant are orphans.
const ORPHAN_IMAGE: &str = "0190a5d0-7bcd-7abc-8def-0123456789ad";

/// A sequencer greater than any that the emulator has issued.
const LAST: &str = "ffffffffffffffffffff";

/// Invokes the dead-letter function: an image that was tried too often becomes `failed`, and the
/// remains of an image whose removal failed are removed.
pub(crate) async fn pass(target: &Target) -> anyhow::Result<()> {
    let wire = Wire::new()?;
    let operator = target.operator().await?;
    let principal = Principal::new(target, &wire).await?;
    let image = principal
        .upload_ready(target, &wire, "dead-letter.jpg", WITHIN)
        .await?;

    let bucket = &target.outputs.bucket_name;
    let (stage, identity) = (&target.stage, &principal.identity);
    let item = json!({
        "identityId": {"S": identity}, "imageId": {"S": ORPHAN_IMAGE}, "status": {"S": "ready"}
    });
    let put = json!({"TableName": target.outputs.table_name, "Item": item});
    let variant = format!("thumbnails/{stage}/{identity}/{ORPHAN_IMAGE}/small.jpg");
    for call in [
        dynamodb("PutItem", put),
        object("PUT", bucket, &variant).body(one_colour_jpeg([1, 2, 3])),
    ] {
        carry_out(target, &wire, &operator, &call).await?;
    }

    let message = |number: &str, name: &str, image: &str| {
        let key = format!("original-files/{stage}/{identity}/{image}.jpg");
        let body = json!({"Records": [{
            "eventSource": "aws:s3", "eventName": name,
            "s3": {"bucket": {"name": bucket}, "object": {"key": key, "sequencer": LAST}},
        }]});
        json!({"messageId": number, "eventSource": "aws:sqs", "body": body.to_string()})
    };
    let messages = json!({"Records": [
        message("created", "ObjectCreated:Put", &image),
        message("removed", "ObjectRemoved:Delete", ORPHAN_IMAGE),
    ]});
    let invocations = format!(
        "/2015-03-31/functions/{}/invocations",
        target.function("dead-letter")
    );
    let invoke = lambda("POST", &invocations).body(messages.to_string());
    let answer = carry_out(target, &wire, &operator, &invoke).await?;
    ensure!(
        !answer.contains("itemIdentifier"),
        "batch item failures: {answer}"
    );

    let given_up = principal
        .ask(target, &wire, &api("GET", format!("/images/{image}")))
        .await?;
    ensure!(
        given_up.text().contains("processing_failed"),
        "not given up: {}",
        given_up.text()
    );
    let removed = principal
        .ask(
            target,
            &wire,
            &api("GET", format!("/images/{ORPHAN_IMAGE}")),
        )
        .await?;
    ensure!(removed.status == 404, "not removed: {}", removed.text());
    let left = wire
        .send(
            target,
            &object("GET", bucket, &variant),
            crate::signed_client::Authorization::Header(&operator),
        )
        .await?;
    ensure!(left.status == 404, "a variant is left: {}", left.status);
    Ok(())
}
