//! The order of events on one object key.

use thiserror::Error;

/// S3's `sequencer`: of two events of one key, the later has the greater.
///
/// S3 gives hexadecimal digits of no fixed length and says that the shorter is to be padded with zeros on
/// its left (*Amazon S3 User Guide*, "Event message structure"). It is kept padded to [`Sequencer::WIDTH`], so
/// that `DynamoDB`, which compares text, can compare it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sequencer(String);

/// Not hexadecimal, or longer than [`Sequencer::WIDTH`].
#[derive(Debug, Error, PartialEq, Eq)]
#[error("a sequencer is 1 to {} hexadecimal digits", Sequencer::WIDTH)]
pub struct InvalidSequencer;

impl Sequencer {
    /// Digits after padding. S3's have 16 to 18 today.
    pub const WIDTH: usize = 64;

    /// Pads and lower-cases.
    pub fn parse(text: &str) -> Result<Self, InvalidSequencer> {
        let is_hex = text.bytes().all(|b| b.is_ascii_hexdigit());
        if is_hex && (1..=Self::WIDTH).contains(&text.len()) {
            Ok(Self(format!(
                "{:0>width$}",
                text.to_ascii_lowercase(),
                width = Self::WIDTH
            )))
        } else {
            Err(InvalidSequencer)
        }
    }

    /// Before all of S3's.
    pub fn zero() -> Self {
        Self("0".repeat(Self::WIDTH))
    }

    /// The padded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequencers_of_unequal_length_compare_as_numbers() {
        let [earlier, later] = ["FF", "0100"].map(|text| Sequencer::parse(text).unwrap());
        assert!(earlier < later);
        assert!(earlier.as_str() < later.as_str());
    }

    #[test]
    fn zero_is_before_every_other() {
        assert_eq!(Sequencer::parse("0"), Ok(Sequencer::zero()));
        assert!(Sequencer::zero() < Sequencer::parse("1").unwrap());
    }

    #[test]
    fn case_and_padding_make_no_difference() {
        assert_eq!(Sequencer::parse("00aB"), Sequencer::parse("Ab"));
    }

    #[test]
    fn what_is_not_hexadecimal_is_refused() {
        for text in ["", "0x10", "12 ", &"0".repeat(65)] {
            assert_eq!(Sequencer::parse(text), Err(InvalidSequencer));
        }
    }
}
