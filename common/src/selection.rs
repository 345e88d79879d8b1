//! The filter and the order of a listing.

use thiserror::Error;
use time::OffsetDateTime;

use crate::{image_id::ImageId, record::Status};

/// The filter and the order of a listing, without its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The status of the images; `None` for all.
    pub status: Option<Status>,
    /// The order of the images.
    pub order: Order,
    /// The time in which the images were created.
    pub span: TimeRange,
}

/// The order by the time in the ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
}

/// A time range as a range of keys: an id begins with the millisecond of its creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRange {
    first: ImageId,
    last: ImageId,
}

/// The error for a range without a millisecond.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`to` is not later than `from`, or not later than 1970")]
pub struct EmptyTimeRange;

impl TimeRange {
    /// Creates the range from `from`, inclusive, to `to`, exclusive. Ids have whole milliseconds,
    /// so a time between two is rounded up.
    pub fn new(
        from: Option<OffsetDateTime>,
        to: Option<OffsetDateTime>,
    ) -> Result<Self, EmptyTimeRange> {
        let from = from.map_or(0, millis);
        let to = to.map_or(ImageId::MAX_MILLIS + 1, millis);
        if from >= to {
            return Err(EmptyTimeRange);
        }
        Ok(Self {
            first: ImageId::first_of(from),
            last: ImageId::last_of(to - 1),
        })
    }

    /// Returns the least key.
    pub fn first(&self) -> ImageId {
        self.first
    }

    /// Returns the greatest key.
    pub fn last(&self) -> ImageId {
        self.last
    }
}

/// Converts to milliseconds since 1970, rounded up.
fn millis(time: OffsetDateTime) -> u64 {
    let nanos = u128::try_from(time.unix_timestamp_nanos()).unwrap_or(0);
    u64::try_from(nanos.div_ceil(1_000_000))
        .unwrap_or(ImageId::MAX_MILLIS)
        .min(ImageId::MAX_MILLIS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timestamp;

    fn at(text: &str) -> Option<OffsetDateTime> {
        timestamp::parse(text)
    }

    fn millis_of(id: ImageId) -> i128 {
        id.created_at().unix_timestamp_nanos() / 1_000_000
    }

    #[test]
    fn from_is_in_the_span_and_to_is_not() {
        let span = TimeRange::new(at("1970-01-01T00:00:01Z"), at("1970-01-01T00:00:02Z")).unwrap();
        assert_eq!(
            (millis_of(span.first()), millis_of(span.last())),
            (1000, 1999)
        );
    }

    #[test]
    fn a_time_between_two_milliseconds_counts_as_the_later() {
        let span = TimeRange::new(
            at("1970-01-01T00:00:01.0000001Z"),
            at("1970-01-01T00:00:01.0010001Z"),
        )
        .unwrap();
        assert_eq!(
            (millis_of(span.first()), millis_of(span.last())),
            (1001, 1001)
        );
    }

    #[test]
    fn without_times_every_id_is_in_the_span() {
        let span = TimeRange::new(None, None).unwrap();
        assert_eq!(span.first(), ImageId::first_of(0));
        assert_eq!(span.last(), ImageId::last_of(ImageId::MAX_MILLIS));
    }

    #[test]
    fn a_span_without_a_millisecond_is_refused() {
        for (from, to) in [
            ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"),
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
            ("1900-01-01T00:00:00Z", "1950-01-01T00:00:00Z"),
        ] {
            assert_eq!(
                TimeRange::new(at(from), at(to)),
                Err(EmptyTimeRange),
                "{from} {to}"
            );
        }
    }

    #[test]
    fn the_ends_of_the_calendar_are_times_too() {
        assert!(TimeRange::new(at("0000-01-01T00:00:00Z"), at("9999-12-31T23:59:59.999Z")).is_ok());
    }
}
