//! A check of the reconciliation that needs every permission of its role.

use std::time::{Duration, Instant};

use anyhow::ensure;
use aws_credential_types::Credentials;
use integration_tests::images::one_colour_jpeg;
use serde_json::{Value, json};

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

/// Removes a record, and adds a variant and a record without an original. A reconciliation run must
/// repair all three.
pub(crate) async fn pass(target: &Target) -> anyhow::Result<()> {
    let wire = Wire::new()?;
    let operator = target.operator().await?;
    let principal = Principal::new(target, &wire).await?;
    let image = principal
        .upload_ready(target, &wire, "reconcile.jpg", WITHIN)
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
    for call in [
        dynamodb(
            "DeleteItem",
            json!({"TableName": table, "Key": key(&image)}),
        ),
        dynamodb("PutItem", json!({"TableName": table, "Item": orphan})),
        object("PUT", &target.outputs.bucket_name, &variant).body(one_colour_jpeg([1, 2, 3])),
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
        count("enqueued") >= Some(1) && count("removed") >= Some(2),
        "not repaired: {answer}"
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
