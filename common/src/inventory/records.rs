//! Records, without what their users say of them.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use time::OffsetDateTime;

use crate::{
    identity_id::IdentityId,
    image_id::ImageId,
    inventory::Inventory,
    keys::Place,
    record::{Original, Status, Thumbnail},
    record_item::{get_text, text, to_record},
    sequencer::Sequencer,
    service_error::ServiceError,
    timestamp,
};

type Item = HashMap<String, AttributeValue>;

/// The keys, the worker's half, and `expiresAt`. The template's role for `reconcile` names the same.
const PROJECTION: &str = "identityId, imageId, #status, width, height, #format, thumbnails, sha256, failure, \
                          sequencer, processedAt, original, variantSet, expiresAt";
const NAMES: [(&str, &str); 2] = [("#status", "status"), ("#format", "format")];

/// Of a batch that was answered, some keys may have been left out, for which the SDK does not try again.
const ROUNDS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// What a record says, as far as it can be held against the bucket.
#[derive(Clone, Debug)]
pub struct RecordFacts {
    /// Where the image is on its way.
    pub status: Status,
    /// The last event that wrote it. Text that is none counts as none.
    pub sequencer: Option<Sequencer>,
    /// When the worker wrote it.
    pub processed_at: Option<OffsetDateTime>,
    /// Unix seconds; while pending, and once deleted.
    pub expires_at: Option<i64>,
    /// The original, as the worker found it.
    pub original: Option<Original>,
    /// The variants, where the record is `ready` and whole.
    pub thumbnails: Option<Vec<Thumbnail>>,
    /// The version of the set of variants.
    pub variant_set: Option<String>,
    /// Whether it says why there are none.
    pub has_failure: bool,
    /// What must not have changed when it is removed.
    pub seen: Seen,
}

