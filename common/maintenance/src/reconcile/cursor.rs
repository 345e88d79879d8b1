//! The position at which a run stopped, as a text that the next run accepts.

use std::{fmt, str::FromStr};

use aws::admin_store::RawKey;
use common::keys::ImageRef;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use thiserror::Error;

/// Characters of an id that are percent-encoded: all but letters, digits, `-` and `:`.
const PERCENT_ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b':');

/// Position at which a run resumes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// In the bucket scan, after this image; at its start if absent.
    Bucket(Option<ImageRef>),
    /// In the table scan, after this item; at its start if absent.
    Table(Option<RawKey>),
}

/// The text is not a cursor.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("a cursor is the value of `resume=` in a report, such as bucket:<identityId>/<imageId>")]
pub struct InvalidCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bucket(None) => f.write_str("bucket:"),
            Self::Bucket(Some(image_ref)) => write!(f, "bucket:{image_ref}"),
            Self::Table(None) => f.write_str("table:"),
            Self::Table(Some(RawKey { identity, image })) => {
                let [identity, image] =
                    [identity, image].map(|text| utf8_percent_encode(text, &PERCENT_ENCODED));
                write!(f, "table:{identity}/{image}")
            }
        }
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let decoded = |text: &str| {
            percent_decode_str(text)
                .decode_utf8()
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| InvalidCursor)
        };
        match text.split_once(':').ok_or(InvalidCursor)? {
            ("bucket", "") => Ok(Self::Bucket(None)),
            ("bucket", image_ref) => ImageRef::parse(image_ref)
                .map(|image_ref| Self::Bucket(Some(image_ref)))
                .map_err(|_| InvalidCursor),
            ("table", "") => Ok(Self::Table(None)),
            ("table", key) => {
                let (identity, image) = key.split_once('/').ok_or(InvalidCursor)?;
                Ok(Self::Table(Some(RawKey {
                    identity: decoded(identity)?,
                    image: decoded(image)?,
                })))
            }
            _ => Err(InvalidCursor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str =
        "eu-west-1:01234567-89ab-cdef-0123-456789abcdef/0190a5d0-7bcd-7abc-8def-0123456789ab";

    #[test]
    fn a_cursor_survives_its_own_text() {
        let odd = RawKey {
            identity: "eu-west-1:01234567-89ab-cdef-0123-456789abcdef".to_owned(),
            image: "a/b %\n猫".to_owned(),
        };
        for cursor in [
            Cursor::Bucket(None),
            Cursor::Bucket(Some(ImageRef::parse(PLACE).unwrap())),
            Cursor::Table(None),
            Cursor::Table(Some(odd)),
        ] {
            let text = cursor.to_string();
            assert!(!text.contains(char::is_whitespace), "{text}");
            assert_eq!(text.parse(), Ok(cursor), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "bucket",
            "bucket:x",
            "table:x",
            "tables:",
            "table:%ff/x",
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(InvalidCursor), "{text}");
        }
    }
}
