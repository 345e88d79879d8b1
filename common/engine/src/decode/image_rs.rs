//! Decoding with the `image` crate, for formats without a faster decoder here.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageError, ImageResult, codecs::webp::WebPDecoder,
    error::LimitErrorKind, metadata::Orientation,
};
use media::failure::{Failure, FailureCode};

use crate::{
    Facts, Limits,
    decode::{Decoded, webp},
    dimensions::Dimensions,
    orientation::of_tiff,
    pixels::Pixels,
    raster::{Layout, Raster},
};

pub(super) fn webp(bytes: &[u8], limits: &Limits) -> Result<Decoded, Failure> {
    let bytes = &*webp::normalized(bytes);
    if !webp::has_whole_chunks(bytes) {
        return Err(Failure::new(
            FailureCode::Corrupt,
            "the image can't be decoded: one of its chunks is longer than the file",
        ));
    }
    // Extra memory per pixel. Lossy: planes of luma and chroma. Lossless, or either in an extended
    // container: the whole image once more.
    let beside = if bytes.get(12..16) == Some(b"VP8 ") {
        2
    } else {
        4
    };
    from(WebPDecoder::new(Cursor::new(bytes)), beside, limits)
}

/// Decodes the image. `beside` is the number of bytes per pixel that the decoder allocates in
/// addition to the decoded image.
fn from<D: ImageDecoder>(
    decoder: ImageResult<D>,
    beside: u64,
    limits: &Limits,
) -> Result<Decoded, Failure> {
    let mut decoder = decoder.map_err(|error| failure(&error))?;
    let (width, height) = decoder.dimensions();
    limits.check_size(width, height)?;
    // `from_decoder` allocates this much regardless of the decoder's own limits.
    let beside = beside * u64::from(width) * u64::from(height);
    limits.check_memory(decoder.total_bytes().saturating_add(beside))?;
    decoder
        .set_limits(allocation(limits))
        .map_err(|error| failure(&error))?;
    // A broken EXIF block is ignored: the image itself may be valid.
    let exif = decoder.exif_metadata().ok().flatten();
    let orientation = exif.as_deref().map_or(Orientation::NoTransforms, of_tiff);
    // A broken ICC profile is ignored, as broken EXIF is.
    let profile = decoder.icc_profile().ok().flatten();
    let image = DynamicImage::from_decoder(decoder).map_err(|error| failure(&error))?;
    Ok(Decoded {
        pixels: Pixels::Interleaved(raster(image)?),
        original: Dimensions { width, height },
        orientation,
        is_animated: false,
        profile,
        facts: exif.map(|exif| Facts::read(&exif)).unwrap_or_default(),
    })
}

fn raster(image: DynamicImage) -> Result<Raster, Failure> {
    let edges = Dimensions {
        width: image.width(),
        height: image.height(),
    };
    let color = image.color();
    if color.has_alpha() {
        Raster::from_rgba(edges, image.into_rgba8().into_raw())
    } else if color.has_color() {
        Raster::new(edges, Layout::Rgb, image.into_rgb8().into_raw())
    } else {
        Raster::new(edges, Layout::Grey, image.into_luma8().into_raw())
    }
}

fn allocation(limits: &Limits) -> image::Limits {
    let mut allocation = image::Limits::default();
    // The decoder's own buffers are allocated in addition to the image.
    allocation.max_alloc = Some(limits.max_decoded_bytes.saturating_mul(2));
    allocation
}

/// Maps an error of the decoder. Its text is kept: it is short, and distinguishes a truncated file
/// from an invalid one.
fn failure(error: &ImageError) -> Failure {
    match error {
        ImageError::Limits(limit) => match limit.kind() {
            LimitErrorKind::DimensionError => Failure::new(
                FailureCode::TooManyPixels,
                "the image's width or height is beyond the limit",
            ),
            _ => Failure::new(
                FailureCode::TooMuchMemory,
                "decoding the image would need more memory than is allowed",
            ),
        },
        ImageError::Unsupported(error) => {
            Failure::new(FailureCode::UnsupportedFormat, error.to_string())
        }
        error => Failure::new(
            FailureCode::Corrupt,
            format!("the image can't be decoded: {error}"),
        ),
    }
}
