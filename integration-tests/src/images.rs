//! Pictures, made on the spot.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder};

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

/// In any format.
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

/// As a camera held on its side writes it: the file's picture is to be turned by 90° clockwise.
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
