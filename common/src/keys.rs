//! Object keys: the only place where one is written or taken apart.
//!
//! ```text
//! original-files/<stage>/<identityId>/<imageId>.<extension>
//! thumbnails/<stage>/<identityId>/<imageId>/<variant>.<extension>
//! ```
//! The policies in `infra/template.yaml` name the same prefixes.

use std::fmt;

use media::{media_type::MediaType, variant_format::VariantFormat};
use thiserror::Error;

use crate::{identity_id::IdentityId, image_id::ImageId};

const ORIGINALS: &str = "original-files";
const THUMBNAILS: &str = "thumbnails";

/// A deployment's name: 1 to 16 of `a-z`, `0-9` and `-`, starting with a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage(String);

/// An object key, or a part of one, that is not ours.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeyError {
    /// A stage that could not stand in a key.
    #[error("a stage is 1 to 16 of a-z, 0-9 and `-`, and starts with a letter")]
    Stage,
    /// Not below `original-files/<stage>/`.
    #[error("the key is not below original-files/ of this stage")]
    Prefix,
    /// The right prefix, but not `<identityId>/<imageId>.<extension>`.
    #[error("the key is not <identityId>/<imageId>.<extension>")]
    Shape,
    /// An extension that is not 1 to 8 of `a-z` and `0-9`.
    #[error("a file extension is 1 to 8 of a-z and 0-9")]
    Extension,
}

impl Stage {
    /// The rule is the template's `AllowedPattern`.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let starts_well = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        let is_plain = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if starts_well && is_plain && text.len() <= 16 {
            Ok(Self(text.to_owned()))
        } else {
            Err(KeyError::Stage)
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The ending of an original's key. It says nothing about the content: that is sniffed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension(String);

impl Extension {
    /// 1 to 8 of `a-z` and `0-9`.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let is_plain = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if is_plain && (1..=8).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(KeyError::Extension)
        }
    }

    /// Without a dot.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<MediaType> for Extension {
    fn from(media_type: MediaType) -> Self {
        Self(media_type.extension().to_owned())
    }
}

/// Where an original lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalKey {
    /// The deployment.
    pub stage: Stage,
    /// Whose it is.
    pub identity: IdentityId,
    /// Which one it is.
    pub image: ImageId,
    /// The ending.
    pub extension: Extension,
}

impl OriginalKey {
    /// Takes a *decoded* key apart. Every part is checked, so `..`, empty segments and extra slashes never pass.
    pub fn parse(stage: &Stage, key: &str) -> Result<Self, KeyError> {
        let rest = key
            .strip_prefix(ORIGINALS)
            .and_then(|rest| rest.strip_prefix('/'))
            .and_then(|rest| rest.strip_prefix(stage.0.as_str()))
            .and_then(|rest| rest.strip_prefix('/'))
            .ok_or(KeyError::Prefix)?;
        let (identity, file) = rest.split_once('/').ok_or(KeyError::Shape)?;
        let (image, extension) = file.split_once('.').ok_or(KeyError::Shape)?;
        Ok(Self {
            stage: stage.clone(),
            identity: IdentityId::parse(identity).map_err(|_| KeyError::Shape)?,
            image: ImageId::parse(image).map_err(|_| KeyError::Shape)?,
            extension: Extension::parse(extension)?,
        })
    }
}

impl fmt::Display for OriginalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            stage,
            identity,
            image,
            extension,
        } = self;
        write!(f, "{ORIGINALS}/{stage}/{identity}/{image}.{}", extension.0)
    }
}

/// Where all variants of one image lie. As text it ends in `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantFolder {
    /// The deployment.
    pub stage: Stage,
    /// Whose image.
    pub identity: IdentityId,
    /// Which image.
    pub image: ImageId,
}

impl VariantFolder {
    /// The key of one variant. `name` comes from the configuration, which lets through `a-z`, `0-9` and `-`.
    pub fn variant(&self, name: &str, format: VariantFormat) -> String {
        format!("{self}{name}.{}", format.extension())
    }
}

