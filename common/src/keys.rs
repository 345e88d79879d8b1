//! Object keys: the only place where one is written or taken apart.
//!
//! ```text
//! original-files/<stage>/<identityId>/<imageId>.<extension>
//! thumbnails/<stage>/<identityId>/<imageId>/<variant>.<extension>
//! reconcile/<stage>/checkpoint
//! ```
//! The policies in `infra/template.yaml` name the same prefixes.

use std::fmt;

use media::{media_type::MediaType, variant_format::VariantFormat};
use thiserror::Error;

use crate::{identity_id::IdentityId, image_id::ImageId};

const ORIGINALS: &str = "original-files";
const THUMBNAILS: &str = "thumbnails";
const RECONCILE: &str = "reconcile";

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

impl OriginalKey {
    /// Whose image it is, and which.
    pub fn place(&self) -> ImageRef {
        ImageRef {
            identity: self.identity.clone(),
            image: self.image,
        }
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
        format!("{self}{}", variant_file(name, format))
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

/// An image of somebody, wherever its parts are.
///
/// Places sort as the keys of their originals and of their variants do. (An identity id ends in a UUID, so none is the
/// beginning of another, and it does not matter what comes behind it.)
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImageRef {
    /// Whose it is.
    pub identity: IdentityId,
    /// Which one it is.
    pub image: ImageId,
}

impl ImageRef {
    /// The reverse of its text, `<identityId>/<imageId>`.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (identity, image) = text.split_once('/').ok_or(KeyError::Shape)?;
        Ok(Self {
            identity: IdentityId::parse(identity).map_err(|_| KeyError::Shape)?,
            image: ImageId::parse(image).map_err(|_| KeyError::Shape)?,
        })
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.identity, self.image)
    }
}

/// The two kinds of files that there are of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPrefix {
    /// What users put.
    Originals,
    /// What the worker made of it.
    Variants,
}

/// A part of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyScope {
    /// All of it.
    Stage,
    /// One user's.
    User(IdentityId),
    /// One image.
    Image(ImageRef),
}

/// What the keys of a part of a stage begin with. It never begins the keys of anything else: it ends in `/`, or, for the
/// originals of an image, in the `.` before their ending.
pub fn prefix(stage: &Stage, tree: KeyPrefix, scope: &KeyScope) -> String {
    let root = match tree {
        KeyPrefix::Originals => ORIGINALS,
        KeyPrefix::Variants => THUMBNAILS,
    };
    match (scope, tree) {
        (KeyScope::Stage, _) => format!("{root}/{stage}/"),
        (KeyScope::User(identity), _) => format!("{root}/{stage}/{identity}/"),
        (KeyScope::Image(place), KeyPrefix::Originals) => format!("{root}/{stage}/{place}."),
        (KeyScope::Image(place), KeyPrefix::Variants) => format!("{root}/{stage}/{place}/"),
    }
}

/// A text between the keys of this image and those of the next: `0` sorts behind `.` and `/`.
pub fn upper_bound(stage: &Stage, tree: KeyPrefix, place: &ImageRef) -> String {
    format!("{}{place}0", prefix(stage, tree, &KeyScope::Stage))
}

/// A text between the keys of the image before and those of this one.
pub fn lower_bound(stage: &Stage, tree: KeyPrefix, place: &ImageRef) -> String {
    format!("{}{place}", prefix(stage, tree, &KeyScope::Stage))
}

/// Where the nightly reconciliation writes down how far it came.
pub fn checkpoint(stage: &Stage) -> String {
    format!("{RECONCILE}/{stage}/checkpoint")
}

/// Where a variant lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantKey {
    /// Of what it is a variant.
    pub place: ImageRef,
    /// The last part of the key, such as `small.jpg`.
    pub file: String,
}

impl VariantKey {
    /// Takes a key apart.
    pub fn parse(stage: &Stage, key: &str) -> Result<Self, KeyError> {
        let rest = key
            .strip_prefix(&prefix(stage, KeyPrefix::Variants, &KeyScope::Stage))
            .ok_or(KeyError::Prefix)?;
        let (place, file) = rest.rsplit_once('/').ok_or(KeyError::Shape)?;
        Ok(Self {
            place: ImageRef::parse(place)?,
            file: file.to_owned(),
        })
    }

    /// The key.
    pub fn in_stage(&self, stage: &Stage) -> String {
        let folder = KeyScope::Image(self.place.clone());
        format!(
            "{}{}",
            prefix(stage, KeyPrefix::Variants, &folder),
            self.file
        )
    }
}

/// The last part of a variant's key.
pub fn variant_file(name: &str, format: VariantFormat) -> String {
    format!("{name}.{}", format.extension())
}

#[cfg(test)]
mod tests;
