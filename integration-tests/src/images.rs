//! Generated images.

pub mod photo;
pub mod random;

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder};

const SMALL_EDGE: u16 = 24;

/// Draws an image that is red on the left and blue on the right.
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
/// Panics when the encoder refuses the image.
pub fn encoded(pixels: RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(pixels)
        .write_to(&mut bytes, format)
        .expect("an image encodes");
    bytes.into_inner()
}

/// Generates a JPEG of two colours.
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    encoded(halves(width, height), ImageFormat::Jpeg)
}

/// Generates a JPEG whose EXIF orientation turns it by 90° clockwise, as a camera held sideways
/// does.
///
/// # Panics
///
/// Panics when the encoder refuses the image.
pub fn jpeg_on_its_side(width: u16, height: u16) -> Vec<u8> {
    let exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.add_exif_metadata(exif).expect("a small block");
    let pixels = halves(width.into(), height.into());
    encoder
        .encode(pixels.as_raw(), width, height, ColorType::Rgb)
        .expect("an image encodes");
    bytes
}

/// Generates a PNG that does not compress: about three bytes for each pixel.
pub fn noise(width: u32, height: u32) -> Vec<u8> {
    let mut state = 1_u32;
    let pixels = RgbImage::from_fn(width, height, |_, _| {
        Rgb([(); 3].map(|()| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        }))
    });
    encoded(pixels, ImageFormat::Png)
}

/// Generates a PNG of one colour: few bytes, however many pixels.
pub fn one_colour_png(width: u32, height: u32) -> Vec<u8> {
    encoded(
        RgbImage::from_pixel(width, height, Rgb([120, 80, 40])),
        ImageFormat::Png,
    )
}

/// Generates a JPEG of one colour, with the same bytes every time.
pub fn one_colour_jpeg(colour: [u8; 3]) -> Vec<u8> {
    let pixels = colour.repeat(usize::from(SMALL_EDGE) * usize::from(SMALL_EDGE));
    let mut bytes = Vec::new();
    // Writing to a vector does not fail, and the number of pixels matches the edges.
    drop(Encoder::new(&mut bytes, 90).encode(&pixels, SMALL_EDGE, SMALL_EDGE, ColorType::Rgb));
    bytes
}

/// Generates a JPEG of exactly this many bytes, most of which are comments.
///
/// # Panics
///
/// Panics when so few bytes are no image.
pub fn jpeg_of_bytes(length: usize) -> Vec<u8> {
    let image = jpeg(64, 64);
    let (start, rest) = image.split_at(2);
    let mut bytes = start.to_vec();
    let mut left = length - image.len();
    while left > 0 {
        // A segment is a marker of 2 bytes, a length of 2 bytes that counts itself, and a text. A
        // rest of less than 4 bytes would be no segment.
        let segment = if left > 65_537 {
            left.min(60_000)
        } else {
            left
        };
        let text = segment.checked_sub(4).expect("room for a comment");
        bytes.extend([0xff, 0xfe]);
        bytes.extend(
            u16::try_from(text + 2)
                .expect("a short comment")
                .to_be_bytes(),
        );
        bytes.extend(std::iter::repeat_n(b'.', text));
        left -= segment;
    }
    bytes.extend(rest);
    bytes
}
