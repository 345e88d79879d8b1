//! Descriptions of an image in a few bytes: thumbhash and dominant colour.

use fast_image_resize::Resizer;
use media::failure::Failure;

use crate::{
    dimensions::Dimensions, pixels::Pixels, raster::Raster, resize::CropPlan, variant_spec::Size,
};

/// Edge of the image from which the thumbhash is computed. A thumbhash has seven frequencies in
/// each direction, for which 50 pixels suffice as well as the 100 that its definition allows, in a
/// quarter of the time.
const MAX_EDGE: u32 = 50;

/// Thumbhash and dominant colour.
#[derive(Debug)]
pub(crate) struct Placeholder {
    /// Thumbhash of about 25 bytes.
    pub(crate) thumbhash: Vec<u8>,
    /// Red, green and blue.
    pub(crate) dominant_colour: [u8; 3],
}

/// Resizes any version of the original to the source of the placeholder; the smaller the version,
/// the faster.
pub(crate) fn placeholder_source(
    resizer: &mut Resizer,
    pixels: &Pixels,
    original: Dimensions,
) -> Result<Pixels, Failure> {
    let size = Size::Inside { max_edge: MAX_EDGE };
    pixels.resize(resizer, &CropPlan::new(size, original))
}

/// Computes the placeholder of an upright [`placeholder_source`] image.
pub(crate) fn placeholder(placeholder_source: &Raster) -> Result<Placeholder, Failure> {
    let rgba = placeholder_source.to_rgba()?;
    let (pixels, _) = rgba.as_chunks::<4>();
    let Dimensions { width, height } = placeholder_source.edges();
    Ok(Placeholder {
        thumbhash: thumbhash::rgba_to_thumb_hash(width as usize, height as usize, &rgba),
        dominant_colour: dominant_colour(pixels),
    })
}

/// Returns the average of the most frequent bucket of colours (16 levels per channel), which is a
/// colour that the image really contains. Mostly transparent pixels do not count; a fully
/// transparent image is white.
fn dominant_colour(pixels: &[[u8; 4]]) -> [u8; 3] {
    #[derive(Clone, Copy, Default)]
    struct Kind {
        count: u32,
        sums: [u32; 3],
    }
    let mut kinds = vec![Kind::default(); 1 << 12];
    for &[red, green, blue, alpha] in pixels {
        if alpha < 128 {
            continue;
        }
        let index =
            usize::from(red >> 4) << 8 | usize::from(green >> 4) << 4 | usize::from(blue >> 4);
        let kind = &mut kinds[index];
        kind.count += 1;
        for (sum, channel) in kind.sums.iter_mut().zip([red, green, blue]) {
            *sum += u32::from(channel);
        }
    }
    match kinds.iter().max_by_key(|kind| kind.count) {
        Some(kind) if kind.count > 0 => kind
            .sums
            .map(|sum| u8::try_from((sum + kind.count / 2) / kind.count).unwrap_or(u8::MAX)),
        _ => [u8::MAX; 3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dominant_colour_is_the_commonest_and_not_the_mean() {
        let mut pixels = vec![[250, 10, 10, 255]; 60];
        pixels.extend([[0, 0, 240, 255]; 40]);
        assert_eq!(dominant_colour(&pixels), [250, 10, 10]);
    }

    #[test]
    fn transparent_pixels_do_not_count() {
        let mut pixels = vec![[0, 0, 0, 0]; 60];
        pixels.extend([[0, 200, 0, 255]; 4]);
        assert_eq!(dominant_colour(&pixels), [0, 200, 0]);
        assert_eq!(dominant_colour(&[[0, 0, 0, 0]]), [255; 3]);
    }
}
