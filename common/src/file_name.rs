//! File names, as the user gave them.

use thiserror::Error;

/// A file name for display: 1 to 255 characters, no path, no control characters.
///
/// It is never part of an object key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(String);

/// The reason why a file name is refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum FileNameError {
    /// The name is empty or blank.
    #[error("the file name is empty")]
    Empty,
    /// The name has `/` or `\`, or is `.` or `..`.
    #[error("the file name has path parts; send the last part only")]
    Path,
    /// The name has a line break or another control character.
    #[error("the file name has a control character")]
    Control,
    /// The name has more characters than common file systems allow.
    #[error(
        "the file name has {length} characters; the limit is {}",
        FileName::MAX_CHARACTERS
    )]
    TooLong {
        /// The number of characters.
        length: usize,
    },
}

impl FileName {
    /// The limit of the common file systems.
    pub const MAX_CHARACTERS: usize = 255;

    /// Parses a name, and refuses rather than repairs it: users would not find a silently changed
    /// name again.
    pub fn parse(text: &str) -> Result<Self, FileNameError> {
        let length = text.chars().count();
        if text.trim().is_empty() {
            Err(FileNameError::Empty)
        } else if text.contains(['/', '\\']) || matches!(text, "." | "..") {
            Err(FileNameError::Path)
        } else if text.chars().any(|c| c.is_control() || is_bidi_override(c)) {
            Err(FileNameError::Control)
        } else if length > Self::MAX_CHARACTERS {
            Err(FileNameError::TooLong { length })
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a character is a bidirectional control. With these, `gpj.exe` is shown as `exe.jpg`.
fn is_bidi_override(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_scripts_pass() {
        for name in [
            "a.jpg",
            "引き出し.png",
            "Strand bei Nacht (2).jpeg",
            "née.webp",
            "no extension",
        ] {
            assert_eq!(FileName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_refusal_says_why() {
        for (name, error) in [
            ("", FileNameError::Empty),
            ("  ", FileNameError::Empty),
            ("../a.jpg", FileNameError::Path),
            ("C:\\fakepath\\a.jpg", FileNameError::Path),
            ("..", FileNameError::Path),
            ("a\n.jpg", FileNameError::Control),
            ("a\u{0}.jpg", FileNameError::Control),
            ("a\u{202E}gpj.exe", FileNameError::Control),
        ] {
            assert_eq!(FileName::parse(name), Err(error), "{name:?}");
        }
    }

    #[test]
    fn length_counts_characters_and_not_bytes() {
        assert!(FileName::parse(&"引".repeat(255)).is_ok());
        assert_eq!(
            FileName::parse(&"a".repeat(300)),
            Err(FileNameError::TooLong { length: 300 })
        );
    }
}
