//! SHA-256 digests in hexadecimal and base64.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The SHA-256 of an object's bytes, computed by the function or stated by the client.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sha256Sum([u8; 32]);

/// The error for a text that is neither hexadecimal nor base64 of 32 bytes.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("a SHA-256 is 64 hexadecimal digits, or 44 characters of base64")]
pub struct InvalidSha256Sum;

impl Sha256Sum {
    /// Computes the digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Parses hexadecimal, as `sha256sum` prints it, or base64, as S3's headers have it. The two
    /// differ in length, so no text is ambiguous.
    pub fn parse(text: &str) -> Result<Self, InvalidSha256Sum> {
        let bytes = match text.len() {
            64 => hexadecimal(text),
            44 => STANDARD.decode(text).ok(),
            _ => None,
        };
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or(InvalidSha256Sum)
    }

    /// Formats as base64, as in `x-amz-checksum-sha256`.
    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }

    /// Formats as 64 lower-case hexadecimal digits, as in records and in `x-amz-content-sha256`.
    pub fn to_hex(self) -> String {
        let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
        self.0
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xF)])
            .collect()
    }
}

impl fmt::Debug for Sha256Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64())
    }
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digest of the empty input.
    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const BASE64: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn both_spellings_mean_the_same_sum() {
        for text in [HEX, &HEX.to_uppercase(), BASE64] {
            assert_eq!(Sha256Sum::parse(text).unwrap().to_base64(), BASE64);
        }
    }

    #[test]
    fn the_sum_of_no_bytes_is_the_known_one() {
        let sum = Sha256Sum::of(b"");
        assert_eq!(
            (sum.to_hex().as_str(), sum.to_base64().as_str()),
            (HEX, BASE64)
        );
    }

    #[test]
    fn what_is_not_32_bytes_is_no_sum() {
        for text in [
            "",
            "e3b0",
            &HEX[1..],
            &format!("{HEX}0"),
            &HEX.replace('e', "x"),
            &HEX.replace("e3", "é"),
            &BASE64[..43],
            &BASE64.replace('+', "-"),
            &"A".repeat(44),
            // 32 bytes need 44 characters with one `=`; this is 31.
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
        ] {
            assert_eq!(Sha256Sum::parse(text), Err(InvalidSha256Sum), "{text}");
        }
    }
}
