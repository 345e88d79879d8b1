//! Decoding, with every limit checked before the memory is asked for.

mod general;
mod jpeg;

use image::metadata::Orientation;
use media::{failure::Failure, media_type::MediaType};

use crate::{Recipe, raster::Raster, shrink::Edges};

/// A picture as it lies in the file, and how to turn it.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// At least as large as the largest variant.
    pub(crate) raster: Raster,
    /// The size that the file states.
    pub(crate) original: Edges,
    /// From EXIF. Applied to the variants, which are small.
    pub(crate) orientation: Orientation,
    /// Whether there are more frames.
    pub(crate) is_animated: bool,
}

/// Decodes the picture; of an animation, the first frame.
pub(crate) fn decode(format: MediaType, bytes: &[u8], recipe: &Recipe) -> Result<Decoded, Failure> {
    match format {
        MediaType::Jpeg => jpeg::decode(bytes, recipe),
        MediaType::Png | MediaType::WebP | MediaType::Gif => {
            general::decode(format, bytes, &recipe.limits)
        }
    }
}
