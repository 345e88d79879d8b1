//! Decoding, with every limit checked before the memory is asked for.

mod frames;
mod image_rs;
mod jpeg;
mod png;
mod webp;

use image::metadata::Orientation;
use media::{failure::Failure, media_type::MediaType};

use crate::{Recipe, dimensions::Dimensions, pixels::Pixels};

/// A picture as it lies in the file, and how to turn it.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// At least as large as the largest variant.
    pub(crate) pixels: Pixels,
    /// The size that the file states.
    pub(crate) original: Dimensions,
    /// From EXIF. Applied to the variants, which are small.
    pub(crate) orientation: Orientation,
    /// Whether there are more frames.
    pub(crate) is_animated: bool,
    /// An ICC profile. Applied to the variants, too.
    pub(crate) profile: Option<Vec<u8>>,
}

/// Decodes the picture; of an animation, the first frame.
pub(crate) fn decode(format: MediaType, bytes: &[u8], recipe: &Recipe) -> Result<Decoded, Failure> {
    let limits = &recipe.limits;
    let frames = frames::count(format, bytes, limits.frames);
    limits.check_frames(frames)?;
    let decoded = match format {
        MediaType::Jpeg => jpeg::decode(bytes, recipe),
        MediaType::Png => png::decode(bytes, limits),
        MediaType::WebP => image_rs::webp_picture(bytes, limits),
        MediaType::Gif => image_rs::gif(bytes, limits),
    }?;
    Ok(Decoded {
        is_animated: frames > 1,
        ..decoded
    })
}
