//! The user's records.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    config::Builder,
    error::{ProvideErrorMetadata, SdkError},
    types::AttributeValue,
};
use time::OffsetDateTime;

use crate::{
    drawer::Drawer,
    image_id::ImageId,
    record::{ImageRecord, Pending},
    record_item::{number, text, to_record},
    service_error::ServiceError,
    timestamp,
};

/// A part of a listing.
#[derive(Debug)]
pub struct Page {
    /// Newest first.
    pub records: Vec<ImageRecord>,
    /// Where the next page begins, if there is more.
    pub last: Option<ImageId>,
}

/// Queries for one page, at most. Only abandoned uploads and foreign items are skipped, so one is the rule; a
/// user who wrote thousands of such items gets a short page with a cursor, and not a slow one.
const MAX_QUERIES: usize = 5;

impl Drawer<'_> {
    /// Writes the user's half of a new record.
    pub async fn write_pending(&self, record: &Pending) -> Result<(), ServiceError> {
        let update = self
            .drawers
            .dynamodb
            .update_item()
            .table_name(&self.drawers.places.table)
            .set_key(Some(self.key(record.image)))
            .condition_expression("attribute_not_exists(imageId)")
            .expression_attribute_names("#size", "size")
            .expression_attribute_values(":contentType", text(record.media_type.mime()))
            .expression_attribute_values(":size", number(record.size_bytes))
            .expression_attribute_values(
                ":uploadedAt",
                text(timestamp::to_text(record.uploaded_at)),
            )
            .expression_attribute_values(":expiresAt", number(record.expires_at.unix_timestamp()));
        let set = "SET contentType = :contentType, #size = :size, uploadedAt = :uploadedAt, expiresAt = :expiresAt";
        let update = match &record.file_name {
            Some(name) => update
                .update_expression(format!("{set}, fileName = :fileName"))
                .expression_attribute_values(":fileName", text(name.as_str())),
            None => update.update_expression(set),
        };
        update
            .customize()
            .config_override(self.dynamodb_override())
            .send()
            .await
            .map_err(|error| self.failed("write the record of", record.image, error))?;
        Ok(())
    }

    /// Gives up a pending record: it is no longer listed, and `DynamoDB` removes it in its own time.
    pub async fn abandon(&self, image: ImageId, now: OffsetDateTime) -> Result<(), ServiceError> {
        self.drawers
            .dynamodb
            .update_item()
            .table_name(&self.drawers.places.table)
            .set_key(Some(self.key(image)))
            .update_expression("SET expiresAt = :now")
            // The worker removes expiresAt: if the object arrived after all, there is nothing to give up.
            .condition_expression("attribute_exists(expiresAt)")
            .expression_attribute_values(":now", number(now.unix_timestamp()))
            .customize()
            .config_override(self.dynamodb_override())
            .send()
            .await
            .map_err(|error| self.failed("abandon", image, error))?;
        Ok(())
    }

    /// One record.
    pub async fn record(&self, image: ImageId) -> Result<Option<ImageRecord>, ServiceError> {
        let answer = self
            .drawers
            .dynamodb
            .get_item()
            .table_name(&self.drawers.places.table)
            .set_key(Some(self.key(image)))
            .consistent_read(true)
            .customize()
            .config_override(self.dynamodb_override())
            .send()
            .await
            .map_err(|error| self.failed("read", image, error))?;
        Ok(answer
            .item()
            .and_then(to_record)
            .filter(|record| !record.is_abandoned(OffsetDateTime::now_utc())))
    }

    /// Up to `limit` records, newest first, behind `after`.
    pub async fn page(&self, limit: usize, after: Option<ImageId>) -> Result<Page, ServiceError> {
        let now = OffsetDateTime::now_utc();
        let mut records = Vec::new();
        let mut start = after.map(|image| self.key(image));
        for _ in 0..MAX_QUERIES {
            let missing = limit - records.len();
            let answer = self
                .drawers
                .dynamodb
                .query()
                .table_name(&self.drawers.places.table)
                .key_condition_expression("identityId = :identity")
                .expression_attribute_values(":identity", text(self.identity().as_str()))
                .scan_index_forward(false)
                .limit(i32::try_from(missing).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start.take())
                .customize()
                .config_override(self.dynamodb_override())
                .send()
                .await
                .map_err(|error| {
                    ServiceError::classify(format!("list {}", self.identity()), error)
                })?;
            records.extend(
                answer
                    .items()
                    .iter()
                    .filter_map(to_record)
                    .filter(|record| !record.is_abandoned(now)),
            );
            start = answer.last_evaluated_key;
            if start.is_none() || records.len() >= limit {
                break;
            }
        }
        let last = start.and_then(|key| ImageId::parse(key.get("imageId")?.as_s().ok()?).ok());
        Ok(Page { records, last })
    }

    fn key(&self, image: ImageId) -> HashMap<String, AttributeValue> {
        HashMap::from([
            ("identityId".to_owned(), text(self.identity().as_str())),
            ("imageId".to_owned(), text(image.to_string())),
        ])
    }

    fn failed<E>(&self, operation: &str, image: ImageId, error: SdkError<E>) -> ServiceError
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        ServiceError::classify(format!("{operation} {}/{image}", self.identity()), error)
    }

    fn dynamodb_override(&self) -> Builder {
        aws_sdk_dynamodb::Config::builder().credentials_provider(self.credentials())
    }
}
