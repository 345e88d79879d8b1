//! Bucket and table, accessed with the emulator's root credentials and changed without events.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use anyhow::Context;
use aws::admin_store::{AdminStore, AdminStoreConfig};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::types::NotificationConfiguration;
use common::{keys::Stage, quota::Quota};
use engine::{KeepLocation, VariantSet, VariantSpec};
pub(crate) use integration_tests::denial::text;
use integration_tests::stack::dynamodb;
use local::stack::Stack;
use maintenance::reconcile::{Mode, Options, Report, RunScope, Wanted, reconcile};

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn admin_store(stack: &Stack) -> anyhow::Result<AdminStore> {
    let outputs = stack.outputs().clone();
    // The proxy of S3 forwards requests to other services.
    let config = stack
        .sdk_config()
        .to_builder()
        .endpoint_url(stack.s3_url())
        .build();
    Ok(AdminStore::new(
        &config,
        AdminStoreConfig {
            stage: Stage::parse("dev")?,
            bucket: outputs.bucket_name,
            table: outputs.table_name,
            queue_url: outputs.queue_url,
            quota: Quota::new(10_737_418_240, 10_000),
        },
    ))
}

/// Returns what the worker makes with the template's defaults.
pub(crate) fn wanted() -> anyhow::Result<Wanted> {
    let specs = VariantSpec::parse_list("small:160,medium:512,large:1024")?;
    Ok(Wanted {
        variant_set: VariantSet::new(&specs, 80),
        keep_location: KeepLocation::Off,
    })
}

/// Returns options for the whole stage, without a grace period.
pub(crate) fn options(mode: Mode) -> Options {
    Options {
        mode,
        extent: RunScope::Stage,
        grace: Duration::ZERO,
        max_enqueue: 1000,
        max_remove: 1000,
        max_foreign: 1000,
        foreign_age: Options::FOREIGN_AGE,
        per_second: Options::PER_SECOND.saturating_mul(Options::PER_SECOND),
        resume: None,
        deadline: None,
    }
}

pub(crate) async fn run(stack: &Stack, options: &Options) -> anyhow::Result<Report> {
    Ok(reconcile(&admin_store(stack)?, &wanted()?, options).await?)
}

/// Lists all objects below a prefix, with their `ETag`s.
pub(crate) async fn objects(
    stack: &Stack,
    prefix: &str,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut token = None;
    loop {
        let page = stack
            .s3()
            .list_objects_v2()
            .bucket(&stack.outputs().bucket_name)
            .prefix(prefix)
            .set_continuation_token(token)
            .send()
            .await?;
        for object in page.contents() {
            let key = object.key().context("a key")?.to_owned();
            found.insert(key, object.e_tag().unwrap_or_default().to_owned());
        }
        token = page.next_continuation_token;
        if token.is_none() {
            return Ok(found);
        }
    }
}

pub(crate) async fn put(stack: &Stack, key: &str, bytes: Vec<u8>) -> anyhow::Result<()> {
    stack
        .s3()
        .put_object()
        .bucket(&stack.outputs().bucket_name)
        .key(key)
        .body(bytes.into())
        .send()
        .await?;
    Ok(())
}

pub(crate) async fn delete(stack: &Stack, key: &str) -> anyhow::Result<()> {
    stack
        .s3()
        .delete_object()
        .bucket(&stack.outputs().bucket_name)
        .key(key)
        .send()
        .await?;
    Ok(())
}

/// Reads all records of a user, by image id.
pub(crate) async fn records(
    stack: &Stack,
    identity: &str,
) -> anyhow::Result<BTreeMap<String, Item>> {
    let mut found = BTreeMap::new();
    let mut exclusive_start = None;
    loop {
        let page = dynamodb(stack)
            .query()
            .table_name(&stack.outputs().table_name)
            .key_condition_expression("identityId = :i")
            .expression_attribute_values(":i", text(identity))
            .set_exclusive_start_key(exclusive_start)
            .send()
            .await?;
        for item in page.items() {
            let image = item["imageId"].as_s().ok().context("a text")?;
            found.insert(image.clone(), item.clone());
        }
        exclusive_start = page.last_evaluated_key;
        if exclusive_start.is_none() {
            return Ok(found);
        }
    }
}

pub(crate) async fn remove_record(
    stack: &Stack,
    identity: &str,
    image: &str,
) -> anyhow::Result<()> {
    dynamodb(stack)
        .delete_item()
        .table_name(&stack.outputs().table_name)
        .key("identityId", text(identity))
        .key("imageId", text(image))
        .send()
        .await?;
    Ok(())
}

/// Writes an item without changes.
pub(crate) async fn put_item(stack: &Stack, item: Item) -> anyhow::Result<()> {
    dynamodb(stack)
        .put_item()
        .table_name(&stack.outputs().table_name)
        .set_item(Some(item))
        .send()
        .await?;
    Ok(())
}

/// Awaits a change while the bucket sends no notifications.
pub(crate) async fn without_notifications(
    stack: &Stack,
    change: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let bucket = &stack.outputs().bucket_name;
    let before = stack
        .s3()
        .get_bucket_notification_configuration()
        .bucket(bucket)
        .send()
        .await?;
    let notify = |configuration| {
        stack
            .s3()
            .put_bucket_notification_configuration()
            .bucket(bucket)
            .notification_configuration(configuration)
            .send()
    };
    notify(NotificationConfiguration::builder().build()).await?;
    let changed = change.await;
    let configuration = NotificationConfiguration::builder()
        .set_queue_configurations(before.queue_configurations)
        .build();
    notify(configuration).await?;
    changed
}
