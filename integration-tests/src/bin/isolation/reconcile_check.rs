//! What the nightly reconciliation does, and what needs every right of its role.

use std::time::{Duration, Instant};

use anyhow::ensure;
use aws_credential_types::Credentials;
use serde_json::{Value, json};

use crate::{
    call::{Call, dynamodb, lambda, object},
    signed_client::{Authorization, Wire},
    target::Target,
    user::Principal,
};

const WITHIN: Duration = Duration::from_secs(12);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Of no upload: its record and its variant are orphans.
const NOBODYS_IMAGE: &str = "0190a5d0-7bcd-7abc-8def-0123456789ab";

/// A user's record is lost, and a variant and a record appear that have no original. A reconciliation mends it.
pub(crate) async fn pass(target: &Target) -> anyhow::Result<()> {
    let wire = Wire::new()?;
    let operator = target.operator().await?;
    let principal = Principal::new(target, &wire).await?;
    let image = principal
        .upload(
            target,
            &wire,
            "night.jpg",
            integration_tests::images::one_colour_jpeg([10, 10, 200]),
        )
        .await?;
    principal.ready(target, &wire, &image, WITHIN).await?;

    let table = &target.outputs.table_name;
    let key =
        |image: &str| json!({"identityId": {"S": principal.identity}, "imageId": {"S": image}});
    let mut orphan = key("0190a5d0-7bcd-7abc-8def-0123456789ac");
    orphan["status"] = json!({"S": "failed"});
    let variant = format!(
        "thumbnails/{}/{}/{NOBODYS_IMAGE}/small.jpg",
        target.stage, principal.identity
    );
    for call in [
        dynamodb(
            "DeleteItem",
            json!({"TableName": table, "Key": key(&image)}),
        ),
        dynamodb("PutItem", json!({"TableName": table, "Item": orphan})),
        object("PUT", &target.outputs.bucket_name, &variant)
            .body(integration_tests::images::one_colour_jpeg([1, 2, 3])),
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
        "not mended: {answer}"
    );
    // Until the worker has made the record, there is no image to wait for.
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

/// As the operator, and with success.
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
