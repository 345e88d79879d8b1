//! The time at which a photo was taken, by the camera's clock.

use std::fmt;

use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

/// The first year that counts. A clock that was never set says 0, 1 or 1601.
const FIRST_YEAR: i32 = 1000;

/// The largest distance of a time zone from UTC, in seconds.
const MAX_OFFSET_SECS: i32 = 14 * 3600;

/// A local time to the millisecond, with its distance from UTC where the camera knew it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaptureTime {
    local: PrimitiveDateTime,
    offset: Option<UtcOffset>,
}

impl CaptureTime {
    /// Parses a time as EXIF spells it (`2026:01:31 12:00:00`), as other writers do (with `-` or
    /// `/` in the date, `T` before the time, a fraction, an offset), or as [`fmt::Display`] does.
    /// A blank or impossible time is `None`, and so is a date without a time.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let [year, month, day, hour, minute, second] = [
            number(text, 0, 4)?,
            number(text, 5, 7)?,
            number(text, 8, 10)?,
            number(text, 11, 13)?,
            number(text, 14, 16)?,
            number(text, 17, 19)?,
        ];
        let is = |at: usize, allowed: &[u8]| {
            text.as_bytes().get(at).is_some_and(|b| allowed.contains(b))
        };
        let is_spelled = [4, 7].into_iter().all(|at| is(at, b":-/"))
            && is(10, b" Tt")
            && [13, 16].into_iter().all(|at| is(at, b":"));
        let year = i32::from(year);
        if !is_spelled || year < FIRST_YEAR {
            return None;
        }
        let byte = |value: u16| u8::try_from(value).ok();
        let month = Month::try_from(byte(month)?).ok()?;
        let date = Date::from_calendar_date(year, month, byte(day)?).ok()?;
        let time = Time::from_hms(byte(hour)?, byte(minute)?, byte(second)?).ok()?;
        let time = Self {
            local: PrimitiveDateTime::new(date, time),
            offset: None,
        };
        let rest = text.get(19..)?;
        let Some(fraction) = rest.strip_prefix('.') else {
            return Some(time.with_offset(rest));
        };
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = fraction.split_at(digits);
        Some(time.with_fraction(digits).with_offset(rest))
    }

    /// Adds the digits of a fraction of a second, of which milliseconds stay. A text without digits
    /// changes nothing.
    #[must_use]
    pub fn with_fraction(self, digits: &str) -> Self {
        let mut millis = 0;
        let mut unit = 100;
        for digit in digits.trim().chars() {
            let Some(digit) = digit.to_digit(10) else {
                break;
            };
            millis += unit * digit;
            unit /= 10;
        }
        let local = u16::try_from(millis)
            .ok()
            .and_then(|millis| self.local.replace_millisecond(millis).ok());
        Self {
            local: local.unwrap_or(self.local),
            ..self
        }
    }

    /// Adds the distance from UTC: `+01:00`, `+0100`, `+01` or `Z`. Any other text changes nothing.
    #[must_use]
    pub fn with_offset(self, text: &str) -> Self {
        Self {
            offset: parse_offset(text.trim()).or(self.offset),
            ..self
        }
    }

    /// Returns milliseconds since 1970, for the order of photos. A time without an offset counts as
    /// UTC.
    pub fn sort_millis(self) -> i64 {
        let time = self
            .local
            .assume_offset(self.offset.unwrap_or(UtcOffset::UTC));
        let millis = time.unix_timestamp_nanos().div_euclid(1_000_000);
        i64::try_from(millis).unwrap_or_default()
    }
}

/// Formats the time as in ISO 8601: `2026-01-31T12:00:00.123+01:00`, without fraction and offset
/// where there is none.
impl fmt::Display for CaptureTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.local.to_calendar_date();
        let (hour, minute, second, millis) = self.local.as_hms_milli();
        write!(
            f,
            "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}",
            u8::from(month)
        )?;
        if millis != 0 {
            write!(f, ".{millis:03}")?;
        }
        let Some(offset) = self.offset else {
            return Ok(());
        };
        let sign = if offset.is_negative() { '-' } else { '+' };
        let (hours, minutes, _) = offset.as_hms();
        write!(
            f,
            "{sign}{:02}:{:02}",
            hours.unsigned_abs(),
            minutes.unsigned_abs()
        )
    }
}

