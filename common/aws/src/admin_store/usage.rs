//! Usage items of all users: recounts, repairs and overrides.

use std::collections::HashMap;

use time::OffsetDateTime;

use crate::{
    admin_store::{
        AdminStore,
        record_facts::{RecordFacts, item_key},
    },
    counting::{Bound, CountError, Counting, Recount},
    item_write::ItemWrite,
    record_item::{get_number, number, text},
    service_error::ServiceError,
    usage_item::{self, Consistency, StoredUsage, UsageChange},
};
use common::{
    attribute::Attribute,
    identity_id::IdentityId,
    keys::ImageRef,
    usage::{Usage, UsageAttribute, UsageItem},
};

/// A usage item at the time of a read.
#[derive(Clone, Debug)]
pub struct UsageSeen(StoredUsage);

impl UsageSeen {
    /// Returns counters and override.
    pub fn item(&self) -> UsageItem {
        self.0.item
    }

    /// Whether the counters are stored as these numbers. Without an item, they are 0.
    pub fn is(&self, usage: Usage) -> bool {
        self.0.item.usage == usage && !self.0.has_wrong_types()
    }

    /// Whether any counter is stored.
    pub fn exists(&self) -> bool {
        self.0.exists()
    }

    /// Returns the time of the last change of a counter.
    pub fn updated_at(&self) -> Option<OffsetDateTime> {
        self.0.updated_at
    }
}

impl AdminStore {
    /// Whether the stage has quotas. Without, nothing is counted.
    pub fn is_counting(&self) -> bool {
        self.config.quota.is_on()
    }

    /// Reads a user's usage item.
    pub async fn usage(&self, identity: &IdentityId) -> Result<UsageSeen, ServiceError> {
        let counting = self.counting();
        let usage = counting.usage(identity, Consistency::Strong).await?;
        Ok(UsageSeen(usage))
    }

    /// Sums up what the records of a user count.
    pub async fn recount(&self, identity: &IdentityId) -> Result<Usage, ServiceError> {
        let mut usage = Usage::default();
        let mut behind = None;
        loop {
            let answer = self
                .dynamodb
                .query()
                .table_name(&self.config.table)
                .key_condition_expression("identityId = :identity")
                .expression_attribute_values(":identity", text(identity.as_str()))
                .consistent_read(true)
                .projection_expression(Attribute::CountedBytes.name())
                .set_exclusive_start_key(behind)
                .send()
                .await
                .map_err(|error| {
                    ServiceError::classify(format!("recount the usage of {identity}"), error)
                })?;
            for item in answer.items() {
                if let Some(bytes) = get_number(item, Attribute::CountedBytes) {
                    usage = usage.with_image(bytes);
                }
            }
            behind = answer.last_evaluated_key;
            if behind.is_none() {
                return Ok(usage);
            }
        }
    }

    /// Sets the counters of a user, if they are still those that were read; otherwise
    /// [`ServiceError::Precondition`].
    pub async fn repair_usage(
        &self,
        identity: &IdentityId,
        seen: &UsageSeen,
        usage: Usage,
    ) -> Result<(), ServiceError> {
        let change = UsageChange::Set(usage, &seen.0);
        let write = usage_item::write(identity, &change, OffsetDateTime::now_utc());
        self.send(write, format!("repair the usage of {identity}"))
            .await
    }

    /// Makes a record count, whatever the quota, if it still counts what it did when it was read;
    /// otherwise [`ServiceError::Precondition`].
    ///
    /// The condition names nothing else: a right to ask about an attribute in an update is a right
    /// to change it.
    pub async fn count_record(
        &self,
        image_ref: &ImageRef,
        facts: &RecordFacts,
        after: Option<u64>,
    ) -> Result<(), ServiceError> {
        let record = ItemWrite::update(item_key(&image_ref.into())).on("attribute_exists(imageId)");
        self.write_counted(image_ref, record, facts, after).await
    }

    pub(super) async fn write_counted(
        &self,
        image_ref: &ImageRef,
        record: ItemWrite,
        facts: &RecordFacts,
        after: Option<u64>,
    ) -> Result<(), ServiceError> {
        let recount = Recount {
            before: facts.counted,
            after,
        };
        let counting = self.counting();
        match counting
            .write(image_ref, record, recount, Bound::Free)
            .await
        {
            Ok(()) => Ok(()),
            Err(CountError::Service(error)) => Err(error),
            // No growth is limited here.
            Err(CountError::Record | CountError::OverQuota(_)) => Err(ServiceError::Precondition {
                what: format!("count {image_ref}"),
            }),
        }
    }

    /// Overrides a user's quota; 0 means no limit. `None` leaves the stage's.
    pub async fn override_quota(
        &self,
        identity: &IdentityId,
        max_bytes: Option<u64>,
        max_images: Option<u64>,
    ) -> Result<(), ServiceError> {
        let limits = [
            (UsageAttribute::MaxBytes, max_bytes),
            (UsageAttribute::MaxImages, max_images),
        ];
        let write = ItemWrite::update(usage_item::key(identity));
        let write = limits.into_iter().fold(write, |write, (limit, value)| {
            let name = limit.name();
            match value {
                Some(value) => write
                    .set(format!("{name} = :{name}"))
                    .value(format!(":{name}"), number(value)),
                None => write.remove(name),
            }
        });
        self.send(write, format!("override the quota of {identity}"))
            .await
    }

    /// Removes a user's usage item, and returns how many there were.
    pub async fn remove_usage(&self, identity: &IdentityId) -> Result<u64, ServiceError> {
        let found = self.count_usage_items(identity).await?;
        let removal = ItemWrite::removal(usage_item::key(identity));
        self.send(removal, format!("remove the usage of {identity}"))
            .await?;
        Ok(found)
    }

    /// Returns 1 if the user has a usage item.
    pub async fn count_usage_items(&self, identity: &IdentityId) -> Result<u64, ServiceError> {
        let (table, dynamodb) = (&self.config.table, &self.dynamodb);
        let answer = usage_item::request(dynamodb, table, identity, Consistency::Strong)
            .set_projection_expression(Some(Attribute::IdentityId.name().to_owned()))
            .set_expression_attribute_names(None::<HashMap<_, _>>)
            .send()
            .await
            .map_err(|error| {
                ServiceError::classify(format!("look for the usage of {identity}"), error)
            })?;
        Ok(u64::from(answer.item.is_some()))
    }

    pub(super) async fn send(&self, write: ItemWrite, what: String) -> Result<(), ServiceError> {
        write.send(&self.dynamodb, &self.config.table, what).await
    }

    fn counting(&self) -> Counting<'_> {
        Counting {
            dynamodb: &self.dynamodb,
            table: &self.config.table,
        }
    }
}
