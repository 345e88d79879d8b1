//! The engine's input besides the bytes.

use crate::{KeepLocation, Limits, VariantSet, VariantSpec};

/// Variants to generate, and limits to obey.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Variants, from large to small.
    pub variants: Vec<VariantSpec>,
    /// Quality from 1 to 100 of every lossy variant without a quality of its own.
    pub jpeg_quality: u8,
    /// Whether originals in HEIC are accepted.
    pub accept_heic: bool,
    /// Limits, which are checked before anything is allocated.
    pub limits: Limits,
    /// Whether the place of a photo is among the facts.
    pub keep_location: KeepLocation,
}

impl Recipe {
    /// Returns the set of the variants that this recipe makes.
    pub fn variant_set(&self) -> VariantSet {
        VariantSet::new(&self.variants, self.jpeg_quality)
    }
}
