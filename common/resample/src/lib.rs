//! The resizer, compiled for the pixels of the engine.
//!
//! The resizer is generic, and has a function for each precision, instruction set and kind of
//! pixel: four fifths of the engine's machine code. In a crate of its own it is compiled once, and
//! neither after each change of the engine nor again for the engine's tests.

use fast_image_resize::{
    ImageBufferError, PixelTrait, ResizeError, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::{U8, U8x3, U8x4},
};

/// The samples of a pixel, of one byte each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Samples {
    /// Grey, or one plane of a picture.
    One,
    /// Red, green and blue.
    Three,
    /// Red, green, blue and one more.
    Four,
}

/// The samples don't have the dimensions that they are said to have, or the region to resize is not
/// within them.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum Error {
    /// A buffer of another size.
    Buffer(#[from] ImageBufferError),
    /// Options that don't fit the picture.
    Options(#[from] ResizeError),
}

/// Width and height in pixels.
type Edges = (u32, u32);

/// Resizes `source`, rows of pixels from the top, to `target`.
pub fn resize(
    resizer: &mut Resizer,
    samples: Samples,
    source: &[u8],
    edges: Edges,
    target: Edges,
    options: &ResizeOptions,
) -> Result<Vec<u8>, Error> {
    // The resizer's own function for pixels of any kind has those of 16 and 32 bits, too, and takes
    // minutes to compile.
    let resize = match samples {
        Samples::One => resize_typed::<U8>,
        Samples::Three => resize_typed::<U8x3>,
        Samples::Four => resize_typed::<U8x4>,
    };
    resize(resizer, source, edges, target, options)
}

fn resize_typed<P: PixelTrait>(
    resizer: &mut Resizer,
    source: &[u8],
    (width, height): Edges,
    target: Edges,
    options: &ResizeOptions,
) -> Result<Vec<u8>, Error> {
    let source = TypedImageRef::<P>::from_buffer(width, height, source)?;
    let (width, height) = target;
    let mut samples = vec![0; width as usize * height as usize * P::size()];
    let mut image = TypedImage::<P>::from_buffer(width, height, &mut samples)?;
    resizer.resize_typed(&source, &mut image, options)?;
    drop(image);
    Ok(samples)
}
