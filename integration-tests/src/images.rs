//! Generated images.

pub mod random;

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder};

const SMALL_EDGE: u16 = 24;

/// Red on the left, blue on the right.
pub fn halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        if x < width / 2 {
            Rgb([220, 0, 0])
        } else {
            Rgb([0, 0, 220])
        }
    })
}

/// Encodes an image in any format.
///
/// # Panics
///
/// When the encoder refuses the image.
pub fn encoded(picture: RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture)
        .write_to(&mut bytes, format)
        .expect("a picture encodes");
    bytes.into_inner()
}

/// The usual one.
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    encoded(halves(width, height), ImageFormat::Jpeg)
}

/// A JPEG as a camera held on its side writes it: its EXIF orientation turns it by 90° clockwise.
///
/// # Panics
///
/// When the encoder refuses the image.
pub fn jpeg_on_its_side(width: u16, height: u16) -> Vec<u8> {
    let exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.add_exif_metadata(exif).expect("a small block");
    let picture = halves(width.into(), height.into());
    encoder
        .encode(picture.as_raw(), width, height, ColorType::Rgb)
        .expect("a picture encodes");
    bytes
}

/// A picture that does not compress, and so is about three bytes a pixel.
pub fn noise(width: u32, height: u32) -> Vec<u8> {
    let mut state = 1_u32;
    let picture = RgbImage::from_fn(width, height, |_, _| {
        Rgb([(); 3].map(|()| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        }))
    });
    encoded(picture, ImageFormat::Png)
}

/// A JPEG of one colour; the same bytes every time.
pub fn one_colour_jpeg(colour: [u8; 3]) -> Vec<u8> {
    let pixels = colour.repeat(usize::from(SMALL_EDGE) * usize::from(SMALL_EDGE));
    let mut bytes = Vec::new();
    // A vector takes whatever is written to it, and the pixels fit the edges.
    drop(Encoder::new(&mut bytes, 90).encode(&pixels, SMALL_EDGE, SMALL_EDGE, ColorType::Rgb));
    bytes
}
