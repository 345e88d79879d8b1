//! Random images of all formats, valid and corrupt.

use std::io::Cursor;

use anyhow::Context as _;
use fastrand::Rng;
use image::{DynamicImage, ImageFormat, RgbaImage};

/// An image file to upload.
#[derive(Clone, Debug)]
pub struct ImageFile {
    /// The content.
    pub bytes: Vec<u8>,
    /// The correct media type.
    pub content_type: &'static str,
    /// The extension of the object key.
    pub extension: &'static str,
}

/// Generates a valid image of a random format.
pub fn good(random: &mut Rng) -> anyhow::Result<ImageFile> {
    let (width, height) = (random.u32(1..900), random.u32(1..900));
    let hue: [u8; 3] = [random.u8(..), random.u8(..), random.u8(..)];
    let pixels = RgbaImage::from_fn(width, height, |x, y| {
        let [red, green, blue] = hue.map(|channel| {
            channel.wrapping_add(u8::try_from((x / 3 + y / 5) & 0x7F).unwrap_or_default())
        });
        image::Rgba([red, green, blue, if (x / 40) % 2 == 0 { 255 } else { 160 }])
    });
    let (format, content_type, extension) = match random.u8(0..5) {
        0 | 1 => return jpeg(&pixels, random),
        2 => (ImageFormat::Png, "image/png", "png"),
        3 => (ImageFormat::WebP, "image/webp", "webp"),
        _ => (ImageFormat::Gif, "image/gif", "gif"),
    };
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(pixels).write_to(&mut bytes, format)?;
    Ok(ImageFile {
        bytes: bytes.into_inner(),
        content_type,
        extension,
    })
}

fn jpeg(pixels: &RgbaImage, random: &mut Rng) -> anyhow::Result<ImageFile> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 85);
    encoder.set_progressive(random.bool());
    let (width, height) = (
        u16::try_from(pixels.width())?,
        u16::try_from(pixels.height())?,
    );
    encoder.encode(
        pixels.as_raw(),
        width,
        height,
        jpeg_encoder::ColorType::Rgba,
    )?;
    Ok(ImageFile {
        bytes,
        content_type: "image/jpeg",
        extension: "jpg",
    })
}

/// Generates a corrupt image. Its first and last bytes are intact, so that only a decoder detects
/// it.
pub fn broken(random: &mut Rng) -> anyhow::Result<ImageFile> {
    loop {
        let mut file = good(random)?;
        let len = file.bytes.len();
        if len < 600 {
            continue;
        }
        let (from, to) = (len / 4, len - 64);
        for byte in file.bytes.get_mut(from..to).context("a middle")? {
            *byte = random.u8(..);
        }
        return Ok(file);
    }
}
