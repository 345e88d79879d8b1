//! The memory that decoding needs, from what the container declares.

use crate::{
    decode::heif::{
        frame::SampleFormat,
        item::{Codec, Image},
    },
    dimensions::Dimensions,
    planes::Subsampling,
};

/// Estimates the memory of decoding: the canvas, with the largest tile or with the converted
/// pixels. What codecs need beside a frame is measured, and rounded up.
pub(super) fn needed(image: &Image, scale: u32) -> u64 {
    let pixels = |Dimensions { width, height }: Dimensions| u64::from(width) * u64::from(height);
    let SampleFormat { depth, chroma } = image.coding.format;
    let chroma = chroma.map_or(0, |Subsampling { across, down }| {
        8 / u64::from(across * down)
    });
    // In quarters of samples a pixel.
    let samples = 4 + chroma;
    let bytes = u64::from(depth.div_ceil(8));
    let tile = match image.coding.codec {
        // Frames of any depth are in words.
        Codec::Hevc => samples * 2 + 8,
        Codec::Av1 => samples * bytes + 4,
    } * pixels(image.tiles.edges)
        / 4;
    let canvas = if scale == 1 {
        (samples * bytes).div_ceil(4)
    } else {
        // Chroma may be as large as luma then.
        3 * bytes
    };
    let converted = if image.alpha.is_some() { 3 + 6 } else { 3 };
    let scale = u64::from(scale);
    let reduced = pixels(image.transform.crop.edges).div_ceil(scale * scale);
    reduced * canvas + tile.max(reduced * converted)
}