/// Parses the digits between two positions, all of which must be digits.
fn number(text: &str, from: usize, to: usize) -> Option<u16> {
    let digits = text.get(from..to)?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        digits.parse().ok()
    } else {
        None
    }
}

fn parse_offset(text: &str) -> Option<UtcOffset> {
    if matches!(text, "Z" | "z") {
        return Some(UtcOffset::UTC);
    }
    let sign = match text.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let minutes = match text.len() {
        3 => 0,
        5 => number(text, 3, 5)?,
        6 if text.as_bytes()[3] == b':' => number(text, 4, 6)?,
        _ => return None,
    };
    let hours = i32::from(number(text, 1, 3)?);
    let secs = hours * 3600 + i32::from(minutes) * 60;
    if minutes > 59 || secs > MAX_OFFSET_SECS {
        return None;
    }
    UtcOffset::from_whole_seconds(sign * secs).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(spelling: &str) -> Option<String> {
        CaptureTime::parse(spelling).map(|time| time.to_string())
    }

    #[test]
    fn every_spelling_of_a_time_is_read() {
        for (spelling, expected) in [
            ("2026:01:31 12:34:56", "2026-01-31T12:34:56"),
            ("2026-01-31 12:34:56", "2026-01-31T12:34:56"),
            ("2026/01/31 12:34:56", "2026-01-31T12:34:56"),
            ("2026:01:31T12:34:56", "2026-01-31T12:34:56"),
            (" 2026:01:31 12:34:56 ", "2026-01-31T12:34:56"),
            ("2026:01:31 12:34:56.5", "2026-01-31T12:34:56.500"),
            ("2026:01:31 12:34:56.123456", "2026-01-31T12:34:56.123"),
            ("2026:01:31 12:34:56Z", "2026-01-31T12:34:56+00:00"),
            ("2026:01:31 12:34:56-07:00", "2026-01-31T12:34:56-07:00"),
            (
                "2026-01-31T12:34:56.120+0530",
                "2026-01-31T12:34:56.120+05:30",
            ),
            ("2024:02:29 00:00:00", "2024-02-29T00:00:00"),
            ("1000:01:01 00:00:00", "1000-01-01T00:00:00"),
            ("9999:12:31 23:59:59", "9999-12-31T23:59:59"),
        ] {
            assert_eq!(text(spelling).as_deref(), Some(expected), "{spelling}");
            assert_eq!(text(expected).as_deref(), Some(expected), "{expected}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for spelling in [
            "",
            "    :  :     :  :  ",
            "0000:00:00 00:00:00",
            "0001:01:01 00:00:00",
            "0999:12:31 23:59:59",
            "10000:01:01 00:00:00",
            "2026:13:01 00:00:00",
            "2026:00:10 00:00:00",
            "2026:02:29 00:00:00",
            "2026:01:31 24:00:00",
            "2026:01:31 12:60:00",
            "2026:01:31 12:00:60",
            "2026:01:31",
            "2026:01:31 12:34",
            "2026.01.31 12:34:56",
            "+026:01:31 12:34:56",
            "2026:1:31 12:34:56 ",
            "２０２６:01:31 12:34:56",
        ] {
            assert_eq!(text(spelling), None, "{spelling}");
        }
    }

    #[test]
    fn an_offset_that_no_place_has_is_left_out() {
        let local = CaptureTime::parse("2026:01:31 12:00:00").unwrap();
        for offset in [
            "", "   :  ", "+15:00", "+14:01", "-99:00", "+01:60", "01:00", "+1:00", "UTC", "+é:0",
        ] {
            assert_eq!(local.with_offset(offset), local, "{offset}");
        }
        for (offset, expected) in [
            ("+14:00", "+14:00"),
            ("-12:00", "-12:00"),
            ("+09", "+09:00"),
        ] {
            let text = local.with_offset(offset).to_string();
            assert_eq!(text, format!("2026-01-31T12:00:00{expected}"));
        }
    }

    #[test]
    fn times_sort_by_utc_where_it_is_known() {
        let millis = |text| CaptureTime::parse(text).unwrap().sort_millis();
        assert_eq!(millis("1970:01:01 00:00:01"), 1000);
        assert_eq!(millis("1970:01:01 02:00:01.5+02:00"), 1500);
        assert_eq!(millis("1969:12:31 23:59:59.999"), -1);
        assert!(millis("9999:12:31 23:59:59-14:00") > millis("9999:12:31 23:59:59"));
    }
}
