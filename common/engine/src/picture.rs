//! What the engine returns.

use media::{media_type::MediaType, variant_format::VariantFormat};

use crate::Timings;

/// What came of an original.
#[derive(Debug)]
pub struct Picture {
    /// Of the original, upright, whatever was decoded of it.
    pub width: u32,
    /// Of the original, upright.
    pub height: u32,
    /// Of the original.
    pub format: MediaType,
    /// As EXIF counts, 1 to 8; 1 where the original says nothing. Variants are upright.
    pub orientation: u8,
    /// Whether there is more than the frame that the variants show.
    pub is_animated: bool,
    /// See <https://evanw.github.io/thumbhash/>; upright.
    pub thumbhash: Vec<u8>,
    /// Red, green, blue, in sRGB.
    pub dominant_colour: [u8; 3],
    /// As in the recipe.
    pub variants: Vec<Variant>,
    /// What it cost.
    pub timings: Timings,
}

/// One variant, encoded.
#[derive(Debug)]
pub struct Variant {
    /// As configured.
    pub name: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// What the bytes are.
    pub format: VariantFormat,
    /// A file without metadata.
    pub bytes: Vec<u8>,
}
