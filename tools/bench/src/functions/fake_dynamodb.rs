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

/// The only key condition that the listing uses.
const CONDITION: &str = "identityId = :identity AND imageId BETWEEN :first AND :last";

/// A running table with one user's images, and that user's Cognito.
pub(super) struct Table {
    server: Server,
    partition: Arc<Partition>,
}

struct Partition {
    /// Items as DynamoDB's JSON, by image id.
    items: BTreeMap<String, String>,
    queries: AtomicUsize,
}

impl Table {
    pub(super) fn start(images: i64) -> std::io::Result<Self> {
        let items = records::positions(images)
            .map(|place| {
                let item = records::item(IDENTITY, place);
                (records::image_id(place), item.to_string())
            })
            .collect();
        let partition = Arc::new(Partition {
            items,
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
        anyhow::ensure!(
            condition == CONDITION && query.get("FilterExpression").is_none(),
            "unsupported key condition or filter: {condition}"
        );
        let limit = usize::try_from(query["Limit"].as_u64().context("no limit")?)?;
        let value = |name: &str| {
            let text = query["ExpressionAttributeValues"][name]["S"].as_str();
            text.with_context(|| format!("no {name}"))
        };
        let first = Bound::Included(value(":first")?);
        let last = Bound::Included(value(":last")?);
        let start = query["ExclusiveStartKey"]["imageId"]["S"]
            .as_str()
            .map(Bound::Excluded);
        let page: Vec<(&String, &String)> = if query["ScanIndexForward"] == json!(false) {
            let newest = start.unwrap_or(last);
            self.items
                .range::<str, _>((first, newest))
                .rev()
                .take(limit)
                .collect()
        } else {
            let oldest = start.unwrap_or(first);
            self.items
                .range::<str, _>((oldest, last))
                .take(limit)
                .collect()
        };
        let items: Vec<&str> = page.iter().map(|(_, item)| item.as_str()).collect();
        let last = match page.last() {
            Some((id, _)) if page.len() == limit => {
                let key = json!({ "identityId": { "S": IDENTITY }, "imageId": { "S": id } });
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
