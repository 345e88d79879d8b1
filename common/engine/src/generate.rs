//! Generation of the variants of an original.

use fast_image_resize::Resizer;
use image::metadata::Orientation;
use media::{
    completeness::is_cut_off,
    failure::{Failure, FailureCode},
    media_type::MediaType,
    unsupported::name_of_unsupported,
};

use crate::{
    ProcessedImage, Recipe, Variant,
    decode::{Decoded, decode},
    dimensions::Dimensions,
    encode::encode,
    icc::Conversion,
    limits::Deadline,
    orientation::{dimensions_in_file, in_file_orientation},
    pixels::Pixels,
    placeholder::{placeholder, placeholder_source},
    raster::Layout,
    resize::CropPlan,
    timings::{Timings, timed},
    variant_spec::{Size, VariantSpec},
};

/// Generates all variants of a recipe. Every error except that of the deadline is permanent: the
/// same bytes give the same error.
///
/// A panic of a decoder counts as an image that can't be decoded: it is caught here and returned as
/// `corrupt`.
pub fn generate(recipe: &Recipe, bytes: &[u8]) -> Result<ProcessedImage, Failure> {
    guarded(|| make_or_panic(recipe, bytes))
}

/// Runs `work` and catches its panics. Nothing survives a panic but borrowed data, which is not
/// changed.
fn guarded(
    work: impl FnOnce() -> Result<ProcessedImage, Failure>,
) -> Result<ProcessedImage, Failure> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Failure::new(
            FailureCode::Corrupt,
            "the image can't be decoded: its decoder panicked",
        ))
    })
}

fn make_or_panic(recipe: &Recipe, bytes: &[u8]) -> Result<ProcessedImage, Failure> {
    let deadline = Deadline::start(recipe.limits.image_deadline);
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
    let mut timings = Timings::default();
    let decoded = timed(&mut timings.decode, || {
        decode(format, bytes, recipe, &deadline)
    })?;
    recipe.limits.check_memory(memory(recipe, &decoded))?;
    let Decoded {
        original,
        orientation,
        ..
    } = decoded;
    let conversion = decoded.profile.as_ref().and_then(|profile| {
        let layout = match &decoded.pixels {
            Pixels::Interleaved(raster) => raster.layout(),
            Pixels::Planar(_) => Layout::Rgb,
        };
        Conversion::to_srgb(profile, layout)
    });
    let pixels = match (decoded.pixels, &conversion) {
        (Pixels::Planar(planes), Some(_)) => Pixels::Planar(planes.resized_with_whole_chroma()),
        (pixels, _) => pixels,
    };
    // Converts pixels to their displayed form: sRGB and upright.
    let shown = |pixels: &Pixels| -> Result<Option<Pixels>, Failure> {
        let converted = match &conversion {
            Some(conversion) => {
                let raster = pixels.to_raster()?;
                Some(Pixels::Interleaved(conversion.apply(&raster)?))
            }
            None => None,
        };
        if orientation == Orientation::NoTransforms {
            return Ok(converted);
        }
        let upright = converted
            .as_ref()
            .unwrap_or(pixels)
            .apply_orientation(orientation)?;
        Ok(Some(upright))
    };
    let mut resizer = Resizer::new();
    let mut sources = SourcePixels::new(pixels);
    let mut variants = Vec::with_capacity(recipe.variants.len());
    for spec in &recipe.variants {
        deadline.check()?;
        let cut = CropPlan::new(in_file_orientation(spec.size, orientation), original);
        let (pixels, shown) = timed(&mut timings.resize, || {
            let pixels = sources.source(&cut).resize(&mut resizer, &cut)?;
            let shown = shown(&pixels)?;
            Ok::<_, Failure>((pixels, shown))
        })?;
        deadline.check()?;
        let shown = shown.as_ref().unwrap_or(&pixels);
        let encoded = timed(&mut timings.encode, || {
            variant(spec, shown, recipe.jpeg_quality)
        });
        variants.push(encoded?);
        if let Size::Inside { .. } = spec.size {
            sources.smaller.push(pixels);
        }
    }
    deadline.check()?;
    let placeholder_source = placeholder_source(&mut resizer, sources.smallest(), original)?;
    let shown = shown(&placeholder_source)?;
    let placeholder = placeholder(&*shown.as_ref().unwrap_or(&placeholder_source).to_raster()?)?;
    let Dimensions { width, height } = dimensions_in_file(original, orientation);
    Ok(ProcessedImage {
        width,
        height,
        format,
        orientation: orientation.to_exif(),
        is_animated: decoded.is_animated,
        facts: decoded.facts.kept(recipe.keep_location),
        thumbhash: placeholder.thumbhash,
        dominant_colour: placeholder.dominant_colour,
        variants,
        timings,
    })
}

/// Estimates the memory of the decoded image and of the generation of the largest variant: a
/// variant that is hardly smaller than its original needs as much memory as the original, several
/// times over.
fn memory(recipe: &Recipe, decoded: &Decoded) -> u64 {
    let largest = recipe
        .variants
        .iter()
        .map(|spec| in_file_orientation(spec.size, decoded.orientation))
        .map(|size| CropPlan::new(size, decoded.original).target_pixels())
        .max()
        .unwrap_or_default();
    let samples = decoded.pixels.samples_per_pixel();
    let copies = [
        true, // Resized.
        decoded.profile.is_some(),
        decoded.orientation != Orientation::NoTransforms,
        samples == 4, // Without alpha.
    ];
    let copies = copies.into_iter().filter(|is_made| *is_made).count();
    decoded.pixels.len() as u64 + (copies * samples) as u64 * largest
}

/// The whole original in several sizes.
struct SourcePixels {
    decoded: Pixels,
    /// Smaller versions, from large to small.
    smaller: Vec<Pixels>,
}

impl SourcePixels {
    fn new(decoded: Pixels) -> Self {
        Self {
            decoded,
            smaller: Vec::new(),
        }
    }

    /// Returns the smallest image that has twice the target's edges: the detail that it lost would
    /// be lost anyway. Otherwise, returns the largest.
    fn source(&self, cut: &CropPlan) -> &Pixels {
        self.smaller
            .iter()
            .rev()
            .find(|pixels| cut.has_margin(pixels.edges(), 2.0))
            .unwrap_or(&self.decoded)
    }

    fn smallest(&self) -> &Pixels {
        self.smaller.last().unwrap_or(&self.decoded)
    }
}

fn variant(spec: &VariantSpec, pixels: &Pixels, default_quality: u8) -> Result<Variant, Failure> {
    let Dimensions { width, height } = pixels.edges();
    let quality = spec.quality.unwrap_or(default_quality);
    Ok(Variant {
        name: spec.name.clone(),
        width,
        height,
        format: spec.format,
        bytes: encode(pixels, spec.format, quality)?,
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
    fn a_panic_fails_the_image_and_not_the_process() {
        let failure = guarded(|| panic!("a decoder's own words")).unwrap_err();
        assert_eq!(failure.code, "corrupt");
        assert!(!failure.message.contains("words"));
    }
}
