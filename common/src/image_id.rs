//! Image ids.

use std::fmt;

use thiserror::Error;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::identity_id::is_hyphenated_uuid;

/// A `UUIDv7`: its first 48 bits are the time, so ids sort by age and a listing needs no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImageId(Uuid);

/// The error for a text that is not an image id.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("an image id is a UUID of version 7, in lower case and with hyphens")]
pub struct InvalidImageId;

impl ImageId {
    /// Creates an id with the present time.
    #[expect(
        clippy::new_without_default,
        reason = "a default that differs at each call would surprise"
    )]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// Parses the one spelling that this project writes, so that equal images have equal keys.
    pub fn parse(text: &str) -> Result<Self, InvalidImageId> {
        if !is_hyphenated_uuid(text) {
            return Err(InvalidImageId);
        }
        match Uuid::try_parse(text) {
            Ok(uuid) if uuid.get_version_num() == 7 => Ok(Self(uuid)),
            _ => Err(InvalidImageId),
        }
    }

    /// The last millisecond that fits into an id, as Unix time.
    pub const MAX_MILLIS: u64 = (1 << 48) - 1;

    /// Returns the least id of a millisecond of Unix time.
    pub fn first_of(millis: u64) -> Self {
        Self(Uuid::from_u128(
            (u128::from(millis.min(Self::MAX_MILLIS)) << 80) | (7 << 76),
        ))
    }

    /// Returns the greatest id of a millisecond of Unix time.
    pub fn last_of(millis: u64) -> Self {
        let random = (1 << 76) - 1;
        Self(Uuid::from_u128(Self::first_of(millis).0.as_u128() | random))
    }

    /// Returns the time in the id, by the clock of its creator, with millisecond resolution.
    pub fn created_at(&self) -> OffsetDateTime {
        let millis = self.0.as_u128() >> 80;
        let nanos = i128::try_from(millis).unwrap_or(0) * 1_000_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// Returns the sixteen bytes, for cursors.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_own_text() {
        let id = ImageId::new();
        assert_eq!(ImageId::parse(&id.to_string()), Ok(id));
    }

    #[test]
    fn later_ids_sort_behind_earlier_ones_as_text() {
        let ids: Vec<String> = (0..1000).map(|_| ImageId::new().to_string()).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn an_id_knows_its_time() {
        let before = OffsetDateTime::now_utc();
        let age = ImageId::new().created_at() - before;
        assert!(age.abs() < time::Duration::seconds(1), "{age}");
    }

    #[test]
    fn the_ids_of_a_millisecond_lie_between_its_first_and_its_last() {
        let id = ImageId::new();
        let millis = u64::try_from(id.0.as_u128() >> 80).unwrap();
        let text = |id: ImageId| id.to_string();
        assert!(text(ImageId::first_of(millis)) <= text(id));
        assert!(text(id) <= text(ImageId::last_of(millis)));
        assert!(text(ImageId::last_of(millis - 1)) < text(ImageId::first_of(millis)));
        for bound in [
            ImageId::first_of(0),
            ImageId::last_of(ImageId::MAX_MILLIS),
            ImageId::last_of(millis),
        ] {
            assert_eq!(ImageId::parse(&text(bound)), Ok(bound));
        }
    }

    #[test]
    fn other_spellings_and_versions_are_refused() {
        for text in [
            "",
            "0",
            "0190a5d0-7bcd-7abc-8def-0123456789AB",
            "0190a5d07bcd7abc8def0123456789ab",
            "{0190a5d0-7bcd-7abc-8def-0123456789ab}",
            "f47ac10b-58cc-4372-a567-0e02b2c3d479",
            "0190a5d0-7bcd-7abc-8def-0123456789ab.jpg",
        ] {
            assert_eq!(ImageId::parse(text), Err(InvalidImageId), "{text}");
        }
    }
}
