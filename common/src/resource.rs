//! The JSON of an image in the API.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use media::{failure::Failure, location::Location};
use serde::Serialize;

use crate::{record::ImageRecord, timestamp};

/// The JSON of one image. A member is absent while its value is not known.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageResource {
    /// The image id, a `UUIDv7`.
    pub image_id: String,
    /// The status: `pending`, `ready` or `failed`.
    pub status: &'static str,
    /// The name of the uploaded file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// The user's caption.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// The media type of the original.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The size of the original in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The width of the original in pixels, upright.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height of the original in pixels, upright.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The format of the original: `jpeg`, `png`, `webp`, `gif`, `heic` or `avif`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<&'static str>,
    /// Whether the original has more than one frame; its thumbnails show the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_animated: Option<bool>,
    /// The `ThumbHash` in base64, a placeholder until a thumbnail is loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbhash: Option<String>,
    /// The dominant colour as `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dominant_colour: Option<String>,
    /// The time at which the photo was taken, in ISO 8601; without an offset where the camera wrote
    /// none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<String>,
    /// The maker of the camera.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera_make: Option<String>,
    /// The model of the camera.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera_model: Option<String>,
    /// Degrees north, where places are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Degrees east, where places are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// The SHA-256 of the original in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The time of the upload, as RFC 3339.
    pub uploaded_at: String,
    /// The time at which the worker completed the record, as RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processed_at: Option<String>,
    /// The reason of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The link to the original.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<Link>,
    /// The links to the variants, from large to small; empty until `ready`.
    pub thumbnails: Vec<ThumbnailLink>,
}

/// The link to an object.
#[derive(Debug, Serialize)]
pub struct Link {
    /// The presigned URL. It is valid no longer than the credentials that signed it.
    pub url: String,
}

/// The link to a variant.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ThumbnailLink {
    /// The configured name.
    pub name: String,
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
    /// The size in bytes.
    pub size: u64,
    /// The media type.
    pub content_type: &'static str,
    /// The presigned URL.
    pub url: String,
}

impl ImageResource {
    /// Creates the JSON of a record. `original` and `thumbnails` are the links that the caller
    /// could sign.
    pub fn new(
        record: ImageRecord,
        original: Option<Link>,
        thumbnails: Vec<ThumbnailLink>,
    ) -> Self {
        let facts = record.facts;
        let placeholder = facts.as_ref().and_then(|f| f.placeholder.clone());
        let placeholder = placeholder.as_ref();
        let capture = facts
            .as_ref()
            .map(|f| f.capture.clone())
            .unwrap_or_default();
        Self {
            image_id: record.image.to_string(),
            status: record.status.as_str(),
            file_name: record.file_name,
            caption: record.caption,
            // The format that the worker found overrides the media type of the upload.
            content_type: facts
                .as_ref()
                .map(|f| f.format.mime().to_owned())
                .or(record.content_type),
            size: record.size_bytes,
            width: facts.as_ref().map(|f| f.width),
            height: facts.as_ref().map(|f| f.height),
            format: facts.as_ref().map(|f| f.format.name()),
            is_animated: facts.as_ref().and_then(|f| f.is_animated),
            thumbhash: placeholder.map(|i| STANDARD.encode(&i.thumbhash)),
            dominant_colour: placeholder.map(|i| {
                let [red, green, blue] = i.dominant_colour;
                format!("#{red:02x}{green:02x}{blue:02x}")
            }),
            taken_at: capture.taken_at.map(|time| time.to_string()),
            camera_make: capture.camera_make,
            camera_model: capture.camera_model,
            latitude: capture.location.map(Location::latitude),
            longitude: capture.location.map(Location::longitude),
            sha256: facts.map(|f| f.sha256),
            uploaded_at: timestamp::to_text(record.uploaded_at),
            processed_at: record.processed_at,
            failure: record.failure,
            original,
            thumbnails,
        }
    }
}
