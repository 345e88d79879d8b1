//! The worker's writes of records. Each is conditional on the sequencer, so that a late event never
//! undoes a later one.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use media::{capture_time::CaptureTime, failure::Failure};
use time::OffsetDateTime;

use crate::{
    capture_item::from_capture,
    item_write::ItemWrite,
    record_item::{
        from_colour, from_failure, from_original, from_thumbhash, from_thumbnails, number, text,
    },
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

/// The record is of this original: two keys that differ in their extensions are one image, which
/// happens only where a user puts objects directly.
const OF_THIS_ORIGINAL: &str = "attribute_not_exists(original) OR original.extension = :extension";

/// The record is as the upload left it, or an event of the same bytes has completed it.
const UNDISTURBED: &str = "attribute_exists(imageId) AND \
                           (attribute_not_exists(sequencer) OR original.etag = :etag)";

const NOT_COMPLETED: &str = "attribute_not_exists(sequencer)";

/// The records that may be completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CompletionScope {
    /// Visible records that exist and that no event of other bytes has completed. So no worker has
    /// written variants of other bytes over these without noticing it.
    Undisturbed,
    /// Records that no event has completed, hidden and missing ones too.
    NotCompleted,
    /// Visible records, and missing ones.
    VisibleOnly,
    /// Hidden records too, which become visible: their original is known to exist.
    IncludingHidden,
}

/// Returns the write of the worker's attributes of a record, which creates the record where it is
/// missing. It is refused if a later event wrote the record, or if the record may not be completed.
pub(super) fn completion_write(
    key: &OriginalKey,
    sequencer: &Sequencer,
    original: &Original,
    completion: &Completion,
    which: CompletionScope,
) -> ItemWrite {
    let now = OffsetDateTime::now_utc();
    let capture = match completion {
        Completion::Ready(facts) => Some(&facts.capture),
        Completion::Failed(_) | Completion::GivenUp(_) => None,
    };
    let fact_set = capture.and_then(|capture| capture.fact_set.as_deref());
    let taken_at = capture.and_then(|capture| capture.taken_at);
    let taken_key = TakenKey::new(taken_at.map(CaptureTime::sort_millis), key.image);
    let in_order = match completion {
        Completion::Ready(_) | Completion::Failed(_) => NOT_OUTDATED,
        Completion::GivenUp(_) => NOT_TRIED,
    };
    let write = ItemWrite::update(item_key(key))
        .on(in_order)
        .set("#status = :status, original = :original, sequencer = :sequencer")
        .set("processedAt = :now, factSet = :factSet, takenKey = :takenKey")
        .name("#status", Attribute::Status.name())
        .value(":original", from_original(original))
        .value(":sequencer", text(sequencer.as_str()))
        .value(":now", text(timestamp::to_text(now)))
        .value(":factSet", text(fact_set.unwrap_or(NO_FACTS)))
        .value(":takenKey", text(taken_key.to_string()))
        .remove(Attribute::ExpiresAt.name());
    let write = match which {
        CompletionScope::Undisturbed => match &original.etag {
            Some(etag) => write.on(UNDISTURBED).value(":etag", text(etag)),
            None => write.on("attribute_exists(imageId)").on(NOT_COMPLETED),
        },
        CompletionScope::NotCompleted => write.on(NOT_COMPLETED),
        CompletionScope::VisibleOnly | CompletionScope::IncludingHidden => write,
    };
    let write = match which {
        CompletionScope::Undisturbed | CompletionScope::VisibleOnly => write
            .on(NOT_HIDDEN)
            .value(":seconds", number(now.unix_timestamp())),
        CompletionScope::NotCompleted | CompletionScope::IncludingHidden => write,
    };
    match completion {
        Completion::Ready(facts) => ready(write, facts),
        Completion::Failed(failure) | Completion::GivenUp(failure) => failed(write, failure),
    }
}

/// Returns the removal of the record of an original that is gone. It is refused if a later event
/// wrote the record, or if it is of another original.
pub(super) fn removal(key: &OriginalKey, sequencer: &Sequencer) -> ItemWrite {
    ItemWrite::removal(item_key(key))
        .on(NOT_OUTDATED)
        .on(OF_THIS_ORIGINAL)
        .value(":sequencer", text(sequencer.as_str()))
        .value(":extension", text(key.extension.as_str()))
}

/// Adds the attributes of an image that was processed. Those that it does not have are removed: an
/// earlier original may have had them.
fn ready(write: ItemWrite, facts: &ImageDetails) -> ItemWrite {
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
    let write = write
        .set("width = :width, height = :height, #format = :format")
        .set("thumbnails = :thumbnails, sha256 = :sha256")
        .name("#format", Attribute::Format.name())
        .value(":status", text(Status::Ready.as_str()))
        .value(":width", number(facts.width))
        .value(":height", number(facts.height))
        .value(":format", text(facts.format.name()))
        .value(":thumbnails", from_thumbnails(&facts.thumbnails))
        .value(":sha256", text(&facts.sha256))
        .remove(Attribute::Failure.name());
    let optional = optional.into_iter().chain(from_capture(&facts.capture));
    optional.fold(write, |write, (attribute, value)| {
        let name = attribute.name();
        match value {
            Some(value) => write
                .set(format!("{name} = :{name}"))
                .value(format!(":{name}"), value),
            None => write.remove(name),
        }
    })
}

/// Adds the attributes of an image that failed, and removes those of one that did not.
fn failed(write: ItemWrite, failure: &Failure) -> ItemWrite {
    let write = write
        .set("failure = :failure")
        .value(":status", text(Status::Failed.as_str()))
        .value(":failure", from_failure(failure));
    Attribute::of_ready_images().fold(write, |write, attribute| {
        let placeholder = format!("#{}", attribute.name());
        write
            .name(&placeholder, attribute.name())
            .remove(placeholder)
    })
}

pub(super) fn item_key(key: &OriginalKey) -> HashMap<String, AttributeValue> {
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
