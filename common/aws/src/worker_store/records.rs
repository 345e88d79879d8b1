//! The worker's writes of records. Each is conditional on the sequencer, so that a late event never
//! undoes a later one.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use time::OffsetDateTime;

use crate::{
    record_item::{
        from_colour, from_failure, from_original, from_thumbhash, from_thumbnails, number, text,
    },
    service_error::ServiceError,
    worker_store::WorkerStore,
};
use common::{
    attribute::Attribute,
    keys::OriginalKey,
    record::{Completion, Original, Status},
    sequencer::Sequencer,
    timestamp,
};

const NOT_OUTDATED: &str = "attribute_not_exists(sequencer) OR sequencer <= :sequencer";

/// No event, not even this one, has written the record.
const NOT_TRIED: &str = "attribute_not_exists(sequencer) OR sequencer < :sequencer";

/// The record of a deleted image has an `expiresAt` in the past: see
/// [`ImageRecord`](common::record::ImageRecord).
const NOT_HIDDEN: &str = "attribute_not_exists(expiresAt) OR expiresAt > :seconds";

/// The records that may be completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionScope {
    /// Visible records, and missing ones.
    VisibleOnly,
    /// Hidden records too, which become visible: their original is known to exist.
    IncludingHidden,
}

impl WorkerStore {
    /// Writes the worker's attributes of a record, and creates the record where it is missing.
    /// [`ServiceError::Precondition`] means that a later event wrote the record, or that the record
    /// may not be completed.
    pub async fn complete(
        &self,
        key: &OriginalKey,
        sequencer: &Sequencer,
        original: &Original,
        completion: &Completion,
        which: CompletionScope,
    ) -> Result<(), ServiceError> {
        let now = OffsetDateTime::now_utc();
        let common =
            "#status = :status, original = :original, sequencer = :sequencer, processedAt = :now";
        let update = self
            .dynamodb
            .update_item()
            .table_name(&self.table)
            .set_key(Some(item_key(key)))
            .expression_attribute_names("#status", Attribute::Status.name())
            .expression_attribute_values(":original", from_original(original))
            .expression_attribute_values(":sequencer", text(sequencer.as_str()))
            .expression_attribute_values(":now", text(timestamp::to_text(now)));
        let in_order = match completion {
            Completion::Ready(_) | Completion::Failed(_) => NOT_OUTDATED,
            Completion::GivenUp(_) => NOT_TRIED,
        };
        let update = match which {
            CompletionScope::VisibleOnly => update
                .condition_expression(format!("({in_order}) AND ({NOT_HIDDEN})"))
                .expression_attribute_values(":seconds", number(now.unix_timestamp())),
            CompletionScope::IncludingHidden => update.condition_expression(in_order),
        };
        let update = match completion {
            Completion::Ready(facts) => {
                let mut set = format!(
                    "SET {common}, width = :width, height = :height, #format = :format, thumbnails = :thumbnails, \
                     sha256 = :sha256"
                );
                let mut update = update;
                if let Some(variant_set) = &facts.variant_set {
                    set += ", variantSet = :variantSet";
                    update = update.expression_attribute_values(":variantSet", text(variant_set));
                }
                if let Some(is_animated) = facts.is_animated {
                    set += ", isAnimated = :isAnimated";
                    update = update.expression_attribute_values(
                        ":isAnimated",
                        AttributeValue::Bool(is_animated),
                    );
                }
                if let Some(placeholder) = &facts.placeholder {
                    set += ", thumbhash = :thumbhash, dominantColour = :colour";
                    update = update
                        .expression_attribute_values(
                            ":thumbhash",
                            from_thumbhash(&placeholder.thumbhash),
                        )
                        .expression_attribute_values(
                            ":colour",
                            from_colour(placeholder.dominant_colour),
                        );
                }
                update
                    .expression_attribute_names("#format", Attribute::Format.name())
                    .update_expression(set + " REMOVE failure, expiresAt")
                    .expression_attribute_values(":status", text(Status::Ready.as_str()))
                    .expression_attribute_values(":width", number(facts.width))
                    .expression_attribute_values(":height", number(facts.height))
                    .expression_attribute_values(":format", text(facts.format.name()))
                    .expression_attribute_values(":thumbnails", from_thumbnails(&facts.thumbnails))
                    .expression_attribute_values(":sha256", text(&facts.sha256))
            }
            Completion::Failed(failure) | Completion::GivenUp(failure) => {
                let mut update = update;
                let mut removals = vec![Attribute::ExpiresAt.name().to_owned()];
                for attribute in Attribute::of_ready_images() {
                    let placeholder = format!("#{}", attribute.name());
                    update = update.expression_attribute_names(&placeholder, attribute.name());
                    removals.push(placeholder);
                }
                let removals = removals.join(", ");
                update
                    .update_expression(format!(
                        "SET {common}, failure = :failure REMOVE {removals}"
                    ))
                    .expression_attribute_values(":status", text(Status::Failed.as_str()))
                    .expression_attribute_values(":failure", from_failure(failure))
            }
        };
        update
            .send()
            .await
            .map_err(|error| ServiceError::classify(format!("complete {key}"), error))?;
        Ok(())
    }

    /// Removes the record of an original that is gone, if there is one.
    /// [`ServiceError::Precondition`] means that a later event wrote the record, or that it is of
    /// another original: two keys that differ in their extensions are one image, which happens only
    /// where a user puts objects directly.
    pub async fn remove_record(
        &self,
        key: &OriginalKey,
        sequencer: &Sequencer,
    ) -> Result<(), ServiceError> {
        self.dynamodb
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(item_key(key)))
            .condition_expression(format!(
                "({NOT_OUTDATED}) AND (attribute_not_exists(original) OR original.extension = :extension)"
            ))
            .expression_attribute_values(":sequencer", text(sequencer.as_str()))
            .expression_attribute_values(":extension", text(key.extension.as_str()))
            .send()
            .await
            .map_err(|error| {
                ServiceError::classify(format!("remove the record of {key}"), error)
            })?;
        Ok(())
    }
}

fn item_key(key: &OriginalKey) -> HashMap<String, AttributeValue> {
    HashMap::from([
        (
            Attribute::IdentityId.name().to_owned(),
            text(key.identity.as_str()),
        ),
        (
            Attribute::ImageId.name().to_owned(),
            text(key.image.to_string()),
        ),
    ])
}
