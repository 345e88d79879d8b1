//! Reading and removing records.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::KeysAndAttributes;
use time::OffsetDateTime;

use crate::{
    admin_store::{
        AdminStore,
        record_facts::{Item, RawKey, RecordFacts, item_key, names, projection, raw_key, to_facts},
    },
    item_write::ItemWrite,
    record_item::{get_number, text},
    service_error::ServiceError,
};
use common::{attribute::Attribute, identity_id::IdentityId, keys::ImageRef, usage::UsageKey};

/// A foreign item that expires within this time is left to the table's TTL.
const SOON: Duration = Duration::from_hours(7 * 24);

/// Rounds for the unprocessed keys of a batch, which the SDK does not retry.
const ROUNDS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// A page of records, in the table's order.
#[derive(Debug)]
pub struct RecordPage {
    /// The records of images.
    pub records: Vec<(ImageRef, RecordFacts)>,
    /// The users whose usage items are on the page.
    pub usage_items: Vec<IdentityId>,
    /// The number of items that are neither of an image nor of a user's usage.
    pub unrelated: u64,
    /// Those of them that are in a user's partition, which only that user can write, and do not
    /// expire within a week.
    pub foreign: Vec<RawKey>,
    /// The exclusive start of the next page.
    pub next: Option<RawKey>,
}

/// Whether an item expires between now and [`SOON`].
fn expires_soon(item: &Item, now: OffsetDateTime) -> bool {
    let expires_at: Option<i64> = get_number(item, Attribute::ExpiresAt);
    let now = now.unix_timestamp();
    let end = now.saturating_add_unsigned(SOON.as_secs());
    expires_at.is_some_and(|at| (now..end).contains(&at))
}

impl AdminStore {
    /// The largest number of keys of [`AdminStore::records`]: `DynamoDB`'s limit.
    pub const MAX_RECORDS: usize = 100;

