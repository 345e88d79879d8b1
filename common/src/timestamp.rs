//! The timestamps of the API and the table: RFC 3339 in UTC, to the millisecond.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Formats a time as `2026-01-31T12:00:00.123Z`.
pub fn to_text(time: OffsetDateTime) -> String {
    let whole_millis = time.millisecond();
    time.to_offset(time::UtcOffset::UTC)
        .replace_millisecond(whole_millis)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        // Only years after 9999 have no such text.
        .unwrap_or_else(|| String::from("9999-12-31T23:59:59.999Z"))
}

/// Parses RFC 3339, such as the output of [`to_text`].
pub fn parse(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_survives_its_own_text() {
        let time = OffsetDateTime::from_unix_timestamp_nanos(1_700_000_000_123_456_789).unwrap();
        assert_eq!(to_text(time), "2023-11-14T22:13:20.123Z");
        assert_eq!(
            parse("2023-11-14T22:13:20.123Z").map(to_text).unwrap(),
            "2023-11-14T22:13:20.123Z"
        );
    }
}
