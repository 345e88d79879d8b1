//! The filter and the order of a listing.

use thiserror::Error;
use time::OffsetDateTime;

use crate::{
    image_id::ImageId,
    record::Status,
    taken_key::{self, FIRST_MILLIS, LAST_MILLIS, TakenKey},
};

/// The filter and the order of a listing, without its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The status of the images; `None` for all.
    pub status: Option<Status>,
    /// The order of the images, and the time that they are of.
    pub sorting: Sorting,
}

/// The order of a listing, with the range in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sorting {
    /// By the time in the ids, which is that of the upload.
    ByUpload {
        /// The direction.
        order: Order,
        /// The time in which the images were created.
        span: TimeRange,
    },
    /// By the time at which the photos were taken, latest first. Only images that the worker has
    /// completed have a position in this order.
    ByCapture {
        /// The time in which they were taken.
        span: CaptureRange,
    },
}

/// The place of an image in a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// In the order by upload.
    Upload(ImageId),
    /// In the order by capture time.
    Capture(TakenKey),
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

/// A range of capture times, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaptureRange {
    from: Option<i64>,
    to: Option<i64>,
}

/// The error for a range without a millisecond.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`takenTo` is not later than `takenFrom`")]
pub struct EmptyCaptureRange;

impl CaptureRange {
    /// Creates the range from `from`, inclusive, to `to`, exclusive. A time between two
    /// milliseconds is rounded up.
    pub fn new(
        from: Option<OffsetDateTime>,
        to: Option<OffsetDateTime>,
    ) -> Result<Self, EmptyCaptureRange> {
        let millis = |time: OffsetDateTime| {
            let nanos = time.unix_timestamp_nanos();
            // Rounded up, before 1970 too.
            i64::try_from(-(-nanos).div_euclid(1_000_000)).unwrap_or_default()
        };
        let (from, to) = (from.map(millis), to.map(millis));
        match (from, to) {
            (Some(from), Some(to)) if from >= to => Err(EmptyCaptureRange),
            // An offset can move a time out of the calendar, where no position is.
            _ => Ok(Self {
                from: from.map(|from| from.clamp(FIRST_MILLIS, LAST_MILLIS)),
                to: to.filter(|to| *to <= LAST_MILLIS),
            }),
        }
    }

    /// Returns a text that no stored position of the range is less than.
    pub fn first(&self) -> String {
        self.from.map_or_else(|| "0".to_owned(), taken_key::text_of)
    }

    /// Returns a text that no stored position of the range is greater than, and every later
    /// position is.
    pub fn last(&self) -> String {
        self.to.map_or_else(|| "~".to_owned(), taken_key::text_of)
    }

    /// Whether a position is in the range.
    pub fn contains(&self, key: TakenKey) -> bool {
        self.from.is_none_or(|from| from <= key.millis())
            && self.to.is_none_or(|to| key.millis() < to)
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
    fn a_range_of_capture_times_has_the_keys_of_its_first_time_and_not_of_its_last() {
        let range = |from, to| CaptureRange::new(at(from), at(to)).unwrap();
        let key = |text| {
            let millis = at(text).unwrap().unix_timestamp_nanos() / 1_000_000;
            TakenKey::new(i64::try_from(millis).ok(), ImageId::new())
        };
        let year = range("1969-01-01T00:00:00Z", "1970-01-01T00:00:00Z");
        for (text, is_in) in [
            ("1968-12-31T23:59:59.999Z", false),
            ("1969-01-01T00:00:00Z", true),
            ("1969-12-31T23:59:59.999Z", true),
            ("1970-01-01T00:00:00Z", false),
        ] {
            let stored = key(text).to_string();
            assert_eq!(year.contains(key(text)), is_in, "{text}");
            let is_between = (year.first()..=year.last()).contains(&stored);
            assert_eq!(is_between, is_in, "{text}");
        }
        let all = CaptureRange::new(None, None).unwrap();
        for text in ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"] {
            let to_the_end = range("0000-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999-14:00");
            assert!(to_the_end.contains(key(text)), "{text}");
            assert!(
                (all.first()..=all.last()).contains(&key(text).to_string()),
                "{text}"
            );
        }
        // A time between two milliseconds counts as the later.
        let later = range("1969-12-31T23:59:59.9991Z", "1970-01-01T00:00:00.0001Z");
        assert_eq!(
            later,
            range("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.001Z")
        );
        assert_eq!(
            CaptureRange::new(at("1970-01-01T00:00:00Z"), at("1970-01-01T00:00:00Z")),
            Err(EmptyCaptureRange)
        );
    }

    #[test]
    fn the_ends_of_the_calendar_are_times_too() {
        assert!(TimeRange::new(at("0000-01-01T00:00:00Z"), at("9999-12-31T23:59:59.999Z")).is_ok());
    }
}
