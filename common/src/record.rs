//! The metadata record of an image.
//!
//! Two writers fill it, each with attributes of its own, and IAM keeps them apart (`dynamodb:Attributes`): the
//! user writes a [`Pending`] record, the worker a [`Completion`]. So nobody can forge a result.

use media::{failure::Failure, media_type::MediaType, variant_format::VariantFormat};
use time::OffsetDateTime;

use crate::{file_name::FileName, image_id::ImageId, keys::Extension};

/// The user's half, written before the original.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Which image.
    pub image: ImageId,
    /// What its owner calls it.
    pub file_name: Option<FileName>,
    /// As sniffed.
    pub media_type: MediaType,
    /// Bytes.
    pub size_bytes: u64,
    /// When the upload was accepted.
    pub uploaded_at: OffsetDateTime,
    /// When the record may vanish, should the original never arrive.
    pub expires_at: OffsetDateTime,
}

/// One variant that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbnail {
    /// As configured, such as `small`; the last part of its key without the ending.
    pub name: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Bytes.
    pub size_bytes: u64,
    /// What the bytes are.
    pub format: VariantFormat,
    /// What S3 called the bytes that the worker wrote. Records of earlier versions do not say.
    pub etag: Option<String>,
}

/// What can be shown of a picture before any of its files is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// See <https://evanw.github.io/thumbhash/>.
    pub thumbhash: Vec<u8>,
    /// Red, green, blue, in sRGB.
    pub dominant_colour: [u8; 3],
}

/// The original, as the worker found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// The ending of its key.
    pub extension: Extension,
    /// Bytes.
    pub size_bytes: u64,
    /// What S3 called the bytes that the worker read. Records of earlier versions do not say, nor do those of files that
    /// were too large to be read.
    pub etag: Option<String>,
}

/// What the worker learned from a good picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageDetails {
    /// Pixels, upright.
    pub width: u32,
    /// Pixels, upright.
    pub height: u32,
    /// What it is.
    pub format: MediaType,
    /// Of the original's bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// Whether there is more than one frame. Records of earlier versions do not say.
    pub is_animated: Option<bool>,
    /// Records of earlier versions have none.
    pub impression: Option<Placeholder>,
    /// From large to small.
    pub thumbnails: Vec<Thumbnail>,
    /// The version of the set of variants that was made. Records of earlier versions have none.
    pub variant_set: Option<String>,
}

/// The worker's half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// All variants are written.
    Ready(ImageDetails),
    /// There will be none: it is the picture's own fault.
    Failed(Failure),
    /// It was tried too often, and whose fault that is nobody knows. It gives way to everything that another attempt says.
    GivenUp(Failure),
}

/// Where an image is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The worker has not completed it.
    Pending,
    /// Its variants can be fetched.
    Ready,
    /// See [`ImageRecord::failure`].
    Failed,
}

impl Status {
    /// As in records and in the API. A pending record has no such attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

/// A whole record, as read. What a user can write is optional: they may have written it with a wrong type, or
/// not at all, and that must not break their own listing.
#[derive(Clone, Debug)]
pub struct ImageRecord {
    /// Which image.
    pub image: ImageId,
    /// Where it is.
    pub status: Status,
    /// The user's.
    pub file_name: Option<String>,
    /// The user's.
    pub caption: Option<String>,
    /// The user's.
    pub content_type: Option<String>,
    /// The worker's, or what the user declared.
    pub size_bytes: Option<u64>,
    /// The user's, or the time in the id.
    pub uploaded_at: OffsetDateTime,
    /// Unix seconds; while pending, and once deleted.
    pub expires_at: Option<i64>,
    /// The worker's, once ready or failed.
    pub original: Option<Original>,
    /// The worker's.
    pub processed_at: Option<String>,
    /// The worker's, once ready.
    pub facts: Option<ImageDetails>,
    /// The worker's, once failed.
    pub failure: Option<Failure>,
}

impl ImageRecord {
    /// Whether its time is over, because it was deleted or its upload given up: the worker removes what was
    /// deleted within moments, `DynamoDB` the rest within days, and nobody sees it until then.
    pub fn is_hidden(&self, now: OffsetDateTime) -> bool {
        self.expires_at.is_some_and(|at| at <= now.unix_timestamp())
    }
}
