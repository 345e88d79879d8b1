//! Changes that a user makes to the attributes of an image.

use serde::{Deserialize, Deserializer};

use crate::{caption::Caption, file_name::FileName};

/// The change of one attribute, as in a JSON merge patch (RFC 7396).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FieldUpdate<T> {
    /// The attribute stays as it is: the member is absent.
    #[default]
    Keep,
    /// The attribute is removed: the member is `null`.
    Remove,
    /// The attribute is set to this value.
    Set(T),
}

/// The attributes that a user may change after the upload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImagePatch {
    /// The file name.
    pub file_name: FieldUpdate<FileName>,
    /// The caption.
    pub caption: FieldUpdate<Caption>,
}

impl<T> FieldUpdate<T> {
    /// Parses the new value, if there is one.
    pub fn try_map<U, E>(self, parse: impl FnOnce(T) -> Result<U, E>) -> Result<FieldUpdate<U>, E> {
        Ok(match self {
            Self::Keep => FieldUpdate::Keep,
            Self::Remove => FieldUpdate::Remove,
            Self::Set(value) => FieldUpdate::Set(parse(value)?),
        })
    }
}

/// Deserializes a member that is present. The field needs `#[serde(default)]` for an absent one.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for FieldUpdate<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::deserialize(deserializer)? {
            None => Self::Remove,
            Some(value) => Self::Set(value),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_member_is_kept_and_a_null_one_removed() {
        #[derive(Deserialize)]
        struct Body {
            #[serde(default)]
            a: FieldUpdate<String>,
        }
        for (json, edit) in [
            ("{}", FieldUpdate::Keep),
            (r#"{"a": null}"#, FieldUpdate::Remove),
            (r#"{"a": "x"}"#, FieldUpdate::Set("x".to_owned())),
        ] {
            assert_eq!(
                serde_json::from_str::<Body>(json).unwrap().a,
                edit,
                "{json}"
            );
        }
        assert!(serde_json::from_str::<Body>(r#"{"a": 1}"#).is_err());
    }
}