    /// Reads the records of up to [`AdminStore::MAX_RECORDS`] images.
    pub async fn records(
        &self,
        image_refs: &[ImageRef],
    ) -> Result<HashMap<ImageRef, RecordFacts>, ServiceError> {
        let what = || format!("get {} records", image_refs.len());
        let unavailable = |error| ServiceError::unavailable(what(), error);
        let table = &self.config.table;
        let mut found = HashMap::new();
        if image_refs.is_empty() {
            return Ok(found);
        }
        let keys = image_refs
            .iter()
            .map(|image_ref| item_key(&image_ref.into()));
        let mut left = KeysAndAttributes::builder()
            .set_keys(Some(keys.collect()))
            .consistent_read(true)
            .projection_expression(projection())
            .set_expression_attribute_names(Some(names()))
            .build()
            .map(Some)
            .map_err(unavailable)?;
        for round in 0..ROUNDS {
            let Some(keys) = left.take() else {
                return Ok(found);
            };
            if round > 0 {
                tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(round - 1)).await;
            }
            let answer = self
                .dynamodb
                .batch_get_item()
                .request_items(table, keys)
                .send()
                .await
                .map_err(|error| ServiceError::classify(what(), error))?;
            let items = answer.responses().and_then(|all| all.get(table));
            found.extend(items.into_iter().flatten().filter_map(to_facts));
            left = answer
                .unprocessed_keys
                .and_then(|mut all| all.remove(table))
                .filter(|keys| !keys.keys().is_empty());
        }
        match left {
            None => Ok(found),
            Some(keys) => Err(ServiceError::unavailable(
                what(),
                format!("{} of them are not answered", keys.keys().len()),
            )),
        }
    }

    /// Reads a page of the table, or of one user's partition.
    pub async fn record_page(
        &self,
        of: Option<&IdentityId>,
        behind: Option<&RawKey>,
        limit: i32,
    ) -> Result<RecordPage, ServiceError> {
        let (items, next) = self
            .item_page(of, behind, limit, &projection(), names())
            .await?;
        let count = items.len();
        let records: Vec<_> = items.iter().filter_map(to_facts).collect();
        let usage_items: Vec<_> = items.iter().filter_map(usage_of).collect();
        let related = records.len() + usage_items.len();
        let now = OffsetDateTime::now_utc();
        let foreign = items.iter().filter(|item| to_facts(item).is_none());
        Ok(RecordPage {
            foreign: foreign
                .filter(|item| !expires_soon(item, now))
                .filter_map(raw_key)
                .filter(|key| IdentityId::parse(&key.identity).is_ok())
                .collect(),
            unrelated: u64::try_from(count - related).unwrap_or_default(),
            usage_items,
            records,
            next,
        })
    }

    /// Reads a page of the keys of a user's items, whether they are of an image or not.
    pub async fn item_keys(
        &self,
        of: &IdentityId,
        behind: Option<&RawKey>,
        limit: i32,
    ) -> Result<(Vec<RawKey>, Option<RawKey>), ServiceError> {
        let (items, next) = self
            .item_page(
                Some(of),
                behind,
                limit,
                "identityId, imageId",
                HashMap::new(),
            )
            .await?;
        Ok((items.iter().filter_map(raw_key).collect(), next))
    }

    async fn item_page(
        &self,
        of: Option<&IdentityId>,
        behind: Option<&RawKey>,
        limit: i32,
        projection: &str,
        names: HashMap<String, String>,
    ) -> Result<(Vec<Item>, Option<RawKey>), ServiceError> {
        let names = Some(names).filter(|names| !names.is_empty());
        let behind = behind.map(item_key);
        let (items, last) = match of {
            Some(identity) => {
                self.query(identity, behind, limit, projection, names)
                    .await?
            }
            None => self.scan(behind, limit, projection, names).await?,
        };
        Ok((items, last.as_ref().and_then(raw_key)))
    }

    async fn query(
        &self,
        identity: &IdentityId,
        behind: Option<Item>,
        limit: i32,
        projection: &str,
        names: Option<HashMap<String, String>>,
    ) -> Result<(Vec<Item>, Option<Item>), ServiceError> {
        let answer = self
            .dynamodb
            .query()
            .table_name(&self.config.table)
            .key_condition_expression("identityId = :identity")
            .expression_attribute_values(":identity", text(identity.as_str()))
            .consistent_read(true)
            .projection_expression(projection)
            .set_expression_attribute_names(names)
            .set_exclusive_start_key(behind)
            .limit(limit)
            .send()
            .await
            .map_err(|error| {
                ServiceError::classify(format!("query the records of {identity}"), error)
            })?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }

    async fn scan(
        &self,
        behind: Option<Item>,
        limit: i32,
        projection: &str,
        names: Option<HashMap<String, String>>,
    ) -> Result<(Vec<Item>, Option<Item>), ServiceError> {
        let answer = self
            .dynamodb
            .scan()
            .table_name(&self.config.table)
            .consistent_read(true)
            .projection_expression(projection)
            .set_expression_attribute_names(names)
            .set_exclusive_start_key(behind)
            .limit(limit)
            .send()
            .await
            .map_err(|error| ServiceError::classify("scan the records", error))?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }

    /// Removes a record, and what it counts, if it has not changed since it was read; otherwise
    /// [`ServiceError::Precondition`].
    pub async fn remove_record(
        &self,
        image_ref: &ImageRef,
        facts: &RecordFacts,
    ) -> Result<(), ServiceError> {
        let removal = facts.unchanged(ItemWrite::removal(item_key(&image_ref.into())));
        if self.is_counting() {
            return self.write_counted(image_ref, removal, facts, None).await;
        }
        self.send(removal, format!("remove the record of {image_ref}"))
            .await
    }

    /// Removes an item unconditionally.
    pub async fn remove_item(&self, key: &RawKey) -> Result<(), ServiceError> {
        self.dynamodb
            .delete_item()
            .table_name(&self.config.table)
            .set_key(Some(item_key(key)))
            .send()
            .await
            .map_err(|error| {
                let RawKey { identity, image } = key;
                ServiceError::classify(format!("remove the item {identity}/{image}"), error)
            })?;
        Ok(())
    }
}

/// Returns the user whose usage item this is.
fn usage_of(item: &Item) -> Option<IdentityId> {
    let RawKey { identity, image } = raw_key(item)?;
    let key = UsageKey::parse(&identity, &image).ok()?;
    Some(key.identity().clone())
}
