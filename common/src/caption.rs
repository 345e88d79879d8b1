//! Captions of images.

use thiserror::Error;

/// A text of 1 to 500 characters, of which line breaks are the only control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption(String);

/// The reason why a caption is refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CaptionError {
    /// The caption is empty or blank.
    #[error("the caption is empty; send null to remove it")]
    Empty,
    /// The caption has a control character other than a line feed.
    #[error("the caption has a control character; only line feeds are allowed")]
    Control,
    /// The caption has too many characters.
    #[error(
        "the caption has {length} characters; the limit is {}",
        Caption::MAX_CHARACTERS
    )]
    TooLong {
        /// The number of characters.
        length: usize,
    },
}

impl Caption {
    /// The limit, enough for a few sentences.
    pub const MAX_CHARACTERS: usize = 500;

    /// Parses a caption, and refuses rather than repairs it, as file names do.
    pub fn parse(text: &str) -> Result<Self, CaptionError> {
        let length = text.chars().count();
        if text.trim().is_empty() {
            Err(CaptionError::Empty)
        } else if text.chars().any(|c| c.is_control() && c != '\n') {
            Err(CaptionError::Control)
        } else if length > Self::MAX_CHARACTERS {
            Err(CaptionError::TooLong { length })
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_may_have_lines_and_any_script() {
        for text in ["Rügen, 2026\nlooking north", "引き出し 🌊", "x"] {
            assert_eq!(Caption::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_refusal_says_why() {
        for (text, error) in [
            ("", CaptionError::Empty),
            (" \n", CaptionError::Empty),
            ("a\tb", CaptionError::Control),
            ("a\r\nb", CaptionError::Control),
            ("a\u{0}", CaptionError::Control),
        ] {
            assert_eq!(Caption::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn length_counts_characters_and_not_bytes() {
        assert!(Caption::parse(&"引".repeat(500)).is_ok());
        assert_eq!(
            Caption::parse(&"a".repeat(501)),
            Err(CaptionError::TooLong { length: 501 })
        );
    }
}
