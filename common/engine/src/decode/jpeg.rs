//! JPEG decoding with scaling: libjpeg-turbo skips the work for detail that a smaller image does
//! not show.

mod damage;
mod header;
mod scans;
mod segments;
mod shortcut;
mod turbo;

use media::{failure::Failure, variant_format::VariantFormat};
use turbojpeg::ScalingFactor;

use crate::{
    Recipe,
    decode::{
        Decoded,
        jpeg::{
            header::Header,
            shortcut::Scale,
            turbo::{File, Scaled},
        },
    },
    dimensions::{Dimensions, SubpixelDimensions},
    orientation::in_file_orientation,
    pixels::Pixels,
    planes::ChromaScale,
    resize::CropPlan,
};

/// Decodes with libjpeg-turbo. Other programs use it, too: what it can't decode, they don't show.
pub(super) fn decode(bytes: &[u8], recipe: &Recipe) -> Result<Decoded, Failure> {
    let bytes = &*segments::normalized(bytes);
    let header = header::read(bytes)?;
    let Dimensions { width, height } = header.edges;
    recipe.limits.check_size(width, height)?;
    let scale = scale(&header, recipe);
    let pixels = if let Some(pixels) = shortcut(bytes, &header, scale, recipe) {
        pixels
    } else {
        scans::check(bytes, &header)?;
        scaled(bytes, &header, scale, recipe)?
    };
    Ok(Decoded {
        pixels,
        original: header.edges,
        orientation: header.orientation,
        is_animated: false,
        profile: header.profile,
        facts: header.facts,
    })
}

fn shortcut(
    bytes: &[u8],
    header: &Header,
    scale: ScalingFactor,
    recipe: &Recipe,
) -> Option<Pixels> {
    let scale = Scale::of(scale)?;
    // A full decode needs more memory, so an exceeded limit is reported there.
    recipe
        .limits
        .check_memory(shortcut::memory(header, scale))
        .ok()?;
    let chroma = if takes_planes(recipe) {
        ChromaScale::AsInImage
    } else {
        ChromaScale::Largest
    };
    shortcut::decode(bytes, header, scale, chroma)
}

fn scaled(
    bytes: &[u8],
    header: &Header,
    scale: ScalingFactor,
    recipe: &Recipe,
) -> Result<Pixels, Failure> {
    let scaled = Scaled {
        edges: scaled_edges(header.edges, scale),
        extent: extent(header.edges, scale),
        scale,
    };
    let file = File::open(bytes, header, scaled, &recipe.limits)?;
    match file.subsampling() {
        Some(subsampling) if takes_planes(recipe) => file.planes(subsampling).map(Pixels::Planar),
        _ => file.raster().map(Pixels::Interleaved),
    }
}

/// Whether every encoder takes planes. Where a profile has to be applied, that is done to the
/// variants.
fn takes_planes(recipe: &Recipe) -> bool {
    let mut formats = recipe.variants.iter().map(|spec| spec.format);
    formats.all(|format| format == VariantFormat::Jpeg)
}

/// Returns the smallest scale that is large enough for every variant.
fn scale(header: &Header, recipe: &Recipe) -> ScalingFactor {
    let keeps_all = |scale: &ScalingFactor| {
        let edges = scaled_edges(header.edges, *scale);
        recipe.variants.iter().all(|spec| {
            let size = in_file_orientation(spec.size, header.orientation);
            CropPlan::new(size, header.edges).has_margin(edges, 1.0)
        })
    };
    [
        ScalingFactor::ONE_EIGHTH,
        ScalingFactor::ONE_QUARTER,
        ScalingFactor::ONE_HALF,
    ]
    .into_iter()
    .find(keeps_all)
    .unwrap_or(ScalingFactor::ONE)
}

/// Returns the extent of the original in the scaled image.
fn extent(edges: Dimensions, scale: ScalingFactor) -> SubpixelDimensions {
    let number = |part: usize| u32::try_from(part).unwrap_or(1);
    SubpixelDimensions::of_scaled(edges, number(scale.num()), number(scale.denom()))
}

fn scaled_edges(edges: Dimensions, scale: ScalingFactor) -> Dimensions {
    let scaled = |edge: u32| u32::try_from(scale.scale(edge as usize)).unwrap_or(edge);
    Dimensions {
        width: scaled(edges.width),
        height: scaled(edges.height),
    }
}

#[cfg(test)]
mod tests;
