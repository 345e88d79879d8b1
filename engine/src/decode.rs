//! Decoding, with every limit checked before the memory is asked for.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageError, ImageResult, RgbImage, Rgba,
    codecs::{gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder},
    error::LimitErrorKind,
    metadata::Orientation,
};
use media::{
    failure::{Failure, FailureCode},
    media_type::MediaType,
};

use crate::Limits;

/// A picture as it lies in the file, and how to turn it.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// RGB, eight bits, opaque.
    pub picture: DynamicImage,
    /// From EXIF. Applied to the variants, which are small, and not to the original.
    pub orientation: Orientation,
}

impl Decoded {
    /// Width and height as a viewer sees them.
    pub(crate) fn upright_size(&self) -> (u32, u32) {
        let (width, height) = (self.picture.width(), self.picture.height());
        match self.orientation {
            Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH => (height, width),
            Orientation::NoTransforms
            | Orientation::Rotate180
            | Orientation::FlipHorizontal
            | Orientation::FlipVertical => (width, height),
        }
    }
}

/// Decodes the picture; of an animation, the first frame.
pub(crate) fn decode(format: MediaType, bytes: &[u8], limits: Limits) -> Result<Decoded, Failure> {
    let reader = Cursor::new(bytes);
    match format {
        MediaType::Jpeg => from(JpegDecoder::new(reader), limits),
        MediaType::Png => from(PngDecoder::with_limits(reader, allocation(limits)), limits),
        MediaType::WebP => from(WebPDecoder::new(reader), limits),
        MediaType::Gif => from(GifDecoder::new(reader), limits),
    }
}

fn from<D: ImageDecoder>(decoder: ImageResult<D>, limits: Limits) -> Result<Decoded, Failure> {
    let mut decoder = decoder.map_err(|error| failure(&error))?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.pixels {
        return Err(Failure::new(
            FailureCode::TooManyPixels,
            format!(
                "the picture has {width} x {height} = {pixels} pixels; the limit is {}",
                limits.pixels
            ),
        ));
    }
    // `from_decoder` allocates this much whatever the decoder's own limits say.
    let decoded_bytes = decoder.total_bytes();
    if decoded_bytes > limits.decoded_bytes {
        return Err(too_much_memory(&format!(
            "{decoded_bytes} bytes; the limit is {}",
            limits.decoded_bytes
        )));
    }
    decoder
        .set_limits(allocation(limits))
        .map_err(|error| failure(&error))?;
    // A broken EXIF block is no reason to refuse a good picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| failure(&error))?;
    Ok(Decoded {
        picture: DynamicImage::ImageRgb8(opaque(picture)),
        orientation,
    })
}

fn allocation(limits: Limits) -> image::Limits {
    let mut allocation = image::Limits::default();
    // The decoder's own buffers come on top of the picture.
    allocation.max_alloc = Some(limits.decoded_bytes.saturating_mul(2));
    allocation
}

/// Puts what is transparent on white: a JPEG has no alpha, and white is what galleries and mail show behind
/// pictures. Doing it before the resize gives the same as premultiplied resizing, for less work.
fn opaque(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let mut flat = RgbImage::new(picture.width(), picture.height());
    for (Rgba([red, green, blue, alpha]), under) in picture.pixels().zip(flat.pixels_mut()) {
        under.0 = [red, green, blue].map(|channel| over_white(*channel, *alpha));
    }
    flat
}

/// `channel × alpha + 255 × (1 − alpha)`, rounded.
fn over_white(channel: u8, alpha: u8) -> u8 {
    let (channel, alpha) = (u32::from(channel), u32::from(alpha));
    let mixed = (channel * alpha + 255 * (255 - alpha) + 127) / 255;
    u8::try_from(mixed).unwrap_or(u8::MAX)
}

/// The decoder's words are kept: they are short, and tell a cut-off file from a wrong one.
fn failure(error: &ImageError) -> Failure {
    match error {
        ImageError::Limits(limit) => match limit.kind() {
            LimitErrorKind::DimensionError => Failure::new(
                FailureCode::TooManyPixels,
                "the picture's width or height is beyond the limit",
            ),
            _ => too_much_memory("more memory than is allowed"),
        },
        ImageError::Unsupported(error) => {
            Failure::new(FailureCode::UnsupportedFormat, error.to_string())
        }
        error => Failure::new(
            FailureCode::Corrupt,
            format!("the picture can't be decoded: {error}"),
        ),
    }
}

fn too_much_memory(what: &str) -> Failure {
    Failure::new(
        FailureCode::TooMuchMemory,
        format!("decoding the picture would need {what}"),
    )
}
