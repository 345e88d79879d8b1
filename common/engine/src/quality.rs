//! The quality of lossy encoders.

use thiserror::Error;

/// A text that is not a valid quality.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("is not a whole number from 1 to 100")]
pub struct QualityError;

/// Parses a quality from 1 to 100.
pub fn parse_quality(text: &str) -> Result<u8, QualityError> {
    match text.parse() {
        Ok(quality @ 1..=100) => Ok(quality),
        _ => Err(QualityError),
    }
}
