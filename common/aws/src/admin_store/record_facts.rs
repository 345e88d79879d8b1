//! The part of a record that the reconciliation reads.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use media::failure::FailureCode;
use time::OffsetDateTime;

use crate::{
    item_write::ItemWrite,
    record_item::{get_number, get_text, text, to_record},
};
use common::{
    attribute::Attribute,
    identity_id::IdentityId,
    image_id::ImageId,
    keys::ImageRef,
    record::{Original, Status, Thumbnail},
    sequencer::Sequencer,
    timestamp,
};

pub(super) type Item = HashMap<String, AttributeValue>;

/// A projection of the attributes that the reconciliation may read, with a placeholder for each.
pub(super) fn projection() -> String {
    placeholders().collect::<Vec<_>>().join(", ")
}

/// The placeholders of [`projection`].
pub(super) fn names() -> HashMap<String, String> {
    placeholders()
        .zip(Attribute::of_reconciliation())
        .map(|(placeholder, attribute)| (placeholder, attribute.name().to_owned()))
        .collect()
}

fn placeholders() -> impl Iterator<Item = String> {
    Attribute::of_reconciliation().map(|attribute| format!("#{}", attribute.name()))
}

/// The facts of a record that can be compared with the bucket.
#[derive(Clone, Debug)]
pub struct RecordFacts {
    /// The image's status.
    pub status: Status,
    /// The sequencer of the last event that wrote the record. An invalid text counts as absent.
    pub sequencer: Option<Sequencer>,
    /// The time at which the worker wrote the record.
    pub processed_at: Option<OffsetDateTime>,
    /// Unix seconds; while pending, and once deleted.
    pub expires_at: Option<i64>,
    /// The original, as the worker found it.
    pub original: Option<Original>,
    /// The variants, where the record is `ready` and whole.
    pub thumbnails: Option<Vec<Thumbnail>>,
    /// The version of the set of variants.
    pub variant_set: Option<String>,
    /// The version of the set of facts that was read.
    pub fact_set: Option<String>,
    /// Whether the record has a failure.
    pub has_failure: bool,
    /// Whether the failure is that there was no room.
    pub is_over_quota: bool,
    /// The bytes that the record counts.
    pub counted: Option<u64>,
    /// The version that a conditional removal requires.
    pub seen: RecordVersion,
}

/// The attributes that change with every write of a record, as they were read.
#[derive(Clone, Debug, Default)]
pub struct RecordVersion(pub(super) Vec<(&'static str, Option<AttributeValue>)>);

impl RecordFacts {
    /// A record with only a status, for tests.
    pub fn bare(status: Status) -> Self {
        Self {
            status,
            sequencer: None,
            processed_at: None,
            expires_at: None,
            original: None,
            thumbnails: None,
            variant_set: None,
            fact_set: None,
            has_failure: false,
            is_over_quota: false,
            counted: None,
            seen: RecordVersion::default(),
        }
    }

    /// Requires that the record is still as it was read.
    pub(super) fn unchanged(&self, write: ItemWrite) -> ItemWrite {
        let write = write.on("attribute_exists(imageId)");
        self.seen
            .0
            .iter()
            .enumerate()
            .fold(write, |write, (index, (name, value))| {
                let write = write.name(format!("#{index}"), name);
                match value {
                    Some(value) => write
                        .on(format!("#{index} = :{index}"))
                        .value(format!(":{index}"), value.clone()),
                    None => write.on(format!("attribute_not_exists(#{index})")),
                }
            })
    }
}

/// An item's key as it is stored, valid or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawKey {
    /// The partition.
    pub identity: String,
    /// The sort key: an image id, unless the user wrote something else.
    pub image: String,
}

impl From<&ImageRef> for RawKey {
    fn from(image_ref: &ImageRef) -> Self {
        Self {
            identity: image_ref.identity.to_string(),
            image: image_ref.image.to_string(),
        }
    }
}

pub(super) fn item_key(key: &RawKey) -> Item {
    HashMap::from([
        (Attribute::IdentityId.name().to_owned(), text(&key.identity)),
        (Attribute::ImageId.name().to_owned(), text(&key.image)),
    ])
}

pub(super) fn raw_key(item: &Item) -> Option<RawKey> {
    Some(RawKey {
        identity: get_text(item, Attribute::IdentityId)?.to_owned(),
        image: get_text(item, Attribute::ImageId)?.to_owned(),
    })
}

pub(super) fn to_facts(item: &Item) -> Option<(ImageRef, RecordFacts)> {
    let record = to_record(item)?;
    let image_ref = ImageRef {
        identity: IdentityId::parse(get_text(item, Attribute::IdentityId)?).ok()?,
        image: ImageId::parse(get_text(item, Attribute::ImageId)?).ok()?,
    };
    let seen = [
        Attribute::Status,
        Attribute::Sequencer,
        Attribute::ProcessedAt,
        Attribute::ExpiresAt,
    ]
    .map(|attribute| (attribute.name(), item.get(attribute.name()).cloned()));
    let failure = record.failure.as_ref();
    let code = failure.and_then(|failure| FailureCode::parse(&failure.code));
    let facts = RecordFacts {
        status: record.status,
        sequencer: get_text(item, Attribute::Sequencer)
            .and_then(|text| Sequencer::parse(text).ok()),
        processed_at: record.processed_at.as_deref().and_then(timestamp::parse),
        expires_at: record.expires_at,
        original: record.original,
        variant_set: get_text(item, Attribute::VariantSet).map(str::to_owned),
        fact_set: get_text(item, Attribute::FactSet).map(str::to_owned),
        thumbnails: record.facts.map(|facts| facts.thumbnails),
        has_failure: record.failure.is_some(),
        is_over_quota: code == Some(FailureCode::OverQuota),
        counted: get_number(item, Attribute::CountedBytes),
        seen: RecordVersion(seen.into()),
    };
    Some((image_ref, facts))
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
