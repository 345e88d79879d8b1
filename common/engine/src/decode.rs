//! Decoding of originals. Every limit is checked before memory is allocated.

mod frames;
mod gif;
mod heif;
mod image_rs;
mod jpeg;
mod png;
mod rows;
mod webp;

use image::metadata::Orientation;
use media::{failure::Failure, media_type::MediaType};

use crate::{Facts, Recipe, dimensions::Dimensions, limits::Deadline, pixels::Pixels};

/// A decoded image in the orientation of its file, with the facts that the variants need.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// Decoded pixels; at least as large as the largest variant.
    pub(crate) pixels: Pixels,
    /// Dimensions that the file declares.
    pub(crate) original: Dimensions,
    /// EXIF orientation. Applied to the variants, because they are small.
    pub(crate) orientation: Orientation,
    /// Whether the file has more than one frame.
    pub(crate) is_animated: bool,
    /// ICC profile. Applied to the variants, too.
    pub(crate) profile: Option<Vec<u8>>,
    /// Facts of the EXIF block.
    pub(crate) facts: Facts,
}

/// Decodes the image; of an animation, the first frame.
pub(crate) fn decode(
    format: MediaType,
    bytes: &[u8],
    recipe: &Recipe,
    deadline: &Deadline,
) -> Result<Decoded, Failure> {
    if format == MediaType::Heic {
        heif::check_hevc(recipe)?;
    }
    let limits = &recipe.limits;
    let frames = frames::count(format, bytes, limits.max_image_frames);
    limits.check_frames(frames)?;
    let decoded = match format {
        MediaType::Jpeg => jpeg::decode(bytes, recipe),
        MediaType::Png => png::decode(bytes, recipe),
        MediaType::WebP => image_rs::webp(bytes, limits),
        MediaType::Gif => gif::decode(bytes, recipe),
        MediaType::Heic | MediaType::Avif => heif::decode(bytes, recipe, deadline),
    }?;
    Ok(Decoded {
        is_animated: frames > 1 || decoded.is_animated,
        ..decoded
    })
}
