//! PNG decoding, with reduction to eight bits per sample.

use std::{
    borrow::Cow,
    io::{BufRead, Cursor, Seek},
};

use image::metadata::Orientation;
use media::failure::{Failure, FailureCode};
use png::{ColorType, Decoder, DecodingError, Info, Reader, Transformations};

use crate::{
    Facts, Recipe, cicp,
    decode::{Decoded, frames, rows::Rows},
    dimensions::Dimensions,
    icc::grey_levels,
    orientation::of_tiff,
    pixels::Pixels,
    raster::{Layout, map},
};

/// Decodes the still image; of an animation, the image that viewers without animation show.
pub(super) fn decode(bytes: &[u8], recipe: &Recipe) -> Result<Decoded, Failure> {
    let limits = &recipe.limits;
    let reader_limits = png::Limits {
        bytes: usize::try_from(limits.max_decoded_bytes).unwrap_or(usize::MAX),
    };
    let taken = mended(bytes);
    let mut decoder = Decoder::new_with_limits(Cursor::new(&*taken), reader_limits);
    // Other programs show images with wrong checksums. Missing pixels are found without them.
    decoder.ignore_checksums(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(|error| failure(&error))?;
    let original = Dimensions {
        width: reader.info().width,
        height: reader.info().height,
    };
    limits.check_size(original.width, original.height)?;
    check_palette(reader.info())?;
    let size = reader
        .output_buffer_size()
        .ok_or_else(|| failure(&DecodingError::LimitsExceeded))?;
    let color = reader.output_color_type().0;
    let mut profile = profile(&reader);
    let levels = match color {
        ColorType::GrayscaleAlpha => profile.as_deref().and_then(grey_levels),
        _ => None,
    };
    // Otherwise of RGB: applied to the variants, as to any image of four samples.
    if levels.is_some() {
        profile = None;
    }
    let orientation = orientation(bytes);
    let is_interlaced = reader.info().interlaced;
    let whole = if is_interlaced { size as u64 } else { 0 };
    let mut rows = Rows::new(original, orientation, layout(color)?, recipe, whole)?;
    let mut push = |row: &mut [u8]| match color {
        ColorType::GrayscaleAlpha => rows.push(&mut grey_to_rgba(row, levels.as_ref())),
        _ => rows.push(row),
    };
    let row_length = size / original.height.max(1) as usize;
    if is_interlaced {
        let mut samples = vec![0; size];
        reader
            .next_frame(&mut samples)
            .map_err(|error| failure(&error))?;
        for row in samples.chunks_exact_mut(row_length.max(1)) {
            push(row)?;
        }
    } else {
        // Reads only the rows of the image: the data after the last row could decompress to
        // gigabytes.
        let mut row = vec![0; row_length];
        for _ in 0..original.height {
            reader.read_row(&mut row).map_err(|error| failure(&error))?;
            push(&mut row)?;
        }
    }
    Ok(Decoded {
        pixels: Pixels::Interleaved(rows.finish()?),
        original,
        orientation,
        is_animated: false,
        profile,
        facts: exif(bytes).map(Facts::read).unwrap_or_default(),
    })
}

/// Refuses a palette that ends within a colour, as libpng does; the decoder would panic.
fn check_palette(info: &Info<'_>) -> Result<(), Failure> {
    let is_used = info.color_type == ColorType::Indexed;
    match &info.palette {
        Some(palette) if is_used && palette.len() % 3 != 0 => Err(Failure::new(
            FailureCode::Corrupt,
            format!(
                "the palette has {} bytes, not three a colour",
                palette.len()
            ),
        )),
        _ => Ok(()),
    }
}

/// Returns the profile of the colours by the order of PNG, third edition, 4.3: cICP, iCCP, sRGB.
/// The last of them, gAMA and cHRM, are ignored, as most programs do.
fn profile<R: BufRead + Seek>(reader: &Reader<R>) -> Option<Vec<u8>> {
    let info = reader.info();
    let stated = info.coding_independent_code_points.as_ref();
    stated
        .filter(|stated| stated.is_video_full_range_image)
        .and_then(|stated| match info.color_type {
            ColorType::Grayscale | ColorType::GrayscaleAlpha => {
                cicp::grey_profile(stated.transfer_function)
            }
            _ => cicp::rgb_profile(stated.color_primaries, stated.transfer_function),
        })
        .or_else(|| info.icc_profile.as_ref().map(|profile| profile.to_vec()))
}

/// Returns the orientation, unless the block is behind the pixels or has the prefix that EXIF has
/// in a JPEG: then it turns the image in one of three programs only.
fn orientation(bytes: &[u8]) -> Orientation {
    frames::png_chunks(bytes)
        .take_while(|(name, _)| *name != b"IDAT")
        .find(|(name, _)| *name == b"eXIf")
        .map_or(Orientation::NoTransforms, |(_, exif)| of_tiff(exif))
}

/// Returns the EXIF block. Its chunk may come after the pixels, so the file is searched for it.
fn exif(bytes: &[u8]) -> Option<&[u8]> {
    frames::png_chunks(bytes)
        .find(|(name, _)| *name == b"eXIf")
        .map(|(_, exif)| exif)
}

/// Returns the file as other programs take it: a cICP that is broken is ignored, and a tRNS of more
/// entries than the palette has is cut. A file without these is not copied.
fn mended(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut taken = Cow::Borrowed(bytes);
    let mut colours = usize::MAX;
    let mut surplus = None;
    let before_pixels = frames::png_chunks(bytes).take_while(|(name, _)| *name != b"IDAT");
    for (name, body) in before_pixels {
        let at = name.as_ptr().addr() - bytes.as_ptr().addr();
        match (name, body) {
            (b"PLTE", body) => colours = body.len() / 3,
            (b"cICP", [_, _, 0, 0 | 1]) => {}
            // A private chunk, which is skipped.
            (b"cICP", _) => taken.to_mut()[at..at + 4].copy_from_slice(b"skIp"),
            (b"tRNS", body) if body.len() > colours => surplus = Some((at, body.len())),
            _ => {}
        }
    }
    if let (Some((at, length)), Ok(stated)) = (surplus, u32::try_from(colours)) {
        let taken = taken.to_mut();
        taken[at - 4..at].copy_from_slice(&stated.to_be_bytes());
        taken.drain(at + 4 + colours..at + 4 + length);
    }
    taken
}

/// Returns the layout of the rows that are made of rows of this type.
fn layout(color: ColorType) -> Result<Layout, Failure> {
    match color {
        ColorType::Grayscale => Ok(Layout::Grey),
        ColorType::Rgb => Ok(Layout::Rgb),
        ColorType::Rgba | ColorType::GrayscaleAlpha => Ok(Layout::Premultiplied),
        ColorType::Indexed => Err(Failure::new(
            FailureCode::Corrupt,
            "the image's palette is missing",
        )),
    }
}

/// Converts grey with alpha to RGBA. `levels` are what a profile shows each grey as.
fn grey_to_rgba(row: &[u8], levels: Option<&[u8; 256]>) -> Vec<u8> {
    map(row, |[grey, alpha]| {
        let grey = levels.map_or(grey, |levels| levels[usize::from(grey)]);
        [grey, grey, grey, alpha]
    })
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
