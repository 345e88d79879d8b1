//! Whether the place of a photo is kept.

use std::str::FromStr;

use thiserror::Error;

/// Whether the record of an image has the place at which it was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeepLocation {
    /// The place is left out.
    #[default]
    Off,
    /// The place is kept.
    On,
}

/// The error for a text that is neither.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("is neither `on` nor `off`")]
pub struct InvalidKeepLocation;

impl KeepLocation {
    /// Returns the version of the set of facts that the engine reads, as stored in records. Its
    /// number is incremented when the engine reads more, and the images of before should be read
    /// again.
    pub fn fact_set(self) -> &'static str {
        match self {
            Self::Off => "1",
            Self::On => "1-location",
        }
    }
}

impl FromStr for KeepLocation {
    type Err = InvalidKeepLocation;

    fn from_str(text: &str) -> Result<Self, InvalidKeepLocation> {
        match text {
            "on" => Ok(Self::On),
            "off" => Ok(Self::Off),
            _ => Err(InvalidKeepLocation),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_kept_only_where_it_is_said() {
        assert_eq!("on".parse(), Ok(KeepLocation::On));
        assert_eq!("off".parse(), Ok(KeepLocation::Off));
        for text in ["", "On", "true", "1"] {
            assert_eq!(
                text.parse::<KeepLocation>(),
                Err(InvalidKeepLocation),
                "{text}"
            );
        }
        assert_ne!(KeepLocation::On.fact_set(), KeepLocation::Off.fact_set());
    }
}
