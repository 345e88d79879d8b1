//! The attributes of a record, and who writes each.
//!
//! The template's policies name the same attributes (`dynamodb:Attributes`), and a test compares
//! them with this list.

use strum::{IntoStaticStr, VariantArray};

/// An attribute of a record. Its name in `DynamoDB` is the variant's in camel case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "camelCase")]
pub enum Attribute {
    /// The partition key.
    IdentityId,
    /// The sort key.
    ImageId,
    /// The file's name, as the user gave it.
    FileName,
    /// The media type, as sniffed from the upload's first bytes.
    ContentType,
    /// Bytes of the upload.
    Size,
    /// The time of the upload.
    UploadedAt,
    /// The user's caption.
    Caption,
    /// Unix seconds after which the record is hidden and may be removed.
    ExpiresAt,
    /// `ready` or `failed`; absent while pending.
    Status,
    /// Pixels of the original, upright.
    Width,
    /// Pixels of the original, upright.
    Height,
    /// The original's format.
    Format,
    /// The list of variants.
    Thumbnails,
    /// The placeholder, in base64.
    Thumbhash,
    /// The dominant colour, as `#rrggbb`.
    DominantColour,
    /// Whether the original has more than one frame.
    IsAnimated,
    /// SHA-256 of the original, in hexadecimal.
    Sha256,
    /// Code and message of a failure.
    Failure,
    /// The sequencer of the last event that wrote the record, padded to 64 digits.
    Sequencer,
    /// The time at which the worker wrote the record.
    ProcessedAt,
    /// Extension, size and `ETag` of the original.
    Original,
    /// The version of the set of variants.
    VariantSet,
    /// The version of the set of facts that was read from the original.
    FactSet,
    /// The time at which the photo was taken.
    TakenAt,
    /// The position in the order by that time: the sort key of the index.
    TakenKey,
    /// The maker of the camera.
    CameraMake,
    /// The model of the camera.
    CameraModel,
    /// Degrees north, where places are kept.
    Latitude,
    /// Degrees east, where places are kept.
    Longitude,
    /// Bytes of the original that the user's usage item counts for this record, as one image. A
    /// record without it counts nothing.
    CountedBytes,
}

/// The party that writes an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// Part of the key: the party that makes the record.
    Key,
    /// The user, with their own credentials.
    User,
    /// The worker, and the reader of dead letters.
    Worker,
    /// The user sets it, and the worker removes it.
    UserAndWorker,
}

impl Attribute {
    /// The name in `DynamoDB`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The party that writes the attribute.
    pub fn writer(self) -> Writer {
        match self {
            Self::IdentityId | Self::ImageId => Writer::Key,
            Self::FileName | Self::ContentType | Self::Size | Self::UploadedAt | Self::Caption => {
                Writer::User
            }
            Self::ExpiresAt => Writer::UserAndWorker,
            Self::Status
            | Self::Width
            | Self::Height
            | Self::Format
            | Self::Thumbnails
            | Self::Thumbhash
            | Self::DominantColour
            | Self::IsAnimated
            | Self::Sha256
            | Self::Failure
            | Self::Sequencer
            | Self::ProcessedAt
            | Self::Original
            | Self::VariantSet
            | Self::FactSet
            | Self::TakenAt
            | Self::TakenKey
            | Self::CameraMake
            | Self::CameraModel
            | Self::Latitude
            | Self::Longitude
            | Self::CountedBytes => Writer::Worker,
        }
    }

    /// The attributes that a user may name in a write.
    pub fn of_users() -> impl Iterator<Item = Self> {
        Self::all().filter(|attribute| attribute.writer() != Writer::Worker)
    }

    /// The attributes that the worker may name in a write.
    pub fn of_worker() -> impl Iterator<Item = Self> {
        Self::all().filter(|attribute| attribute.writer() != Writer::User)
    }

    /// The attributes that the reconciliation may read: enough to compare a record with the
    /// bucket, and nothing that a user wrote about the image or that shows what is in it.
    pub fn of_reconciliation() -> impl Iterator<Item = Self> {
        Self::of_worker().filter(|attribute| {
            !matches!(
                attribute,
                Self::Thumbhash
                    | Self::DominantColour
                    | Self::IsAnimated
                    | Self::TakenAt
                    | Self::TakenKey
                    | Self::CameraMake
                    | Self::CameraModel
                    | Self::Latitude
                    | Self::Longitude
            )
        })
    }

    /// The attributes that only a `ready` record has. A failure removes them.
    pub fn of_ready_images() -> impl Iterator<Item = Self> {
        Self::of_worker().filter(|attribute| {
            matches!(
                attribute,
                Self::Width
                    | Self::Height
                    | Self::Format
                    | Self::Thumbnails
                    | Self::Thumbhash
                    | Self::DominantColour
                    | Self::IsAnimated
                    | Self::Sha256
                    | Self::VariantSet
                    | Self::TakenAt
                    | Self::CameraMake
                    | Self::CameraModel
                    | Self::Latitude
                    | Self::Longitude
            )
        })
    }

    /// All attributes.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::Attribute;

    #[test]
    fn names_are_those_of_stored_records() {
        let names: Vec<_> = Attribute::all().map(Attribute::name).collect();
        assert_eq!(
            names,
            [
                "identityId",
                "imageId",
                "fileName",
                "contentType",
                "size",
                "uploadedAt",
                "caption",
                "expiresAt",
                "status",
                "width",
                "height",
                "format",
                "thumbnails",
                "thumbhash",
                "dominantColour",
                "isAnimated",
                "sha256",
                "failure",
                "sequencer",
                "processedAt",
                "original",
                "variantSet",
                "factSet",
                "takenAt",
                "takenKey",
                "cameraMake",
                "cameraModel",
                "latitude",
                "longitude",
                "countedBytes",
            ]
        );
    }

    #[test]
    fn the_reconciliation_reads_nothing_that_a_user_wrote_about_an_image() {
        let read: Vec<_> = Attribute::of_reconciliation().collect();
        for attribute in [
            Attribute::FileName,
            Attribute::Caption,
            Attribute::Thumbhash,
            Attribute::TakenKey,
            Attribute::Latitude,
        ] {
            assert!(!read.contains(&attribute), "{attribute:?}");
        }
    }
}
