//! Responses of the API.

use std::fmt;

use serde::Deserialize;

/// A page of the listing.
#[derive(Debug, Deserialize)]
pub struct Page {
    /// The images, newest first.
    pub items: Vec<Image>,
}

/// An uploaded image.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// Its id.
    pub image_id: String,
    /// State of its processing.
    pub status: Status,
    /// The file name from the upload.
    pub file_name: Option<String>,
    /// Size of the original in bytes.
    pub size: Option<u64>,
    /// Time of the upload, RFC 3339.
    pub uploaded_at: Option<String>,
    /// Time at which the photo was taken, by the camera's clock.
    pub taken_at: Option<String>,
    /// Width of the original, once the image is ready.
    pub width: Option<u32>,
    /// Height of the original, once the image is ready.
    pub height: Option<u32>,
    /// Placeholder until a thumbnail is loaded, once the image is ready.
    pub thumbhash: Option<String>,
    /// Failure, if the image has failed.
    pub failure: Option<Failure>,
    /// Thumbnails, once the image is ready.
    #[serde(default)]
    pub thumbnails: Vec<Thumbnail>,
}

impl Image {
    /// Describes the failure in one line.
    pub fn why(&self) -> String {
        match &self.failure {
            Some(Failure { code, message }) => format!("failed: {code}: {message}"),
            None => "failed, without a reason".to_owned(),
        }
    }
}

/// State of an image's processing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Not processed yet.
    Pending,
    /// Its thumbnails are available.
    Ready,
    /// It can't be processed, and the failure says why.
    Failed,
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Failed => "failed",
        })
    }
}

/// Reason for which an image failed.
#[derive(Debug, Deserialize)]
pub struct Failure {
    /// Code for programs.
    pub code: String,
    /// Message for people.
    pub message: String,
}

/// One variant of an image.
#[derive(Debug, Deserialize)]
pub struct Thumbnail {
    /// The variant's name.
    pub name: String,
    /// Its presigned URL.
    pub url: String,
}

impl Thumbnail {
    /// Returns the file name to save it as: the original's name, the variant's, and the extension
    /// of its format.
    pub fn file_name(&self, image: &Image, bytes: &[u8]) -> String {
        let name = image.file_name.as_deref().unwrap_or(&image.image_id);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        // The name comes from the server and must not lead out of the folder.
        let stem = stem.replace(['/', '\\', '\0'], "_");
        let extension = ::image::guess_format(bytes)
            .ok()
            .and_then(|format| format.extensions_str().first())
            .unwrap_or(&"bin");
        format!("{stem}-{}.{extension}", self.name)
    }
}

/// A problem document (RFC 9457).
#[derive(Debug, Deserialize)]
pub struct Problem {
    /// Kind of the problem.
    pub title: String,
    /// Details of this occurrence.
    pub detail: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.detail {
            Some(detail) => write!(formatter, "{}: {detail}", self.title),
            None => formatter.write_str(&self.title),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Image, Thumbnail};

    fn image(file_name: &str) -> Image {
        serde_json::from_value(serde_json::json!({
            "imageId": "0191", "status": "ready", "fileName": file_name, "contentType": "image/jpeg"
        }))
        .unwrap()
    }

    fn small() -> Thumbnail {
        Thumbnail {
            name: "small".to_owned(),
            url: String::new(),
        }
    }

    #[test]
    fn a_thumbnail_is_saved_as_what_its_bytes_are() {
        let name = small().file_name(&image("photo.webp"), b"\xff\xd8\xff\xe0");
        assert_eq!(name, "photo-small.jpg");
    }

    #[test]
    fn a_name_does_not_lead_out_of_the_folder() {
        let name = small().file_name(&image("../../etc/photo.png"), b"\x89PNG\r\n\x1a\n");
        assert_eq!(name, ".._.._etc_photo-small.png");
    }
}
