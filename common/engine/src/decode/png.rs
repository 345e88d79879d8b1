//! PNG decoding, with reduction to eight bits per sample.

use std::io::Cursor;

use image::metadata::Orientation;
use media::failure::{Failure, FailureCode};
use png::{ColorType, Decoder, DecodingError, Reader, Transformations};

use crate::{
    Facts, Limits,
    decode::{Decoded, frames},
    dimensions::Dimensions,
    pixels::Pixels,
    raster::{Layout, Raster, map},
};

/// Decodes the still image; of an animation, the image that viewers without animation show.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, Failure> {
    let reader_limits = png::Limits {
        bytes: usize::try_from(limits.max_decoded_bytes).unwrap_or(usize::MAX),
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), reader_limits);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(|error| failure(&error))?;
    let original = Dimensions {
        width: reader.info().width,
        height: reader.info().height,
    };
    limits.check_size(original.width, original.height)?;
    let size = reader
        .output_buffer_size()
        .ok_or_else(|| failure(&DecodingError::LimitsExceeded))?;
    limits.check_memory(size as u64)?;
    let profile = profile(&reader);
    let mut samples = vec![0; size];
    if reader.info().interlaced {
        reader
            .next_frame(&mut samples)
            .map_err(|error| failure(&error))?;
    } else {
        // Reads only the rows of the image: the data after the last row could decompress to
        // gigabytes.
        let row_length = size / original.height.max(1) as usize;
        for row in samples.chunks_exact_mut(row_length.max(1)) {
            reader.read_row(row).map_err(|error| failure(&error))?;
        }
    }
    Ok(Decoded {
        pixels: Pixels::Interleaved(raster(original, reader.output_color_type().0, samples)?),
        original,
        orientation: orientation(bytes),
        is_animated: false,
        profile,
        facts: exif(bytes).map(Facts::read).unwrap_or_default(),
    })
}

/// Returns the ICC profile, unless an sRGB chunk is present, which takes precedence over any
/// profile.
fn profile<R: std::io::BufRead + std::io::Seek>(reader: &Reader<R>) -> Option<Vec<u8>> {
    let info = reader.info();
    match info.srgb {
        Some(_) => None,
        None => info.icc_profile.as_ref().map(|profile| profile.to_vec()),
    }
}

fn orientation(bytes: &[u8]) -> Orientation {
    exif(bytes)
        .and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms)
}

/// Returns the EXIF block. Its chunk may come after the pixels, so the file is searched for it.
fn exif(bytes: &[u8]) -> Option<&[u8]> {
    frames::png_chunks(bytes)
        .find(|(name, _)| *name == b"eXIf")
        .map(|(_, exif)| exif)
}

fn raster(edges: Dimensions, color: ColorType, samples: Vec<u8>) -> Result<Raster, Failure> {
    match color {
        ColorType::Grayscale => Raster::new(edges, Layout::Grey, samples),
        ColorType::Rgb => Raster::new(edges, Layout::Rgb, samples),
        ColorType::Rgba => Raster::from_rgba(edges, samples),
        ColorType::GrayscaleAlpha => {
            let rgba = map(&samples, |[grey, alpha]| [grey, grey, grey, alpha]);
            Raster::from_rgba(edges, rgba)
        }
        ColorType::Indexed => Err(Failure::new(
            FailureCode::Corrupt,
            "the image's palette is missing",
        )),
    }
}

/// Maps an error of the decoder. Its text is kept: it is short, and distinguishes a truncated file
/// from an invalid one.
fn failure(error: &DecodingError) -> Failure {
    match error {
        DecodingError::LimitsExceeded => Failure::new(
            FailureCode::TooMuchMemory,
            "decoding the image would need more memory than is allowed",
        ),
        error => Failure::new(
            FailureCode::Corrupt,
            format!("the image can't be decoded: {error}"),
        ),
    }
}
