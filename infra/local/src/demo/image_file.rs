//! The image file to upload: read from disk or generated.

use std::{io::Cursor, path::Path};

use anyhow::Context as _;
use image::{ImageFormat, Rgb, RgbImage};

const WIDTH: u32 = 1600;
const HEIGHT: u32 = 1200;

/// An image file.
#[derive(Debug)]
pub struct ImageFile {
    /// The file's name, without folders.
    pub name: String,
    /// The media type of its extension.
    pub content_type: &'static str,
    /// The file's content.
    pub bytes: Vec<u8>,
}

impl ImageFile {
    /// Reads a file. The service decides whether its content is an image.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let bytes =
            std::fs::read(file).with_context(|| format!("can't read {}", file.display()))?;
        let name = file.file_name().context("the path names no file")?;
        let content_type = ImageFormat::from_path(file)
            .map_or("application/octet-stream", |format| format.to_mime_type());
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            content_type,
            bytes,
        })
    }

    /// Draws a chest of drawers in front of an evening sky.
    pub fn generate() -> anyhow::Result<Self> {
        let drawing = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| Rgb(colour(x, y)));
        let mut bytes = Cursor::new(Vec::new());
        drawing.write_to(&mut bytes, ImageFormat::Jpeg)?;
        Ok(Self {
            name: "drawers.jpg".to_owned(),
            content_type: ImageFormat::Jpeg.to_mime_type(),
            bytes: bytes.into_inner(),
        })
    }
}

fn colour(x: u32, y: u32) -> [u8; 3] {
    let chest = (400..1200).contains(&x) && (350..1050).contains(&y);
    if !chest {
        let from_sun = x.abs_diff(1350).pow(2) + y.abs_diff(220).pow(2);
        return if from_sun < 110 * 110 {
            [255, 214, 120]
        } else {
            [blend(30, 240, y), blend(50, 130, y), blend(110, 90, y)]
        };
    }
    let (left, top) = (x - 400, (y - 350) % 175);
    let seam = !(12..788).contains(&left) || !(12..163).contains(&top);
    let knob = left.abs_diff(400).pow(2) + top.abs_diff(87).pow(2) < 22 * 22;
    match (seam, knob) {
        (true, _) => [74, 44, 26],
        (_, true) => [214, 176, 92],
        // Noise, so that the image compresses no better than a photo of wood.
        _ => {
            let grain = u8::try_from((x / 3 + y * 7 + (x * y) / 97) % 23).unwrap_or(0);
            [140 + grain, 88 + grain, 50 + grain / 2]
        }
    }
}

/// Blends two colour components by the height `y`.
fn blend(top: u32, bottom: u32, y: u32) -> u8 {
    u8::try_from((top * (HEIGHT - y) + bottom * y) / HEIGHT).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::{HEIGHT, ImageFile, WIDTH};

    #[test]
    fn the_generated_image_is_a_jpeg_that_fits_an_upload() {
        let image_file = ImageFile::generate().unwrap();
        assert!(image_file.bytes.len() < 4_500_000);
        let decoded = image::load_from_memory(&image_file.bytes).unwrap();
        assert_eq!((decoded.width(), decoded.height()), (WIDTH, HEIGHT));
    }

    #[test]
    fn a_file_is_declared_as_what_its_extension_says() {
        let folder = tempfile::tempdir().unwrap();
        for (name, content_type) in [
            ("a.JPEG", "image/jpeg"),
            ("a.webp", "image/webp"),
            ("a.txt", "application/octet-stream"),
        ] {
            let file = folder.path().join(name);
            std::fs::write(&file, b"x").unwrap();
            assert_eq!(ImageFile::read(&file).unwrap().content_type, content_type);
        }
    }
}
