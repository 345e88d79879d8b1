//! The engine's result.

use media::{media_type::MediaType, variant_format::VariantFormat};

use crate::{Facts, Timings};

/// Facts and variants of an original.
#[derive(Debug)]
pub struct ProcessedImage {
    /// Width of the upright original, at full size.
    pub width: u32,
    /// Height of the upright original, at full size.
    pub height: u32,
    /// Format of the original.
    pub format: MediaType,
    /// EXIF orientation, 1 to 8; 1 if the original has none. Variants are upright.
    pub orientation: u8,
    /// Whether the original has more frames than the one that the variants show.
    pub is_animated: bool,
    /// Facts that the camera wrote.
    pub facts: Facts,
    /// Thumbhash of the upright image, see <https://evanw.github.io/thumbhash/>.
    pub thumbhash: Vec<u8>,
    /// Red, green and blue of the dominant colour, in sRGB.
    pub dominant_colour: [u8; 3],
    /// Variants, in the order of the recipe.
    pub variants: Vec<Variant>,
    /// Time spent on the stages.
    pub timings: Timings,
}

/// One variant, encoded.
#[derive(Debug)]
pub struct Variant {
    /// Name from the configuration.
    pub name: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Format of `bytes`.
    pub format: VariantFormat,
    /// Encoded file without metadata.
    pub bytes: Vec<u8>,
}
