//! The metadata record of an image.
//!
//! Two writers fill it, each with attributes of its own: the user writes a [`Pending`] record, the
//! worker a [`Completion`]. IAM keeps the two apart (`dynamodb:Attributes`), so that a user can't
//! forge a result. [`Attribute`](crate::attribute::Attribute) lists the attributes.

use media::{
    capture_time::CaptureTime, failure::Failure, location::Location, media_type::MediaType,
    variant_format::VariantFormat,
};
use time::OffsetDateTime;

use crate::{file_name::FileName, image_id::ImageId, keys::Extension};

/// The user's attributes of a new record, written before the original.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The image.
    pub image: ImageId,
    /// The file's name, where the user gave one.
    pub file_name: Option<FileName>,
    /// The type, as sniffed from the bytes.
    pub media_type: MediaType,
    /// Bytes.
    pub size_bytes: u64,
    /// The time at which the upload was accepted.
    pub uploaded_at: OffsetDateTime,
    /// The time from which the record is hidden, should the original never arrive.
    pub expires_at: OffsetDateTime,
}

/// A variant that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbnail {
    /// The configured name, such as `small`: the last part of the key without the extension.
    pub name: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Bytes.
    pub size_bytes: u64,
    /// The format of the bytes.
    pub format: VariantFormat,
    /// The `ETag` of the object that the worker wrote. Absent in records of earlier versions.
    pub etag: Option<String>,
}

/// The placeholder that a client shows before it has loaded a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// The thumbhash, see <https://evanw.github.io/thumbhash/>.
    pub thumbhash: Vec<u8>,
    /// Red, green, blue, in sRGB.
    pub dominant_colour: [u8; 3],
}

/// The original as the worker found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// The extension of the key.
    pub extension: Extension,
    /// Bytes.
    pub size_bytes: u64,
    /// The `ETag` of the object that the worker read. Absent in records of earlier versions, and
    /// for objects that were too large to be read.
    pub etag: Option<String>,
}

/// The details of an image that the worker processed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageDetails {
    /// Pixels, upright.
    pub width: u32,
    /// Pixels, upright.
    pub height: u32,
    /// The original's format.
    pub format: MediaType,
    /// SHA-256 of the original, 64 hexadecimal digits.
    pub sha256: String,
    /// Whether the original has more than one frame. Absent in records of earlier versions.
    pub is_animated: Option<bool>,
    /// The placeholder. Absent in records of earlier versions.
    pub placeholder: Option<Placeholder>,
    /// The variants, from large to small.
    pub thumbnails: Vec<Thumbnail>,
    /// The version of the set of variants. Absent in records of earlier versions.
    pub variant_set: Option<String>,
    /// The facts of the capture.
    pub capture: Capture,
}

/// The facts that a camera wrote into an original. All are absent in records of earlier versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capture {
    /// The version of the set of facts that was read.
    pub fact_set: Option<String>,
    /// The time at which the photo was taken.
    pub taken_at: Option<CaptureTime>,
    /// The maker of the camera.
    pub camera_make: Option<String>,
    /// The model of the camera.
    pub camera_model: Option<String>,
    /// The place, where places are kept.
    pub location: Option<Location>,
}

/// The `factSet` of a record of an image that failed: nothing was read, and nothing will be until
/// the image is tried again.
pub const NO_FACTS: &str = "none";

/// The worker's attributes of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// All variants exist.
    Ready(ImageDetails),
    /// The image can't be processed, by its own fault.
    Failed(Failure),
    /// The worker gave up after too many attempts. Any other attempt's result replaces this one.
    GivenUp(Failure),
}

/// The status of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The worker has not completed the image.
    Pending,
    /// The variants exist.
    Ready,
    /// The image failed: see [`ImageRecord::failure`].
    Failed,
}

impl Status {
    /// The text in records and in the API. A pending record has no such attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

/// A whole record, as read.
///
/// Attributes that a user writes are optional: a value of a wrong type, or one that the API would
/// refuse, counts as absent, so that it does not break the user's listing.
#[derive(Clone, Debug)]
pub struct ImageRecord {
    /// The image.
    pub image: ImageId,
    /// The status.
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
    /// Whether `expiresAt` is past: the image was deleted, or its upload never arrived. No response
    /// shows such a record. The worker removes a deleted image's within moments, `DynamoDB` the
    /// others within days.
    pub fn is_hidden(&self, now: OffsetDateTime) -> bool {
        self.expires_at.is_some_and(|at| at <= now.unix_timestamp())
    }
}
