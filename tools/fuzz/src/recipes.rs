//! The engine's recipes. There are several, because the largest variant decides how a JPEG is
//! decoded.

use std::time::Duration;

use anyhow::anyhow;
use engine::{KeepLocation, Limits, Recipe, VariantSpec};

/// Lists of variants, as in the configuration.
const LISTS: [&str; 6] = [
    "small:160,medium:512,large:1024",
    "jpeg:8,webp:5:webp,png:3:png",
    "jpeg:30:jpeg:60,webp:20:webp:75,png:16:png",
    "cover:100x20:webp,cover-2:20x100,cover-3:33x33:png",
    "webp:60:webp:1,jpeg:59:jpeg:100",
    "huge:8192:jpeg:1",
];

/// Number of recipes.
pub(crate) const COUNT: u8 = 6;

/// Returns all recipes, with the limits that the template sets for the worker, except the deadline,
/// which is longer than the time limit of a hang here.
pub(crate) fn all() -> anyhow::Result<Vec<Recipe>> {
    let recipe = |list: &&str| {
        let variants = VariantSpec::parse_list(list).map_err(|errors| anyhow!("{errors}"))?;
        Ok(Recipe {
            variants,
            jpeg_quality: 80,
            // Reads all that there is to read.
            keep_location: KeepLocation::On,
            accept_heic: true,
            limits: Limits {
                max_image_bytes: 67_108_864,
                max_image_pixels: 210_000_000,
                max_image_edge: 20_000,
                max_image_frames: 1_000,
                max_decoded_bytes: 268_435_456,
                image_deadline: Duration::from_mins(1),
            },
        })
    };
    LISTS.iter().map(recipe).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_recipe_can_be_read() {
        assert_eq!(super::all().unwrap().len(), usize::from(super::COUNT));
    }
}