/// The attributes by which it would show that somebody else has written a record, as they were.
#[derive(Clone, Debug, Default)]
pub struct Seen(Vec<(&'static str, Option<AttributeValue>)>);

impl RecordFacts {
    /// A record of nothing but these, for tests of what is decided by it.
    pub fn bare(status: Status) -> Self {
        Self {
            status,
            sequencer: None,
            processed_at: None,
            expires_at: None,
            original: None,
            thumbnails: None,
            variant_set: None,
            has_failure: false,
            seen: Seen::default(),
        }
    }
}

/// An item's key, whatever a user wrote there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawKey {
    /// The partition.
    pub identity: String,
    /// The sort key: an image id, unless its user made up something else.
    pub image: String,
}

/// Some records, in the table's own order.
#[derive(Debug)]
pub struct RecordPage {
    /// Those of images.
    pub records: Vec<(Place, RecordFacts)>,
    /// How many items were of no image.
    pub foreign: u64,
    /// Go on behind it.
    pub next: Option<RawKey>,
}

impl Inventory {
    /// The most places of [`Inventory::records`]: `DynamoDB`'s limit.
    pub const MAX_RECORDS: usize = 100;

    /// The records of up to [`Inventory::MAX_RECORDS`] images; absent where there is none.
    pub async fn records(
        &self,
        places: &[Place],
    ) -> Result<HashMap<Place, RecordFacts>, ServiceError> {
        let what = || format!("get {} records", places.len());
        let unavailable = |error| ServiceError::unavailable(what(), error);
        let table = &self.places.table;
        let mut found = HashMap::new();
        if places.is_empty() {
            return Ok(found);
        }
        let keys = places.iter().map(|place| {
            item_key(&RawKey {
                identity: place.identity.to_string(),
                image: place.image.to_string(),
            })
        });
        let mut left = KeysAndAttributes::builder()
            .set_keys(Some(keys.collect()))
            .consistent_read(true)
            .projection_expression(PROJECTION)
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

    /// A page of the whole table, or of one user's part of it.
    pub async fn record_page(
        &self,
        of: Option<&IdentityId>,
        behind: Option<&RawKey>,
        limit: i32,
    ) -> Result<RecordPage, ServiceError> {
        let (items, next) = self
            .item_page(of, behind, limit, PROJECTION, names())
            .await?;
        let count = items.len();
        let records: Vec<_> = items.iter().filter_map(to_facts).collect();
        Ok(RecordPage {
            foreign: u64::try_from(count - records.len()).unwrap_or_default(),
            records,
            next,
        })
    }

    /// The keys of a page of a user's items, those included that are of no image.
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
            .table_name(&self.places.table)
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
            .table_name(&self.places.table)
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

    /// Removes a record if it is as it was seen; [`ServiceError::Precondition`] if it is not, or is gone.
    pub async fn remove_record(
        &self,
        place: &Place,
        facts: &RecordFacts,
    ) -> Result<(), ServiceError> {
        let mut conditions = vec!["attribute_exists(imageId)".to_owned()];
        let mut delete = self
            .dynamodb
            .delete_item()
            .table_name(&self.places.table)
            .set_key(Some(item_key(&RawKey {
                identity: place.identity.to_string(),
                image: place.image.to_string(),
            })));
        for (index, (name, value)) in facts.seen.0.iter().enumerate() {
            delete = delete.expression_attribute_names(format!("#{index}"), *name);
            conditions.push(match value {
                Some(value) => {
                    delete = delete.expression_attribute_values(format!(":{index}"), value.clone());
                    format!("#{index} = :{index}")
                }
                None => format!("attribute_not_exists(#{index})"),
            });
        }
        delete
            .condition_expression(conditions.join(" AND "))
            .send()
            .await
            .map_err(|error| {
                ServiceError::classify(format!("remove the record of {place}"), error)
            })?;
        Ok(())
    }

    /// Removes an item, whatever it is.
    pub async fn remove_item(&self, key: &RawKey) -> Result<(), ServiceError> {
        self.dynamodb
            .delete_item()
            .table_name(&self.places.table)
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

fn names() -> HashMap<String, String> {
    NAMES
        .map(|(name, attribute)| (name.to_owned(), attribute.to_owned()))
        .into()
}

fn item_key(key: &RawKey) -> Item {
    HashMap::from([
        ("identityId".to_owned(), text(&key.identity)),
        ("imageId".to_owned(), text(&key.image)),
    ])
}

fn raw_key(item: &Item) -> Option<RawKey> {
    Some(RawKey {
        identity: get_text(item, "identityId")?.to_owned(),
        image: get_text(item, "imageId")?.to_owned(),
    })
}

fn to_facts(item: &Item) -> Option<(Place, RecordFacts)> {
    let record = to_record(item)?;
    let place = Place {
        identity: IdentityId::parse(get_text(item, "identityId")?).ok()?,
        image: ImageId::parse(get_text(item, "imageId")?).ok()?,
    };
    let seen = ["status", "sequencer", "processedAt", "expiresAt"]
        .map(|name| (name, item.get(name).cloned()));
    let facts = RecordFacts {
        status: record.status,
        sequencer: get_text(item, "sequencer").and_then(|text| Sequencer::parse(text).ok()),
        processed_at: record.processed_at.as_deref().and_then(timestamp::parse),
        expires_at: record.expires_at,
        original: record.original,
        variant_set: get_text(item, "variantSet").map(str::to_owned),
        thumbnails: record.facts.map(|facts| facts.thumbnails),
        has_failure: record.failure.is_some(),
        seen: Seen(seen.into()),
    };
    Some((place, facts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record_item::number;

    #[test]
    fn an_item_of_no_image_has_no_facts_and_keeps_its_key() {
        let item = Item::from([
            (
                "identityId".into(),
                text("eu-west-1:01234567-89ab-cdef-0123-456789abcdef"),
            ),
            ("imageId".into(), text("cat")),
            ("expiresAt".into(), number(1)),
        ]);
        assert!(to_facts(&item).is_none());
        assert_eq!(raw_key(&item).unwrap().image, "cat");
    }

    #[test]
    fn what_must_not_have_changed_is_what_was_there_and_what_was_not() {
        let item = Item::from([
            (
                "identityId".into(),
                text("eu-west-1:01234567-89ab-cdef-0123-456789abcdef"),
            ),
            (
                "imageId".into(),
                text("0190a5d0-7bcd-7abc-8def-0123456789ab"),
            ),
            ("expiresAt".into(), number(1)),
        ]);
        let (_, facts) = to_facts(&item).unwrap();
        assert_eq!(facts.status, Status::Pending);
        assert_eq!(
            facts.seen.0,
            [
                ("status", None),
                ("sequencer", None),
                ("processedAt", None),
                ("expiresAt", Some(number(1)))
            ]
        );
    }
}
