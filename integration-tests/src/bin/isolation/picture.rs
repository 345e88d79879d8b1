//! A picture small enough to be sent often.

use jpeg_encoder::{ColorType, Encoder};

const EDGE: u16 = 24;

/// A JPEG of one colour; the same bytes every time.
pub(crate) fn jpeg(colour: [u8; 3]) -> Vec<u8> {
    let pixels = colour.repeat(usize::from(EDGE) * usize::from(EDGE));
    let mut bytes = Vec::new();
    // A vector takes whatever is written to it, and the pixels fit the edges.
    drop(Encoder::new(&mut bytes, 90).encode(&pixels, EDGE, EDGE, ColorType::Rgb));
    bytes
}
