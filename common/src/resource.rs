//! An image as the API shows it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use media::failure::Failure;
use serde::Serialize;

use crate::{record::ImageRecord, timestamp};

/// The JSON of one image. Absent members are not known yet.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageResource {
    /// A `UUIDv7`.
    pub image_id: String,
    /// `pending`, `ready` or `failed`.
    pub status: &'static str,
    /// As uploaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// What its owner says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Of the original.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Of the original, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Of the original, in pixels, upright.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Of the original, in pixels, upright.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// `jpeg`, `png`, `webp` or `gif`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<&'static str>,
    /// Whether the original has more than one frame; its thumbnails show the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_animated: Option<bool>,
    /// Base64; draws a placeholder until a thumbnail is loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbhash: Option<String>,
    /// `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dominant_colour: Option<String>,
    /// Of the original's bytes, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// RFC 3339.
    pub uploaded_at: String,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processed_at: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The file as it was uploaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<Link>,
    /// From large to small; empty until `ready`.
    pub thumbnails: Vec<ThumbnailLink>,
}

/// Where to fetch a file.
#[derive(Debug, Serialize)]
pub struct Link {
    /// Presigned; lives as long as the credentials that signed it, at most.
    pub url: String,
}

/// Where to fetch a variant.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ThumbnailLink {
    /// As configured.
    pub name: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Bytes.
    pub size: u64,
    /// As configured.
    pub content_type: &'static str,
    /// Presigned.
    pub url: String,
}

impl ImageResource {
    /// `original` and `thumbnails` are the links that the caller could sign.
    pub fn new(
        record: ImageRecord,
        original: Option<Link>,
        thumbnails: Vec<ThumbnailLink>,
    ) -> Self {
        let facts = record.facts;
        let placeholder = facts.as_ref().and_then(|f| f.placeholder.clone());
        let placeholder = placeholder.as_ref();
        Self {
            image_id: record.image.to_string(),
            status: record.status.as_str(),
            file_name: record.file_name,
            caption: record.caption,
            // What the worker saw beats what the user declared.
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
            sha256: facts.map(|f| f.sha256),
            uploaded_at: timestamp::to_text(record.uploaded_at),
            processed_at: record.processed_at,
            failure: record.failure,
            original,
            thumbnails,
        }
    }
}
