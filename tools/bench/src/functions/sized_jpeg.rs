//! JPEG files of an exact size.

use std::io::Cursor;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use image::{GrayImage, ImageFormat, Luma};

/// Maximum content of a JPEG segment, whose length includes its own two bytes.
const SEGMENT_BYTES: usize = 65_535 - 2;

/// Builds an image of noise, which has about one byte per pixel, padded with comment segments to
/// exactly this size.
pub(super) fn jpeg(size_bytes: usize) -> anyhow::Result<Bytes> {
    for percent in [100, 90, 80, 70, 60, 50, 40, 30, 20] {
        let drawn = noise(size_bytes * percent / 100)?;
        if let Some(file) = filled_up(&drawn, size_bytes) {
            return Ok(Bytes::from(file));
        }
    }
    anyhow::bail!("no image fits {size_bytes} bytes")
}

fn noise(pixels: usize) -> anyhow::Result<Vec<u8>> {
    let side = u32::try_from(pixels.isqrt())?;
    ensure!(side > 0, "no pixels");
    let mut state: u32 = 1;
    let image = GrayImage::from_fn(side, side, |_, _| {
        // Any generator suffices whose output a JPEG can't compress (constants of Numerical
        // Recipes).
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Luma([state.to_be_bytes()[0]])
    });
    let mut file = Cursor::new(Vec::new());
    image
        .write_to(&mut file, ImageFormat::Jpeg)
        .context("can't encode")?;
    Ok(file.into_inner())
}

/// Pads the file. Returns `None` if the image is too large, or if the missing bytes are too few for
/// a segment.
fn filled_up(drawn: &[u8], size_bytes: usize) -> Option<Vec<u8>> {
    let mut missing = size_bytes.checked_sub(drawn.len())?;
    let mut file = Vec::with_capacity(size_bytes);
    let (start, rest) = drawn.split_at_checked(2)?;
    file.extend_from_slice(start);
    while missing > 0 {
        // Never leaves fewer bytes than a whole segment needs.
        let content = match missing.checked_sub(4)? {
            all if all <= SEGMENT_BYTES => all,
            _ => SEGMENT_BYTES - 4,
        };
        file.extend_from_slice(&[0xFF, 0xFE]);
        file.extend_from_slice(&u16::try_from(content + 2).ok()?.to_be_bytes());
        file.extend(std::iter::repeat_n(b' ', content));
        missing -= content + 4;
    }
    file.extend_from_slice(rest);
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::jpeg;

    #[test]
    fn an_image_has_exactly_the_size_and_can_be_decoded() {
        for size_bytes in [3_000, 100_000, 300_001] {
            let file = jpeg(size_bytes).unwrap();
            assert_eq!(file.len(), size_bytes);
            image::load_from_memory(&file).unwrap();
        }
    }
}
