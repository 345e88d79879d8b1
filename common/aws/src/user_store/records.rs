//! Reading and writing a user's records.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    config::Builder,
    error::{ProvideErrorMetadata, SdkError},
    types::AttributeValue,
};
use time::OffsetDateTime;

use crate::{
    record_item::{number, text, to_record},
    service_error::ServiceError,
    user_store::UserStore,
};
use common::{
    attribute::Attribute,
    caption::Caption,
    changes::{FieldUpdate, ImagePatch},
    file_name::FileName,
    image_id::ImageId,
    record::{ImageRecord, Pending},
    timestamp,
};

pub(super) type Key = HashMap<String, AttributeValue>;

impl UserStore<'_> {
    /// Writes the user's attributes of a new record.
    pub async fn write_pending(&self, record: &Pending) -> Result<(), ServiceError> {
        let update = self
            .user_stores
            .dynamodb
            .update_item()
            .table_name(&self.user_stores.config.table)
            .set_key(Some(self.key(record.image)))
            .condition_expression("attribute_not_exists(imageId)")
            .expression_attribute_names("#size", Attribute::Size.name())
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

    /// Hides a pending record whose upload failed; the table's TTL removes it.
    pub async fn abandon(&self, image: ImageId, now: OffsetDateTime) -> Result<(), ServiceError> {
        // The worker removes expiresAt: if the object arrived after all, the record stays.
        self.expire(image, now, "attribute_exists(expiresAt)").await
    }

    /// Hides a record, whatever its status. [`ServiceError::Precondition`] when there is none.
    pub async fn hide(&self, image: ImageId, now: OffsetDateTime) -> Result<(), ServiceError> {
        // Without the condition, an update of a missing record would create it.
        self.expire(image, now, "attribute_exists(imageId)").await
    }

    async fn expire(
        &self,
        image: ImageId,
        now: OffsetDateTime,
        condition: &str,
    ) -> Result<(), ServiceError> {
        self.user_stores
            .dynamodb
            .update_item()
            .table_name(&self.user_stores.config.table)
            .set_key(Some(self.key(image)))
            .update_expression("SET expiresAt = :now")
            .condition_expression(condition)
            .expression_attribute_values(":now", number(now.unix_timestamp()))
            .customize()
            .config_override(self.dynamodb_override())
            .send()
            .await
            .map_err(|error| self.failed("hide", image, error))?;
        Ok(())
    }

    /// Changes name and caption. [`ServiceError::Precondition`] if there is no record, or a hidden
    /// one.
    pub async fn describe(
        &self,
        image: ImageId,
        changes: &ImagePatch,
        now: OffsetDateTime,
    ) -> Result<(), ServiceError> {
        let mut update = self
            .user_stores
            .dynamodb
            .update_item()
            .table_name(&self.user_stores.config.table)
            .set_key(Some(self.key(image)))
            .condition_expression(
                "attribute_exists(imageId) AND (attribute_not_exists(expiresAt) OR expiresAt > :now)",
            )
            .expression_attribute_values(":now", number(now.unix_timestamp()));
        let (mut sets, mut removals) = (Vec::new(), Vec::new());
        let edits = [
            (
                Attribute::FileName,
                as_text(&changes.file_name, FileName::as_str),
            ),
            (
                Attribute::Caption,
                as_text(&changes.caption, Caption::as_str),
            ),
        ];
        for (attribute, edit) in edits {
            let attribute = attribute.name();
            match edit {
                FieldUpdate::Keep => {}
                FieldUpdate::Remove => removals.push(attribute),
                FieldUpdate::Set(value) => {
                    let placeholder = format!(":{attribute}");
                    sets.push(format!("{attribute} = {placeholder}"));
                    update = update.expression_attribute_values(placeholder, text(value));
                }
            }
        }
        let clauses = [("SET", sets.join(", ")), ("REMOVE", removals.join(", "))];
        let expression: Vec<String> = clauses
            .iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(verb, list)| format!("{verb} {list}"))
            .collect();
        update
            .update_expression(expression.join(" "))
            .customize()
            .config_override(self.dynamodb_override())
            .send()
            .await
            .map_err(|error| self.failed("describe", image, error))?;
        Ok(())
    }

    /// Reads one record, unless it is hidden.
    pub async fn record(&self, image: ImageId) -> Result<Option<ImageRecord>, ServiceError> {
        let record = self.record_even_if_hidden(image).await?;
        Ok(record.filter(|record| !record.is_hidden(OffsetDateTime::now_utc())))
    }

    /// Reads one record, hidden or not: a deletion that stopped half-way must be able to go on.
    pub async fn record_even_if_hidden(
        &self,
        image: ImageId,
    ) -> Result<Option<ImageRecord>, ServiceError> {
        let answer = self
            .user_stores
            .dynamodb
            .get_item()
            .table_name(&self.user_stores.config.table)
            .set_key(Some(self.key(image)))
            .consistent_read(true)
            .customize()
            .config_override(self.dynamodb_override())
            .send()
            .await
            .map_err(|error| self.failed("read", image, error))?;
        Ok(answer.item().and_then(to_record))
    }

    pub(super) fn key(&self, image: ImageId) -> Key {
        HashMap::from([
            (
                Attribute::IdentityId.name().to_owned(),
                text(self.identity().as_str()),
            ),
            (
                Attribute::ImageId.name().to_owned(),
                text(image.to_string()),
            ),
        ])
    }

    fn failed<E>(&self, operation: &str, image: ImageId, error: SdkError<E>) -> ServiceError
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        ServiceError::classify(format!("{operation} {}/{image}", self.identity()), error)
    }

    pub(super) fn dynamodb_override(&self) -> Builder {
        aws_sdk_dynamodb::Config::builder().credentials_provider(self.credentials())
    }
}

fn as_text<T>(edit: &FieldUpdate<T>, text: impl FnOnce(&T) -> &str) -> FieldUpdate<&str> {
    match edit {
        FieldUpdate::Keep => FieldUpdate::Keep,
        FieldUpdate::Remove => FieldUpdate::Remove,
        FieldUpdate::Set(value) => FieldUpdate::Set(text(value)),
    }
}
