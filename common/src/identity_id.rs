//! The ids that a Cognito identity pool gives to its users.

use std::fmt;

use thiserror::Error;

/// A Cognito identity id, such as `eu-west-1:0f1e…`: the name of a user's prefix and partition.
///
/// It is *not* the `sub` claim of a token, although IAM's name for it is
/// `cognito-identity.amazonaws.com:sub`. The two are easily confused, and are never compared here.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdentityId(String);

/// The error for a text that is not an identity id.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("an identity id looks like `region:uuid`")]
pub struct InvalidIdentityId;

impl IdentityId {
    /// Parses `region:uuid` in lower case, the only form that Cognito issues.
    pub fn parse(text: &str) -> Result<Self, InvalidIdentityId> {
        let (region, uuid) = text.split_once(':').ok_or(InvalidIdentityId)?;
        let region_is_plain = !region.is_empty()
            && region.len() <= 32
            && region
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if region_is_plain && is_hyphenated_uuid(uuid) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidIdentityId)
        }
    }

    /// Returns the id as it is in keys, policies and records.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdentityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text is 8-4-4-4-12 lower-case hexadecimal digits; [`uuid::Uuid`] accepts more
/// spellings.
pub(crate) fn is_hyphenated_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cognito_gives_out_is_an_identity_id() {
        let text = "eu-west-1:01234567-89ab-cdef-0123-456789abcdef";
        assert_eq!(IdentityId::parse(text).unwrap().as_str(), text);
    }

    #[test]
    fn anything_that_could_leave_its_place_in_a_key_is_refused() {
        for text in [
            "",
            ":",
            "eu-west-1",
            "eu-west-1:",
            ":01234567-89ab-cdef-0123-456789abcdef",
            "eu-west-1:01234567-89AB-cdef-0123-456789abcdef",
            "eu-west-1:01234567-89ab-cdef-0123-456789abcdef/",
            "eu-west-1:0123456789abcdef0123456789abcdef0000",
            "../eu-west-1:01234567-89ab-cdef-0123-456789abcdef",
            "eu-west-1:*",
        ] {
            assert_eq!(IdentityId::parse(text), Err(InvalidIdentityId), "{text}");
        }
    }
}
