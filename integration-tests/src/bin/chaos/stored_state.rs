//! All objects and records of a stack, read with permissions that no function has.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Context as _;
use aws_sdk_dynamodb::types::AttributeValue;
use common::usage::UsageKey;
use local::stack::Stack;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The identity and the image id.
pub(crate) type Id = (String, String);

/// The objects and records of a stack.
pub(crate) struct StoredState {
    s3: aws_sdk_s3::Client,
    bucket: String,
    /// Keys of originals by image.
    pub(crate) originals: BTreeMap<Id, Vec<String>>,
    pub(crate) variants: BTreeMap<Id, BTreeSet<String>>,
    pub(crate) records: BTreeMap<Id, Item>,
    /// Usage items by identity.
    pub(crate) usage: BTreeMap<String, Item>,
}

impl StoredState {
    pub(crate) async fn of(stack: &Stack) -> anyhow::Result<Self> {
        let (records, usage) = items(stack).await?;
        let mut stored_state = Self {
            s3: stack.s3(),
            bucket: stack.outputs().bucket_name.clone(),
            originals: BTreeMap::new(),
            variants: BTreeMap::new(),
            records,
            usage,
        };
        for key in stored_state.keys("original-files/dev/").await? {
            stored_state
                .originals
                .entry(id(&key)?)
                .or_default()
                .push(key);
        }
        for key in stored_state.keys("thumbnails/dev/").await? {
            stored_state
                .variants
                .entry(id(&key)?)
                .or_default()
                .insert(key);
        }
        Ok(stored_state)
    }

    /// Reads an object.
    pub(crate) async fn get(&self, key: &str) -> anyhow::Result<Vec<u8>> {
        let get = self.s3.get_object().bucket(&self.bucket);
        let answer = get.key(key).send().await?;
        Ok(answer.body.collect().await?.to_vec())
    }

    async fn keys(&self, prefix: &str) -> anyhow::Result<Vec<String>> {
        let mut pages = self
            .s3
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix)
            .into_paginator()
            .send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let contents = page?.contents.unwrap_or_default();
            keys.extend(contents.into_iter().filter_map(|object| object.key));
        }
        Ok(keys)
    }
}

/// Parses the id from `<tree>/<stage>/<identity>/<image>.jpg` or
/// `<tree>/<stage>/<identity>/<image>/…`.
fn id(key: &str) -> anyhow::Result<Id> {
    let mut segments = key.split('/').skip(2);
    let id = segments.next().zip(segments.next());
    let (identity, image) = id.with_context(|| key.to_owned())?;
    let image = image.split('.').next().unwrap_or(image);
    Ok((identity.to_owned(), image.to_owned()))
}

/// Reads the table: records, and usage items.
async fn items(stack: &Stack) -> anyhow::Result<(BTreeMap<Id, Item>, BTreeMap<String, Item>)> {
    let mut pages = aws_sdk_dynamodb::Client::new(stack.sdk_config())
        .scan()
        .table_name(&stack.outputs().table_name)
        .into_paginator()
        .send();
    let (mut records, mut usage) = (BTreeMap::new(), BTreeMap::new());
    while let Some(page) = pages.next().await {
        for item in page?.items.unwrap_or_default() {
            let id = text(&item, "identityId").zip(text(&item, "imageId"));
            let (identity, image) = id.context("a key")?;
            match UsageKey::parse(identity, image) {
                Ok(key) => usage.insert(key.identity().to_string(), item),
                Err(_) => records.insert((identity.to_owned(), image.to_owned()), item),
            };
        }
    }
    Ok((records, usage))
}

/// Returns the value of a string attribute.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// Returns the value of a number attribute.
pub(crate) fn number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}
