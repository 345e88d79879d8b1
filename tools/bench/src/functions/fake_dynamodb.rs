//! A table with the complexity of DynamoDB's `Query`: it finds the start in an ordered partition,
//! then reads on from there. The emulator scans every item of the table instead, which would
//! dominate the measurement.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::Context as _;
use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    fake_aws::{self, IDENTITY},
    http_server::{Answer, Request, Server, Service},
    records,
};

/// The key conditions that the listings use, on the table and on its index.
const CONDITION: &str = "identityId = :identity AND imageId BETWEEN :first AND :last";
const INDEX_CONDITION: &str = "identityId = :identity AND takenKey BETWEEN :first AND :last";

/// A running table with one user's images, and that user's Cognito.
pub(super) struct Table {
    server: Server,
    partition: Arc<Partition>,
}

struct Partition {
    /// Items as DynamoDB's JSON, by image id, with the key of the index.
    items: BTreeMap<String, Entry>,
    /// The image ids by the sort key of the index.
    index: BTreeMap<String, String>,
    queries: AtomicUsize,
}

struct Entry {
    json: String,
    taken_key: String,
}

impl Table {
    pub(super) fn start(images: i64) -> std::io::Result<Self> {
        let items = records::positions(images).map(|place| {
            let entry = Entry {
                json: records::item(IDENTITY, place).to_string(),
                taken_key: records::taken_key(place),
            };
            (records::image_id(place), entry)
        });
        let index = records::positions(images)
            .map(|place| (records::taken_key(place), records::image_id(place)));
        let partition = Arc::new(Partition {
            items: items.collect(),
            index: index.collect(),
            queries: AtomicUsize::new(0),
        });
        Ok(Self {
            server: Server::start(Arc::clone(&partition))?,
            partition,
        })
    }

    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    pub(super) fn queries(&self) -> usize {
        self.partition.queries.load(Ordering::Acquire)
    }
}

impl Service for Partition {
    fn answer(&self, request: &Request<'_>) -> Answer {
        if request.header("x-amz-target") != Some("DynamoDB_20120810.Query") {
            return fake_aws::exchange(request).unwrap_or_else(|| fake_aws::refusal("not a query"));
        }
        self.queries.fetch_add(1, Ordering::AcqRel);
        match self.query(request.body) {
            Ok(page) => fake_aws::aws_json(page),
            Err(error) => fake_aws::refusal(&format!("{error:#}")),
        }
    }
}

impl Partition {
    fn query(&self, body: &[u8]) -> anyhow::Result<Bytes> {
        let query: Value = serde_json::from_slice(body)?;
        let condition = query["KeyConditionExpression"]
            .as_str()
            .context("no condition")?;
        let (expected, sort_key) = match query["IndexName"].as_str() {
            None => (CONDITION, "imageId"),
            Some("taken") => (INDEX_CONDITION, "takenKey"),
            Some(other) => anyhow::bail!("no index {other}"),
        };
        anyhow::ensure!(
            condition == expected && query.get("FilterExpression").is_none(),
            "unsupported key condition or filter: {condition}"
        );
        let limit = usize::try_from(query["Limit"].as_u64().context("no limit")?)?;
        let value = |name: &str| {
            let text = query["ExpressionAttributeValues"][name]["S"].as_str();
            text.with_context(|| format!("no {name}"))
        };
        let first = Bound::Included(value(":first")?);
        let last = Bound::Included(value(":last")?);
        let start = query["ExclusiveStartKey"][sort_key]["S"]
            .as_str()
            .map(Bound::Excluded);
        let is_backwards = query["ScanIndexForward"] == json!(false);
        let range = if is_backwards {
            (first, start.unwrap_or(last))
        } else {
            (start.unwrap_or(first), last)
        };
        let page: Vec<(&String, &Entry)> = if sort_key == "imageId" {
            in_order(self.items.range::<str, _>(range), is_backwards, limit)
        } else {
            let page = in_order(self.index.range::<str, _>(range), is_backwards, limit);
            let with_entry = |(_, id): (&String, &_)| self.items.get_key_value::<String>(id);
            page.into_iter().filter_map(with_entry).collect()
        };
        let items: Vec<&str> = page.iter().map(|(_, entry)| entry.json.as_str()).collect();
        let last = match page.last() {
            Some((id, entry)) if page.len() == limit => {
                let mut key = json!({ "identityId": { "S": IDENTITY }, "imageId": { "S": id } });
                if sort_key == "takenKey" {
                    key["takenKey"] = json!({ "S": entry.taken_key });
                }
                format!(",\"LastEvaluatedKey\":{key}")
            }
            _ => String::new(),
        };
        Ok(Bytes::from(format!(
            "{{\"Count\":{0},\"ScannedCount\":{0},\"Items\":[{1}]{last}}}",
            items.len(),
            items.join(",")
        )))
    }
}

/// Takes a page from one end of a range.
fn in_order<'a, V>(
    range: impl DoubleEndedIterator<Item = (&'a String, &'a V)>,
    is_backwards: bool,
    limit: usize,
) -> Vec<(&'a String, &'a V)> {
    if is_backwards {
        range.rev().take(limit).collect()
    } else {
        range.take(limit).collect()
    }
}
