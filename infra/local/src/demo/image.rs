//! What the API answers.

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
    /// How far its processing is.
    pub status: Status,
    /// The name that it was uploaded by.
    pub file_name: Option<String>,
    /// The original's bytes.
    pub size: Option<u64>,
    /// When it was uploaded, RFC 3339.
    pub uploaded_at: Option<String>,
    /// The original's width, once it is ready.
    pub width: Option<u32>,
    /// The original's height, once it is ready.
    pub height: Option<u32>,
    /// What a gallery draws until a thumbnail is there, once it is ready.
    pub thumbhash: Option<String>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Its thumbnails, once it is ready.
    #[serde(default)]
    pub thumbnails: Vec<Thumbnail>,
}

impl Image {
    /// Why it failed, for people.
    pub fn why(&self) -> String {
        match &self.failure {
            Some(Failure { code, message }) => format!("failed: {code}: {message}"),
            None => "failed, without a reason".to_owned(),
        }
    }
}

/// How far an image's processing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Not processed yet.
    Pending,
    /// Its thumbnails are there.
    Ready,
    /// It can't be processed, and why is known.
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

/// Why an image failed.
#[derive(Debug, Deserialize)]
pub struct Failure {
    /// For programs.
    pub code: String,
    /// For people.
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
    /// The file to save it as: the original's name, the variant's and what the bytes are.
    pub fn file_name(&self, image: &Image, bytes: &[u8]) -> String {
        let name = image.file_name.as_deref().unwrap_or(&image.image_id);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        // The name came back from a server: it must not lead out of the folder.
        let stem = stem.replace(['/', '\\', '\0'], "_");
        let extension = ::image::guess_format(bytes)
            .ok()
            .and_then(|format| format.extensions_str().first())
            .unwrap_or(&"bin");
        format!("{stem}-{}.{extension}", self.name)
    }
}

/// An error, RFC 9457.
#[derive(Debug, Deserialize)]
pub struct Problem {
    /// What kind of error.
    pub title: String,
    /// What was wrong this time.
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
