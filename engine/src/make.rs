//! From an original to its variants.

use fast_image_resize::Resizer;
use image::metadata::Orientation;
use media::{
    completeness::is_cut_off,
    failure::{Failure, FailureCode},
    media_type::{MediaType, name_of_unsupported},
};

use crate::{
    Picture, Recipe, Variant,
    colour::Conversion,
    decode::{Decoded, decode},
    encode::encode,
    facts::{impression, tiny},
    limits::Deadline,
    raster::Raster,
    shrink::{Cut, Edges, shrink},
    spec::{Size, VariantSpec},
    turn::{lying, lying_edges},
};

/// Makes all variants of a recipe. Every error is permanent: the same bytes give the same one, the deadline's excepted.
///
/// A decoder that panics has met a picture that it can't decode: the panic ends here, as `corrupt`.
pub fn make(recipe: &Recipe, bytes: &[u8]) -> Result<Picture, Failure> {
    guarded(|| make_or_panic(recipe, bytes))
}

/// Nothing outlives the panic but what was borrowed, and that is not changed.
fn guarded(work: impl FnOnce() -> Result<Picture, Failure>) -> Result<Picture, Failure> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Failure::new(
            FailureCode::Corrupt,
            "the picture can't be decoded: its decoder gave up",
        ))
    })
}

fn make_or_panic(recipe: &Recipe, bytes: &[u8]) -> Result<Picture, Failure> {
    let deadline = Deadline::start(recipe.limits.deadline);
    if bytes.is_empty() {
        return Err(Failure::new(FailureCode::Empty, "the file is empty"));
    }
    recipe.limits.check_bytes(bytes)?;
    let format = MediaType::sniff(bytes).ok_or_else(|| unsupported(bytes))?;
    if is_cut_off(format, bytes) {
        return Err(Failure::new(
            FailureCode::Corrupt,
            "the file is cut off: its end is missing",
        ));
    }
    deadline.check()?;
    let decoded = decode(format, bytes, recipe)?;
    recipe.limits.check_memory(memory(recipe, &decoded))?;
    let Decoded {
        original,
        orientation,
        ..
    } = decoded;
    let conversion = decoded
        .profile
        .and_then(|profile| Conversion::to_srgb(&profile, decoded.raster.layout()));
    // As it is shown: in sRGB and upright.
    let shown = |raster: &Raster| -> Result<Option<Raster>, Failure> {
        let converted = conversion
            .as_ref()
            .map(|conversion| conversion.apply(raster));
        match converted.transpose()? {
            None if orientation == Orientation::NoTransforms => Ok(None),
            None => raster.clone().upright(orientation).map(Some),
            Some(converted) => converted.upright(orientation).map(Some),
        }
    };
    let mut resizer = Resizer::new();
    let mut pictures = Pictures::new(decoded.raster);
    let mut variants = Vec::with_capacity(recipe.variants.len());
    for spec in &recipe.variants {
        deadline.check()?;
        let cut = Cut::new(lying(spec.size, orientation), original);
        let raster = shrink(&mut resizer, pictures.source(&cut), &cut)?;
        let shown = shown(&raster)?;
        deadline.check()?;
        let upright = shown.as_ref().unwrap_or(&raster);
        variants.push(variant(spec, upright, recipe.jpeg_quality)?);
        if let Size::Inside { .. } = spec.size {
            pictures.smaller.push(raster);
        }
    }
    deadline.check()?;
    let tiny = tiny(&mut resizer, pictures.smallest(), original)?;
    let impression = impression(shown(&tiny)?.as_ref().unwrap_or(&tiny))?;
    let Edges { width, height } = lying_edges(original, orientation);
    Ok(Picture {
        width,
        height,
        format,
        orientation: orientation.to_exif(),
        is_animated: decoded.is_animated,
        thumbhash: impression.thumbhash,
        dominant_colour: impression.dominant_colour,
        variants,
    })
}

/// What the decoded picture and the making of the largest variant take together: a variant that is hardly smaller than
/// its original costs as much as that, several times over.
fn memory(recipe: &Recipe, decoded: &Decoded) -> u64 {
    let largest = recipe
        .variants
        .iter()
        .map(|spec| lying(spec.size, decoded.orientation))
        .map(|size| Cut::new(size, decoded.original).target_pixels())
        .max()
        .unwrap_or_default();
    let samples = decoded.raster.layout().samples();
    let copies = [
        true, // Made smaller.
        decoded.profile.is_some(),
        decoded.orientation != Orientation::NoTransforms,
        samples == 4, // Without its alpha.
    ];
    let copies = copies.into_iter().filter(|is_made| *is_made).count();
    decoded.raster.samples().len() as u64 + (copies * samples) as u64 * largest
}

/// All of the original, in several sizes.
struct Pictures {
    decoded: Raster,
    /// From large to small.
    smaller: Vec<Raster>,
}

impl Pictures {
    fn new(decoded: Raster) -> Self {
        Self {
            decoded,
            smaller: Vec::new(),
        }
    }

    /// The smallest picture that has twice the edges: what it lost would be lost anyway. Otherwise, the largest.
    fn source(&self, cut: &Cut) -> &Raster {
        self.smaller
            .iter()
            .rev()
            .find(|raster| cut.has_margin(raster.edges(), 2.0))
            .unwrap_or(&self.decoded)
    }

    fn smallest(&self) -> &Raster {
        self.smaller.last().unwrap_or(&self.decoded)
    }
}

fn variant(spec: &VariantSpec, raster: &Raster, default_quality: u8) -> Result<Variant, Failure> {
    let Edges { width, height } = raster.edges();
    let quality = spec.quality.unwrap_or(default_quality);
    Ok(Variant {
        name: spec.name.clone(),
        width,
        height,
        format: spec.format,
        bytes: encode(raster, spec.format, quality)?,
    })
}

fn unsupported(bytes: &[u8]) -> Failure {
    let supported = MediaType::ALL.map(MediaType::name).join(", ");
    let what = name_of_unsupported(bytes).unwrap_or("this file's format");
    Failure::new(
        FailureCode::UnsupportedFormat,
        format!("{what} is not supported; supported are: {supported}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_fails_the_picture_and_not_the_process() {
        let failure = guarded(|| panic!("a decoder's own words")).unwrap_err();
        assert_eq!(failure.code, "corrupt");
        assert!(!failure.message.contains("words"));
    }
}
