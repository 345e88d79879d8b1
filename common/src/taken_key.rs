//! Positions in the order by capture time.

use std::fmt;

use thiserror::Error;
use time::OffsetDateTime;

use crate::{image_id::ImageId, timestamp};

/// The milliseconds of the year 0 and of the end of the year 9999, between which every text has the
/// same length.
pub(crate) const FIRST_MILLIS: i64 = -62_167_219_200_000;
pub(crate) const LAST_MILLIS: i64 = 253_402_300_799_999;

/// The position of an image: the time at which it was taken, in UTC where the offset is known, and
/// the image id, which makes the position unique.
///
/// An image without a capture time has the time of its id, so that the order has every image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TakenKey {
    millis: i64,
    image: ImageId,
}

/// The error for a text that is no position.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("a position is a time in UTC, `#` and an image id")]
pub struct InvalidTakenKey;

impl TakenKey {
    /// Creates the position of an image that was taken at this time, in milliseconds since 1970.
    pub fn new(taken_millis: Option<i64>, image: ImageId) -> Self {
        let created_at = || millis_of(image.created_at());
        Self {
            millis: taken_millis
                .unwrap_or_else(created_at)
                .clamp(FIRST_MILLIS, LAST_MILLIS),
            image,
        }
    }

    /// Parses the text of [`fmt::Display`].
    pub fn parse(text: &str) -> Result<Self, InvalidTakenKey> {
        let (time, image) = text.split_once('#').ok_or(InvalidTakenKey)?;
        let time = timestamp::parse(time).ok_or(InvalidTakenKey)?;
        let image = ImageId::parse(image).map_err(|_| InvalidTakenKey)?;
        let key = Self::new(Some(millis_of(time)), image);
        // Other spellings of the time would sort elsewhere.
        if key.to_string() == text {
            Ok(key)
        } else {
            Err(InvalidTakenKey)
        }
    }

    /// Returns the time.
    pub fn millis(self) -> i64 {
        self.millis
    }

    /// Returns the image.
    pub fn image(self) -> ImageId {
        self.image
    }
}

/// Formats the position as it is stored: texts sort as positions do.
impl fmt::Display for TakenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", text_of(self.millis), self.image)
    }
}

/// Returns the text of a time, which sorts before every position at that time, and behind every
/// earlier one.
pub(crate) fn text_of(millis: i64) -> String {
    let nanos = i128::from(millis.clamp(FIRST_MILLIS, LAST_MILLIS)) * 1_000_000;
    let time = OffsetDateTime::from_unix_timestamp_nanos(nanos);
    let time = time.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = time.to_calendar_date();
    let (hour, minute, second, millis) = time.time().as_hms_milli();
    format!(
        "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z",
        u8::from(month)
    )
}

fn millis_of(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> ImageId {
        ImageId::parse("0190a5d0-7bcd-7abc-8def-0123456789ab").unwrap()
    }

    #[test]
    fn a_position_survives_its_own_text() {
        for millis in [FIRST_MILLIS, -1, 0, 1, 1_700_000_000_123, LAST_MILLIS] {
            let key = TakenKey::new(Some(millis), image());
            assert_eq!(TakenKey::parse(&key.to_string()), Ok(key), "{millis}");
        }
        let text = TakenKey::new(Some(1_700_000_000_120), image()).to_string();
        assert_eq!(
            text,
            "2023-11-14T22:13:20.120Z#0190a5d0-7bcd-7abc-8def-0123456789ab"
        );
    }

    #[test]
    fn texts_sort_as_positions_do() {
        let (first, last) = (ImageId::first_of(0), ImageId::last_of(ImageId::MAX_MILLIS));
        let times = [
            i64::MIN,
            -62_135_596_800_001,
            -1,
            0,
            1,
            999,
            1000,
            253_402_300_799_998,
            i64::MAX,
        ];
        let keys = times
            .into_iter()
            .flat_map(|time| [first, last].map(|id| TakenKey::new(Some(time), id)));
        let texts: Vec<String> = keys.map(|key| key.to_string()).collect();
        assert!(texts.is_sorted(), "{texts:?}");
        assert!(
            texts.iter().all(|text| text.len() == texts[0].len()),
            "{texts:?}"
        );
    }

    #[test]
    fn an_image_without_a_capture_time_has_that_of_its_id() {
        let key = TakenKey::new(None, image());
        assert_eq!(key.millis(), millis_of(image().created_at()));
    }

    #[test]
    fn other_texts_are_refused() {
        let good = TakenKey::new(Some(0), image()).to_string();
        for text in [
            "",
            "#",
            &good[1..],
            &good.replace('#', ""),
            &good.replace(".000", ""),
            &good.replace('Z', "+00:00"),
            &format!("{good}x"),
        ] {
            assert_eq!(TakenKey::parse(text), Err(InvalidTakenKey), "{text}");
        }
    }
}
