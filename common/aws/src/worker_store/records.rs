//! The worker's writes of records. Each is conditional on the sequencer, so that a late event never
//! undoes a later one.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder, types::AttributeValue,
};
use media::{capture_time::CaptureTime, failure::Failure};
use time::OffsetDateTime;

use crate::{
    capture_item::from_capture,
    record_item::{
        from_colour, from_failure, from_original, from_thumbhash, from_thumbnails, number, text,
    },
    service_error::ServiceError,
    worker_store::WorkerStore,
};
use common::{
    attribute::Attribute,
    keys::OriginalKey,
    record::{Completion, ImageDetails, NO_FACTS, Original, Status},
    sequencer::Sequencer,
    taken_key::TakenKey,
    timestamp,
};

const NOT_OUTDATED: &str = "attribute_not_exists(sequencer) OR sequencer <= :sequencer";

/// No event, not even this one, has written the record; or a version before `factSet` has given it
/// up for this one.
const NOT_TRIED: &str = "attribute_not_exists(sequencer) OR sequencer < :sequencer OR \
                         (sequencer = :sequencer AND #status = :status AND attribute_not_exists(factSet))";

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
        let common = "#status = :status, original = :original, sequencer = :sequencer, \
                      processedAt = :now, factSet = :factSet, takenKey = :takenKey";
        let capture = match completion {
            Completion::Ready(facts) => Some(&facts.capture),
            Completion::Failed(_) | Completion::GivenUp(_) => None,
        };
        let fact_set = capture.and_then(|capture| capture.fact_set.as_deref());
        let taken_at = capture.and_then(|capture| capture.taken_at);
        let taken_key = TakenKey::new(taken_at.map(CaptureTime::sort_millis), key.image);
        let update = self
            .dynamodb
            .update_item()
            .table_name(&self.table)
            .set_key(Some(item_key(key)))
            .expression_attribute_names("#status", Attribute::Status.name())
            .expression_attribute_values(":original", from_original(original))
            .expression_attribute_values(":sequencer", text(sequencer.as_str()))
            .expression_attribute_values(":now", text(timestamp::to_text(now)))
            .expression_attribute_values(":factSet", text(fact_set.unwrap_or(NO_FACTS)))
            .expression_attribute_values(":takenKey", text(taken_key.to_string()));
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
            Completion::Ready(facts) => ready(update, common, facts),
            Completion::Failed(failure) | Completion::GivenUp(failure) => {
                failed(update, common, failure)
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

/// Adds the attributes of an image that was processed. Those that it does not have are removed: an
/// earlier original may have had them.
fn ready(
    update: UpdateItemFluentBuilder,
    common: &str,
    facts: &ImageDetails,
) -> UpdateItemFluentBuilder {
    let placeholder = facts.placeholder.as_ref();
    let optional = [
        (
            Attribute::VariantSet,
            facts.variant_set.as_deref().map(text),
        ),
        (
            Attribute::IsAnimated,
            facts.is_animated.map(AttributeValue::Bool),
        ),
        (
            Attribute::Thumbhash,
            placeholder.map(|one| from_thumbhash(&one.thumbhash)),
        ),
        (
            Attribute::DominantColour,
            placeholder.map(|one| from_colour(one.dominant_colour)),
        ),
    ];
    let mut update = update
        .expression_attribute_names("#format", Attribute::Format.name())
        .expression_attribute_values(":status", text(Status::Ready.as_str()))
        .expression_attribute_values(":width", number(facts.width))
        .expression_attribute_values(":height", number(facts.height))
        .expression_attribute_values(":format", text(facts.format.name()))
        .expression_attribute_values(":thumbnails", from_thumbnails(&facts.thumbnails))
        .expression_attribute_values(":sha256", text(&facts.sha256));
    let mut sets = vec![format!(
        "{common}, width = :width, height = :height, #format = :format, \
         thumbnails = :thumbnails, sha256 = :sha256"
    )];
    let mut removals = vec!["failure", "expiresAt"];
    for (attribute, value) in optional.into_iter().chain(from_capture(&facts.capture)) {
        let name = attribute.name();
        match value {
            Some(value) => {
                sets.push(format!("{name} = :{name}"));
                update = update.expression_attribute_values(format!(":{name}"), value);
            }
            None => removals.push(name),
        }
    }
    let (sets, removals) = (sets.join(", "), removals.join(", "));
    update.update_expression(format!("SET {sets} REMOVE {removals}"))
}

/// Adds the attributes of an image that failed, and removes those of one that did not.
fn failed(
    update: UpdateItemFluentBuilder,
    common: &str,
    failure: &Failure,
) -> UpdateItemFluentBuilder {
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
