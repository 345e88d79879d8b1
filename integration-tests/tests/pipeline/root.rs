//! Bucket, table and queue, accessed with the emulator's root credentials, which IAM does not
//! restrict.

use std::collections::HashMap;

use anyhow::Context;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use local::{deploy::root, stack::Stack};
use serde_json::{Value, json};
use uuid::Uuid;

use integration_tests::{denial::text, stack::dynamodb};

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn number(value: impl std::fmt::Display + Copy) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Lists the keys of all objects of a user, originals and variants.
pub(crate) async fn files(stack: &Stack, identity: &str) -> anyhow::Result<Vec<String>> {
    let mut keys = Vec::new();
    for folder in ["original-files", "thumbnails"] {
        let listing = stack
            .s3()
            .list_objects_v2()
            .bucket(&stack.outputs().bucket_name)
            .prefix(format!("{folder}/dev/{identity}/"))
            .send()
            .await?;
        keys.extend(
            listing
                .contents()
                .iter()
                .filter_map(|object| object.key().map(str::to_owned)),
        );
    }
    Ok(keys)
}

/// Reads a record with all its attributes.
pub(crate) async fn record(
    stack: &Stack,
    identity: &str,
    image: &str,
) -> anyhow::Result<Option<Item>> {
    let answer = dynamodb(stack)
        .get_item()
        .table_name(&stack.outputs().table_name)
        .key("identityId", text(identity))
        .key("imageId", text(image))
        .send()
        .await?;
    Ok(answer.item)
}

/// Counts the records of a user, hidden ones included.
pub(crate) async fn records(stack: &Stack, identity: &str) -> anyhow::Result<i32> {
    let answer = dynamodb(stack)
        .query()
        .table_name(&stack.outputs().table_name)
        .key_condition_expression("identityId = :i")
        .expression_attribute_values(":i", text(identity))
        .send()
        .await?;
    Ok(answer.count())
}

/// Makes a record `failed`, as the worker would.
pub(crate) async fn fail(stack: &Stack, identity: &str, image: &str) -> anyhow::Result<()> {
    dynamodb(stack)
        .update_item()
        .table_name(&stack.outputs().table_name)
        .key("identityId", text(identity))
        .key("imageId", text(image))
        .update_expression(
            "SET #s = :failed, failure = :failure, processedAt = :then \
             REMOVE width, height, thumbnails, sha256, #f, expiresAt",
        )
        .expression_attribute_names("#s", "status")
        .expression_attribute_names("#f", "format")
        .expression_attribute_values(":failed", text("failed"))
        .expression_attribute_values(":then", text("2026-01-01T00:00:00.000Z"))
        .expression_attribute_values(
            ":failure",
            AttributeValue::M(HashMap::from([
                ("code".to_owned(), text("corrupt")),
                ("message".to_owned(), text("a test says so")),
            ])),
        )
        .send()
        .await?;
    Ok(())
}

/// Writes many records at once: the image id, and the status unless pending.
pub(crate) async fn seed(
    stack: &Stack,
    identity: &str,
    records: &[(String, Option<&str>)],
) -> anyhow::Result<()> {
    let put = |(image, status): &(String, Option<&str>)| {
        let mut item = Item::from([
            ("identityId".to_owned(), text(identity)),
            ("imageId".to_owned(), text(image)),
        ]);
        if let Some(status) = status {
            item.insert("status".to_owned(), text(status));
        }
        let put = PutRequest::builder().set_item(Some(item)).build()?;
        anyhow::Ok(WriteRequest::builder().put_request(put).build())
    };
    for some in records.chunks(25) {
        let requests = some.iter().map(put).collect::<anyhow::Result<Vec<_>>>()?;
        dynamodb(stack)
            .batch_write_item()
            .request_items(&stack.outputs().table_name, requests)
            .send()
            .await?;
    }
    Ok(())
}

/// Generates an image id for a Unix time in milliseconds.
pub(crate) fn id_at(millis: u64) -> String {
    let random = Uuid::new_v4().as_u128().to_be_bytes();
    let mut counter = [0; 10];
    counter.copy_from_slice(&random[..10]);
    uuid::Builder::from_unix_timestamp_millis(millis, &counter)
        .into_uuid()
        .to_string()
}

/// Sends an event about an object to the queue, as S3 does.
pub(crate) async fn send_event(
    stack: &Stack,
    name: &str,
    key: &str,
    sequencer: &str,
) -> anyhow::Result<()> {
    let event = json!({"Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": name,
        "s3": {
            "bucket": {"name": stack.outputs().bucket_name},
            "object": {"key": key.replace(':', "%3A"), "sequencer": sequencer},
        },
    }]});
    let answer: Value = reqwest::Client::new()
        .post(stack.fakecloud_url())
        .header("authorization", root::authorization("sqs"))
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "AmazonSQS.SendMessage")
        .body(
            json!({"QueueUrl": stack.outputs().queue_url, "MessageBody": event.to_string()})
                .to_string(),
        )
        .send()
        .await?
        .json()
        .await?;
    answer["MessageId"]
        .as_str()
        .with_context(|| answer.to_string())?;
    Ok(())
}

/// Counts the log lines in which the worker finished an object's event with this outcome.
pub(crate) fn outcomes(stack: &Stack, key: &str, outcome: &str) -> anyhow::Result<usize> {
    let log = stack
        .logs()
        .join("containers/logs/hikidashi-dev-thumbnail.log");
    let log = std::fs::read_to_string(&log).with_context(|| log.display().to_string())?;
    Ok(log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["key"] == key && line["outcome"] == outcome)
        .count())
}
