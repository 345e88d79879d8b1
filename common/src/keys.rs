//! Object keys. Only this module formats or parses one.
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

/// The name of a deployment: 1 to 16 of `a-z`, `0-9` and `-`, starting with a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage(String);

/// The error for a key, or a part of one, that does not have this project's form.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeyError {
    /// The stage could not be a segment of a key.
    #[error("a stage is 1 to 16 of a-z, 0-9 and `-`, and starts with a letter")]
    Stage,
    /// The key is not below `original-files/<stage>/`.
    #[error("the key is not below original-files/ of this stage")]
    Prefix,
    /// The key has the right prefix, but is not `<identityId>/<imageId>.<extension>`.
    #[error("the key is not <identityId>/<imageId>.<extension>")]
    Shape,
    /// The extension is not 1 to 8 of `a-z` and `0-9`.
    #[error("a file extension is 1 to 8 of a-z and 0-9")]
    Extension,
}

impl Stage {
    /// Parses a stage by the rule of the template's `AllowedPattern`.
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

/// The extension of an original's key. It does not decide the media type, which is sniffed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension(String);

impl Extension {
    /// Parses 1 to 8 of `a-z` and `0-9`.
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

    /// Returns the extension without a dot.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<MediaType> for Extension {
    fn from(media_type: MediaType) -> Self {
        Self(media_type.extension().to_owned())
    }
}

/// The key of an original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalKey {
    /// The deployment.
    pub stage: Stage,
    /// The user.
    pub identity: IdentityId,
    /// The image.
    pub image: ImageId,
    /// The extension.
    pub extension: Extension,
}

impl OriginalKey {
    /// Parses a *decoded* key. Every part is checked, so `..`, empty segments and extra slashes are
    /// refused.
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
    /// Returns the image's identity id and image id.
    pub fn image_ref(&self) -> ImageRef {
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

/// The prefix of all variants of one image. As text it ends in `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantFolder {
    /// The deployment.
    pub stage: Stage,
    /// The user.
    pub identity: IdentityId,
    /// The image.
    pub image: ImageId,
}

impl VariantFolder {
    /// Formats the key of one variant. `name` comes from the configuration, which allows `a-z`,
    /// `0-9` and `-`.
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

/// The reference to an image: its identity id and its image id.
///
/// References sort as the keys of the originals and of the variants do. (An identity id ends in a
/// UUID, so none is a prefix of another, and the characters after it do not matter.)
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImageRef {
    /// The user.
    pub identity: IdentityId,
    /// The image.
    pub image: ImageId,
}

impl ImageRef {
    /// Parses `<identityId>/<imageId>`.
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

/// The two kinds of objects of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPrefix {
    /// The objects that users upload.
    Originals,
    /// The objects that the worker creates.
    Variants,
}

/// A part of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyScope {
    /// The whole stage.
    Stage,
    /// All images of one user.
    User(IdentityId),
    /// One image.
    Image(ImageRef),
}

/// Returns the prefix of the keys of a part of a stage. No other key has this prefix: it ends in
/// `/`, or, for the originals of an image, in the `.` before the extension.
pub fn prefix(stage: &Stage, tree: KeyPrefix, scope: &KeyScope) -> String {
    let root = match tree {
        KeyPrefix::Originals => ORIGINALS,
        KeyPrefix::Variants => THUMBNAILS,
    };
    match (scope, tree) {
        (KeyScope::Stage, _) => format!("{root}/{stage}/"),
        (KeyScope::User(identity), _) => format!("{root}/{stage}/{identity}/"),
        (KeyScope::Image(image_ref), KeyPrefix::Originals) => {
            format!("{root}/{stage}/{image_ref}.")
        }
        (KeyScope::Image(image_ref), KeyPrefix::Variants) => format!("{root}/{stage}/{image_ref}/"),
    }
}

/// Returns a text between the keys of this image and those of the next: `0` sorts after `.` and
/// `/`.
pub fn upper_bound(stage: &Stage, tree: KeyPrefix, image_ref: &ImageRef) -> String {
    format!("{}{image_ref}0", prefix(stage, tree, &KeyScope::Stage))
}

/// Returns a text between the keys of the previous image and those of this one.
pub fn lower_bound(stage: &Stage, tree: KeyPrefix, image_ref: &ImageRef) -> String {
    format!("{}{image_ref}", prefix(stage, tree, &KeyScope::Stage))
}

/// Returns the key of the checkpoint of the scheduled reconciliation.
pub fn checkpoint(stage: &Stage) -> String {
    format!("{RECONCILE}/{stage}/checkpoint")
}

/// The key of a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantKey {
    /// The image.
    pub image_ref: ImageRef,
    /// The last part of the key, such as `small.jpg`.
    pub file: String,
}

impl VariantKey {
    /// Parses a key.
    pub fn parse(stage: &Stage, key: &str) -> Result<Self, KeyError> {
        let rest = key
            .strip_prefix(&prefix(stage, KeyPrefix::Variants, &KeyScope::Stage))
            .ok_or(KeyError::Prefix)?;
        let (image_ref, file) = rest.rsplit_once('/').ok_or(KeyError::Shape)?;
        Ok(Self {
            image_ref: ImageRef::parse(image_ref)?,
            file: file.to_owned(),
        })
    }

    /// Formats the key.
    pub fn in_stage(&self, stage: &Stage) -> String {
        let folder = KeyScope::Image(self.image_ref.clone());
        format!(
            "{}{}",
            prefix(stage, KeyPrefix::Variants, &folder),
            self.file
        )
    }
}

/// Formats the last part of a variant's key.
pub fn variant_file(name: &str, format: VariantFormat) -> String {
    format!("{name}.{}", format.extension())
}

#[cfg(test)]
mod tests;
