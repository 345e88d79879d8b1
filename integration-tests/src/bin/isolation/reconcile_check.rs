//! What the nightly reconciliation does, and what needs every right of its role.

use std::time::{Duration, Instant};

use anyhow::ensure;
use aws_credential_types::Credentials;
use serde_json::{Value, json};

use crate::{
    call::{Call, dynamodb, lambda, object},
    picture,
    signed_client::{Authorization, Wire},
    target::Place,
    user::Person,
};

const WITHIN: Duration = Duration::from_secs(12);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Of no upload: its record and its variant are orphans.
const NOBODYS_IMAGE: &str = "0190a5d0-7bcd-7abc-8def-0123456789ab";

/// A user's record is lost, and a variant and a record appear that have no original. A reconciliation mends it.
pub(crate) async fn pass(place: &Place) -> anyhow::Result<()> {
    let wire = Wire::new()?;
    let operator = place.operator().await?;
    let person = Person::new(place, &wire).await?;
    let image = person
        .upload(place, &wire, "night.jpg", picture::jpeg([10, 10, 200]))
        .await?;
    person.ready(place, &wire, &image, WITHIN).await?;

    let table = &place.outputs.table_name;
    let key = |image: &str| json!({"identityId": {"S": person.identity}, "imageId": {"S": image}});
    let mut orphan = key("0190a5d0-7bcd-7abc-8def-0123456789ac");
    orphan["status"] = json!({"S": "failed"});
    let variant = format!(
        "thumbnails/{}/{}/{NOBODYS_IMAGE}/small.jpg",
        place.stage, person.identity
    );
    for call in [
        dynamodb(
            "DeleteItem",
            json!({"TableName": table, "Key": key(&image)}),
        ),
        dynamodb("PutItem", json!({"TableName": table, "Item": orphan})),
        object("PUT", &place.outputs.bucket_name, &variant).body(picture::jpeg([1, 2, 3])),
    ] {
        carry_out(place, &wire, &operator, &call).await?;
    }

    let invocations = format!(
        "/2015-03-31/functions/{}/invocations",
        place.function("reconcile")
    );
    let invoke = lambda("POST", &invocations).body(json!({"apply": true}).to_string());
    let answer = carry_out(place, &wire, &operator, &invoke).await?;
    let report: Value = serde_json::from_str(&answer)?;
    let count = |name: &str| report[name].as_u64();
    ensure!(
        count("enqueued") >= Some(1) && count("removed") >= Some(2),
        "not mended: {answer}"
    );
    // Until the worker has made the record, there is no image to wait for.
    let started = Instant::now();
    loop {
        match person.ready(place, &wire, &image, WITHIN).await {
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
    place: &Place,
    wire: &Wire,
    operator: &Credentials,
    call: &Call,
) -> anyhow::Result<String> {
    let reply = wire
        .send(place, call, Authorization::Header(operator))
        .await?;
    ensure!(reply.is_success(), "{}: {}", reply.status, reply.text());
    Ok(reply.text())
}
