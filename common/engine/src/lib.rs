//! The thumbnail engine: bytes and a recipe in, variants and facts out. No AWS and no async in here.
//!
//! [`generate()`] is all of it.

mod decode;
mod encode;
mod generate;
mod icc;
mod limits;
mod orientation;
mod pixels;
mod placeholder;
mod planes;
mod raster;
mod resize;
mod timings;
mod variant_set;
mod variant_spec;

use media::media_type::MediaType;

pub use generate::generate;
pub use limits::Limits;
pub use media::variant_format::VariantFormat;
pub use timings::Timings;
pub use variant_set::VariantSet;
pub use variant_spec::{Size, SpecError, SpecErrors, VariantSpec};

/// What to make, and what not to try.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// From large to small.
    pub variants: Vec<VariantSpec>,
    /// 1 to 100; of every lossy variant that has no quality of its own.
    pub jpeg_quality: u8,
    /// Checked before anything is allocated.
    pub limits: Limits,
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

#[cfg(test)]
mod tests;
