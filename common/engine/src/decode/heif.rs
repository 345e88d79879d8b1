//! Decoding of HEIC and AVIF: tile by tile, at the scale that the variants need.

mod av1;
mod canvas;
mod colour;
mod container;
mod frame;
mod hdr;
#[cfg(feature = "heic")]
mod hevc;
mod item;
mod memory;
mod overlay;
mod source;
mod tiles;
mod transform;

use media::failure::{Failure, FailureCode};

use crate::{
    Facts, Recipe,
    decode::{
        Decoded,
        heif::{source::Source, tiles::Job},
    },
    limits::Deadline,
};

/// Decodes the primary item.
pub(super) fn decode(
    bytes: &[u8],
    recipe: &Recipe,
    deadline: &Deadline,
) -> Result<Decoded, Failure> {
    let file = container::open(bytes)?;
    let job = Job {
        file: &file,
        recipe,
        deadline,
    };
    let source = Source::primary(&file)?;
    let edges = source.edges();
    recipe.limits.check_size(edges.width, edges.height)?;
    let transform = source.transform();
    let (pixels, profile) = match source {
        Source::Image(image) => job.decode(&image)?,
        Source::Overlay(overlay) => overlay.decode(&job)?,
    };
    Ok(Decoded {
        pixels,
        original: transform.crop.edges,
        orientation: transform.orientation(),
        is_animated: container::has_sequence(&file, bytes),
        profile,
        facts: container::exif(&file, file.primary_id)
            .map(|block| Facts::read(&block))
            .unwrap_or_default(),
    })
}

/// Refuses HEVC where the configuration or the build leaves it out.
pub(super) fn check_hevc(recipe: &Recipe) -> Result<(), Failure> {
    let why = if !cfg!(feature = "heic") {
        "this system is built without it"
    } else if !recipe.accept_heic {
        "it is switched off in this system (AcceptHeic)"
    } else {
        return Ok(());
    };
    Err(Failure::new(
        FailureCode::UnsupportedFormat,
        format!("HEIC is not supported: {why}"),
    ))
}
