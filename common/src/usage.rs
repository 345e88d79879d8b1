//! The usage item of a user: how much their records count, and the operator's override of their
//! quota.
//!
//! It has a partition of its own, which the user can read and not write. In the user's partition,
//! the user could set `expiresAt` on it, and the table's TTL would reset the counters.

use std::fmt;

use strum::IntoStaticStr;
use thiserror::Error;

use crate::identity_id::{IdentityId, InvalidIdentityId};

/// The prefix of the partition key. No identity id has a `#`.
const PREFIX: &str = "usage#";

/// The key of a usage item: the partition `usage#<identityId>`, which has one item.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UsageKey(IdentityId);

/// The error for a partition key that is of no usage item.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("the partition of a usage item looks like `usage#region:uuid`")]
pub struct InvalidUsageKey;

impl UsageKey {
    /// The sort key.
    pub const SORT: &str = "usage";

    /// Returns the key of a user's item.
    pub fn of(identity: &IdentityId) -> Self {
        Self(identity.clone())
    }

    /// Parses a partition key and a sort key.
    pub fn parse(partition: &str, sort: &str) -> Result<Self, InvalidUsageKey> {
        let identity = partition.strip_prefix(PREFIX).ok_or(InvalidUsageKey)?;
        if sort != Self::SORT {
            return Err(InvalidUsageKey);
        }
        IdentityId::parse(identity)
            .map(Self)
            .map_err(|InvalidIdentityId| InvalidUsageKey)
    }

    /// Returns the user.
    pub fn identity(&self) -> &IdentityId {
        &self.0
    }
}

/// Formats the partition key.
impl fmt::Display for UsageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.0)
    }
}

/// An attribute of a usage item, beside its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "camelCase")]
pub enum UsageAttribute {
    /// The sum of `countedBytes` of the user's records.
    Bytes,
    /// The number of records that have `countedBytes`.
    Images,
    /// The time of the last change of a counter.
    UpdatedAt,
    /// The operator's override of `MaxUserBytes`.
    MaxBytes,
    /// The operator's override of `MaxUserImages`.
    MaxImages,
}

impl UsageAttribute {
    /// The attributes that the functions write.
    pub const COUNTERS: [Self; 3] = [Self::Bytes, Self::Images, Self::UpdatedAt];

    /// All attributes.
    pub const ALL: [Self; 5] = [
        Self::Bytes,
        Self::Images,
        Self::UpdatedAt,
        Self::MaxBytes,
        Self::MaxImages,
    ];

    /// The name in `DynamoDB`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Bytes and images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of originals.
    pub bytes: u64,
    /// Number of images.
    pub images: u64,
}

impl Usage {
    /// Returns the usage with another image of this size.
    #[must_use]
    pub fn with_image(self, size_bytes: u64) -> Self {
        Self {
            bytes: self.bytes.saturating_add(size_bytes),
            images: self.images.saturating_add(1),
        }
    }

    /// Returns the usage after a record's count has changed. Counters never go below zero.
    #[must_use]
    pub fn after(self, delta: &Delta) -> Self {
        let add = |counter: u64, delta: i128| {
            let sum = (i128::from(counter) + delta).clamp(0, i128::from(u64::MAX));
            u64::try_from(sum).unwrap_or_default()
        };
        Self {
            bytes: add(self.bytes, delta.bytes),
            images: add(self.images, delta.images),
        }
    }
}

/// A change of a user's usage by a change of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delta {
    /// Bytes.
    pub bytes: i128,
    /// Images: -1, 0 or 1.
    pub images: i128,
}

impl Delta {
    /// Returns the change from what a record counted to what it will count.
    pub fn between(before: Option<u64>, after: Option<u64>) -> Self {
        let bytes = |counted: Option<u64>| i128::from(counted.unwrap_or_default());
        let images = |counted: Option<u64>| i128::from(counted.is_some());
        Self {
            bytes: bytes(after) - bytes(before),
            images: images(after) - images(before),
        }
    }

    /// Whether nothing changes.
    pub fn is_nothing(&self) -> bool {
        self.bytes == 0 && self.images == 0
    }

    /// Whether the user needs room for it.
    pub fn is_growth(&self) -> bool {
        self.bytes > 0 || self.images > 0
    }
}

/// A usage item, as read. An attribute of a wrong type counts as absent, and an absent counter is
/// zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageItem {
    /// The counters.
    pub usage: Usage,
    /// The operator's override; 0 means no limit.
    pub max_bytes: Option<u64>,
    /// The operator's override; 0 means no limit.
    pub max_images: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: &str = "eu-west-1:01234567-89ab-cdef-0123-456789abcdef";

    #[test]
    fn a_key_survives_its_own_text_and_is_no_identity() {
        let key = UsageKey::of(&IdentityId::parse(ALICE).unwrap());
        let text = key.to_string();
        assert_eq!(text, format!("usage#{ALICE}"));
        assert_eq!(UsageKey::parse(&text, "usage"), Ok(key));
        assert!(IdentityId::parse(&text).is_err());
    }

    #[test]
    fn other_keys_are_of_no_usage_item() {
        let partition = format!("usage#{ALICE}");
        for (partition, sort) in [
            (ALICE, "usage"),
            ("usage#", "usage"),
            ("usage#x", "usage"),
            (&format!("#{partition}"), "usage"),
            (&partition, "Usage"),
            (&partition, ""),
        ] {
            assert_eq!(
                UsageKey::parse(partition, sort),
                Err(InvalidUsageKey),
                "{partition} {sort}"
            );
        }
    }

    #[test]
    fn an_image_is_counted_once_whatever_it_was_before() {
        let delta = |before, after| {
            let Delta { bytes, images } = Delta::between(before, after);
            (bytes, images)
        };
        assert_eq!(delta(None, Some(5)), (5, 1));
        assert_eq!(delta(None, Some(0)), (0, 1));
        assert_eq!(delta(Some(5), Some(5)), (0, 0));
        assert_eq!(delta(Some(5), Some(3)), (-2, 0));
        assert_eq!(delta(Some(5), None), (-5, -1));
        assert_eq!(delta(None, None), (0, 0));
    }

    #[test]
    fn a_counter_stays_at_zero() {
        let usage = Usage {
            bytes: 3,
            images: 0,
        };
        assert_eq!(
            usage.after(&Delta::between(Some(5), None)),
            Usage::default()
        );
        let most = Usage {
            bytes: u64::MAX,
            images: 1,
        };
        assert_eq!(most.after(&Delta::between(None, Some(1))).bytes, u64::MAX);
        assert_eq!(most.with_image(1).bytes, u64::MAX);
    }

    #[test]
    fn names_are_those_of_stored_items() {
        let names = UsageAttribute::COUNTERS.map(UsageAttribute::name);
        assert_eq!(names, ["bytes", "images", "updatedAt"]);
        assert_eq!(UsageAttribute::MaxBytes.name(), "maxBytes");
        assert_eq!(UsageAttribute::MaxImages.name(), "maxImages");
    }
}
