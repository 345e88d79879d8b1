//! The order of the events of one object key.

use thiserror::Error;

/// S3's `sequencer`: of two events of one key, the later has the greater.
///
/// S3 sends hexadecimal digits of no fixed length. The shorter of two is to be padded with zeros on
/// the left (*Amazon S3 User Guide*, "Event message structure"). The value is kept padded to
/// [`Sequencer::WIDTH`], because `DynamoDB` compares it as text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sequencer(String);

/// The error for a text that is not hexadecimal or is longer than [`Sequencer::WIDTH`].
#[derive(Debug, Error, PartialEq, Eq)]
#[error("a sequencer is 1 to {} hexadecimal digits", Sequencer::WIDTH)]
pub struct InvalidSequencer;

impl Sequencer {
    /// The number of digits after padding. S3's sequencers have 16 to 18 today.
    pub const WIDTH: usize = 64;

    /// Parses hexadecimal digits, pads them and converts them to lower case.
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

    /// The least sequencer, less than any of S3's.
    pub fn zero() -> Self {
        Self("0".repeat(Self::WIDTH))
    }

    /// Returns the padded text.
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