impl From<&OriginalKey> for VariantFolder {
    fn from(key: &OriginalKey) -> Self {
        Self {
            stage: key.stage.clone(),
            identity: key.identity.clone(),
            image: key.image,
        }
    }
}

impl fmt::Display for VariantFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            stage,
            identity,
            image,
        } = self;
        write!(f, "{THUMBNAILS}/{stage}/{identity}/{image}/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDENTITY: &str = "eu-west-1:01234567-89ab-cdef-0123-456789abcdef";
    const IMAGE: &str = "0190a5d0-7bcd-7abc-8def-0123456789ab";

    fn dev() -> Stage {
        Stage::parse("dev").unwrap()
    }

    #[test]
    fn a_key_survives_its_own_text() {
        let text = format!("original-files/dev/{IDENTITY}/{IMAGE}.jpg");
        assert_eq!(OriginalKey::parse(&dev(), &text).unwrap().to_string(), text);
    }

    #[test]
    fn variants_lie_in_a_folder_of_their_image() {
        let key = OriginalKey::parse(
            &dev(),
            &format!("original-files/dev/{IDENTITY}/{IMAGE}.jpg"),
        )
        .unwrap();
        assert_eq!(
            VariantFolder::from(&key).variant("small", VariantFormat::Jpeg),
            format!("thumbnails/dev/{IDENTITY}/{IMAGE}/small.jpg")
        );
    }

    #[test]
    fn keys_that_are_not_ours_are_refused() {
        for (key, error) in [
            (
                format!("thumbnails/dev/{IDENTITY}/{IMAGE}.jpg"),
                KeyError::Prefix,
            ),
            (
                format!("original-files/prod/{IDENTITY}/{IMAGE}.jpg"),
                KeyError::Prefix,
            ),
            (
                format!("original-files/dev2/{IDENTITY}/{IMAGE}.jpg"),
                KeyError::Prefix,
            ),
            (
                format!("original-files/devil/{IDENTITY}/{IMAGE}.jpg"),
                KeyError::Prefix,
            ),
            (
                format!("/original-files/dev/{IDENTITY}/{IMAGE}.jpg"),
                KeyError::Prefix,
            ),
            (String::new(), KeyError::Prefix),
            (
                format!("original-files/dev//{IDENTITY}/{IMAGE}.jpg"),
                KeyError::Shape,
            ),
            (
                format!("original-files/dev/{IDENTITY}//{IMAGE}.jpg"),
                KeyError::Shape,
            ),
            (
                format!("original-files/dev/{IDENTITY}/x/{IMAGE}.jpg"),
                KeyError::Shape,
            ),
            (
                format!("original-files/dev/{IDENTITY}/../{IMAGE}.jpg"),
                KeyError::Shape,
            ),
            (
                format!("original-files/dev/{IDENTITY}/cat.jpg"),
                KeyError::Shape,
            ),
            (
                format!("original-files/dev/{IDENTITY}/{IMAGE}"),
                KeyError::Shape,
            ),
            (
                format!("original-files/dev/{IDENTITY}/{IMAGE}."),
                KeyError::Extension,
            ),
            (
                format!("original-files/dev/{IDENTITY}/{IMAGE}.tar.gz"),
                KeyError::Extension,
            ),
            (
                format!("original-files/dev/{IDENTITY}/{IMAGE}.JPG"),
                KeyError::Extension,
            ),
            (
                format!("original-files/dev/{IDENTITY}/{IMAGE}.jpg/"),
                KeyError::Extension,
            ),
        ] {
            assert_eq!(OriginalKey::parse(&dev(), &key), Err(error), "{key}");
        }
    }

    #[test]
    fn a_stage_can_not_add_a_segment() {
        for text in ["", "Dev", "dev/", "a/b", "1dev", "-", "a2345678901234567"] {
            assert_eq!(Stage::parse(text), Err(KeyError::Stage), "{text}");
        }
    }
}
