//! A check of the reconciliation that needs every permission of its role.

use std::time::{Duration, Instant};

use anyhow::ensure;
use aws_credential_types::Credentials;
use integration_tests::images::one_colour_jpeg;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    call::{Call, dynamodb, lambda, object},
    signed_client::{Authorization, Wire},
    target::Target,
    user::Principal,
};

pub(crate) const WITHIN: Duration = Duration::from_secs(12);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// An image id without an upload: its variant is an orphan.
const ORPHAN_IMAGE: &str = "0190a5d0-7bcd-7abc-8def-0123456789ab";

/// Removes a record, adds a variant and a record without an original and an object that is no
/// image's, and makes one record count nothing and one of an original beyond the quota. A
/// reconciliation run must repair all of it.
pub(crate) async fn pass(target: &Target) -> anyhow::Result<()> {
    let wire = Wire::new()?;
    let operator = target.operator().await?;
    let principal = Principal::new(target, &wire).await?;
    let image = principal
        .upload_ready(target, &wire, "reconcile.jpg", WITHIN)
        .await?;
    let uncounted = principal
        .upload_ready(target, &wire, "uncounted.jpg", WITHIN)
        .await?;
    let over_quota = principal
        .upload_ready(target, &wire, "over-quota.jpg", WITHIN)
        .await?;

    let table = &target.outputs.table_name;
    let key =
        |image: &str| json!({"identityId": {"S": principal.identity}, "imageId": {"S": image}});
    let mut orphan = key("0190a5d0-7bcd-7abc-8def-0123456789ac");
    orphan["status"] = json!({"S": "failed"});
    let variant = format!(
        "thumbnails/{}/{}/{ORPHAN_IMAGE}/small.jpg",
        target.stage, principal.identity
    );
    let refusal = json!({
        "TableName": table, "Key": key(&over_quota),
        "UpdateExpression": "SET #s = :failed, failure = :failure REMOVE countedBytes",
        "ExpressionAttributeNames": {"#s": "status"},
        "ExpressionAttributeValues": {
            ":failed": {"S": "failed"},
            ":failure": {"M": {"code": {"S": "over_quota"}, "message": {"S": "a check says so"}}},
        },
    });
    // Of a user without records. That of the principal changes during the run, which leaves it
    // alone.
    let drifted = json!({
        "identityId": {"S": format!("usage#us-east-1:{}", Uuid::new_v4())},
        "imageId": {"S": "usage"}, "bytes": {"N": "5"}, "images": {"N": "1"},
    });
    let forget = json!({
        "TableName": table, "Key": key(&uncounted), "UpdateExpression": "REMOVE countedBytes",
    });
    for prefix in ["large", "medium", "small"] {
        let variant = format!(
            "thumbnails/{}/{}/{over_quota}/{prefix}.jpg",
            target.stage, principal.identity
        );
        let removal = object("DELETE", &target.outputs.bucket_name, &variant);
        carry_out(target, &wire, &operator, &removal).await?;
    }
    let foreign = format!(
        "original-files/{}/{}/film.mp4",
        target.stage, principal.identity
    );
    for call in [
        dynamodb("UpdateItem", refusal),
        dynamodb("UpdateItem", forget),
        dynamodb("PutItem", json!({"TableName": table, "Item": drifted})),
        dynamodb(
            "DeleteItem",
            json!({"TableName": table, "Key": key(&image)}),
        ),
        dynamodb("PutItem", json!({"TableName": table, "Item": orphan})),
        object("PUT", &target.outputs.bucket_name, &variant).body(one_colour_jpeg([1, 2, 3])),
        object("PUT", &target.outputs.bucket_name, &foreign).body(b"no image".as_slice()),
    ] {
        carry_out(target, &wire, &operator, &call).await?;
    }

    let invocations = format!(
        "/2015-03-31/functions/{}/invocations",
        target.function("reconcile")
    );
    let invoke = lambda("POST", &invocations).body(json!({"apply": true}).to_string());
    let answer = carry_out(target, &wire, &operator, &invoke).await?;
    let report: Value = serde_json::from_str(&answer)?;
    let count = |name: &str| report[name].as_u64();
    ensure!(
        count("enqueued") >= Some(1)
            && count("removed") >= Some(2)
            && count("foreign_removed") >= Some(1),
        "not repaired: {answer}"
    );
    ensure!(
        count("records_miscounted") >= Some(1)
            && count("originals_over_quota") >= Some(1)
            && count("usage_drift") >= Some(1),
        "not counted: {answer}"
    );
    // Until the worker has created the record, the image is not found.
    let started = Instant::now();
    loop {
        match principal.ready(target, &wire, &image, WITHIN).await {
            Ok(_) => return Ok(()),
            Err(error) if started.elapsed() > WITHIN => {
                return Err(error.context("after the reconciliation"));
            }
            Err(_) => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

/// Sends a call as the operator. Fails unless it succeeds.
pub(crate) async fn carry_out(
    target: &Target,
    wire: &Wire,
    operator: &Credentials,
    call: &Call,
) -> anyhow::Result<String> {
    let reply = wire
        .send(target, call, Authorization::Header(operator))
        .await?;
    ensure!(reply.is_success(), "{}: {}", reply.status, reply.text());
    Ok(reply.text())
}
