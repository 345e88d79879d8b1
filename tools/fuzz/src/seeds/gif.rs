//! GIFs: still, animated and partly transparent.

use image::{
    Delay, Frame, RgbaImage,
    codecs::gif::{GifEncoder, Repeat},
};

use super::{Named, scene};

pub(super) fn all() -> anyhow::Result<Vec<Named>> {
    let mut files = Vec::new();
    for (width, height, frames) in [(1, 1, 1), (64, 48, 1), (50, 41, 3), (20, 20, 30)] {
        let mut file = Vec::new();
        let mut encoder = GifEncoder::new_with_speed(&mut file, 30);
        encoder.set_repeat(Repeat::Infinite)?;
        for number in 0..frames {
            let (left, top) = (number % 7, number % 5);
            let image = RgbaImage::from_raw(width, height, scene::pixels(width, height, 4));
            let image = image.unwrap_or_default();
            encoder.encode_frame(Frame::from_parts(
                image,
                left,
                top,
                Delay::from_numer_denom_ms(100, 1),
            ))?;
        }
        drop(encoder);
        files.push((format!("GIF, {width}x{height}, {frames} frames"), file));
    }
    Ok(files)
}
