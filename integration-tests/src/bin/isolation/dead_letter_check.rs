//! What the dead letters' reader does, and what needs every right of its role.

use anyhow::ensure;
use serde_json::json;

use crate::{
    call::{api, dynamodb, lambda, object},
    picture,
    reconcile_check::carry_out,
    signed_client::Wire,
    target::Place,
    user::Person,
};

/// Of no upload: its record and its variant are orphans.
const NOBODYS_IMAGE: &str = "0190a5d0-7bcd-7abc-8def-0123456789ad";

/// Greater than any that was given.
const LAST: &str = "ffffffffffffffffffff";

/// A picture that was tried too often becomes `failed`, and what is left of one whose removal was, is removed.
pub(crate) async fn pass(place: &Place) -> anyhow::Result<()> {
    let wire = Wire::new()?;
    let operator = place.operator().await?;
    let person = Person::new(place, &wire).await?;
    let image = person
        .upload(place, &wire, "burial.jpg", picture::jpeg([90, 90, 90]))
        .await?;
    person
        .ready(place, &wire, &image, std::time::Duration::from_secs(12))
        .await?;

    let bucket = &place.outputs.bucket_name;
    let (stage, identity) = (&place.stage, &person.identity);
    let item = json!({
        "identityId": {"S": identity}, "imageId": {"S": NOBODYS_IMAGE}, "status": {"S": "ready"}
    });
    let put = json!({"TableName": place.outputs.table_name, "Item": item});
    let variant = format!("thumbnails/{stage}/{identity}/{NOBODYS_IMAGE}/small.jpg");
    for call in [
        dynamodb("PutItem", put),
        object("PUT", bucket, &variant).body(picture::jpeg([1, 2, 3])),
    ] {
        carry_out(place, &wire, &operator, &call).await?;
    }

    let letter = |number: &str, name: &str, image: &str| {
        let key = format!("original-files/{stage}/{identity}/{image}.jpg");
        let body = json!({"Records": [{
            "eventSource": "aws:s3", "eventName": name,
            "s3": {"bucket": {"name": bucket}, "object": {"key": key, "sequencer": LAST}},
        }]});
        json!({"messageId": number, "eventSource": "aws:sqs", "body": body.to_string()})
    };
    let letters = json!({"Records": [
        letter("created", "ObjectCreated:Put", &image),
        letter("removed", "ObjectRemoved:Delete", NOBODYS_IMAGE),
    ]});
    let invocations = format!(
        "/2015-03-31/functions/{}/invocations",
        place.function("dead-letter")
    );
    let invoke = lambda("POST", &invocations).body(letters.to_string());
    let answer = carry_out(place, &wire, &operator, &invoke).await?;
    ensure!(!answer.contains("itemIdentifier"), "handed back: {answer}");

    let given_up = person
        .ask(place, &wire, &api("GET", format!("/images/{image}")))
        .await?;
    ensure!(
        given_up.text().contains("processing_failed"),
        "not given up: {}",
        given_up.text()
    );
    let removed = person
        .ask(
            place,
            &wire,
            &api("GET", format!("/images/{NOBODYS_IMAGE}")),
        )
        .await?;
    ensure!(removed.status == 404, "not removed: {}", removed.text());
    let left = wire
        .send(
            place,
            &object("GET", bucket, &variant),
            crate::signed_client::Authorization::Header(&operator),
        )
        .await?;
    ensure!(left.status == 404, "a variant is left: {}", left.status);
    Ok(())
}
