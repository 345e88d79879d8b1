//! GIF decoding: the first frame, where other programs put it.
//!
//! The canvas is large enough for the screen and for the whole frame. Where the frame leaves it
//! open, it is transparent if the file has any transparency, and else has the palette's first
//! colour, on which most programs agree: browsers show it white, others black.

pub(super) mod blocks;

use media::failure::{Failure, FailureCode};
use weezl::{BitOrder, decode::Decoder};

use self::blocks::{Block, Frame, Screen, sub_blocks};
use crate::{
    Limits,
    decode::Decoded,
    dimensions::Dimensions,
    facts::Facts,
    pixels::Pixels,
    raster::{Layout, Raster},
};

/// The colour of an index that is not in the palette.
const BLACK: [u8; 3] = [0; 3];

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, Failure> {
    let screen = Screen::parse(bytes).ok_or_else(|| corrupt("its header is cut off"))?;
    let mut transparent = None;
    let frame = blocks::blocks(bytes)
        .find_map(|block| match block {
            Block::Control(index) => {
                transparent = index;
                None
            }
            Block::Frame(frame) => {
                (frame.edges.width > 0 && frame.edges.height > 0).then_some(frame)
            }
        })
        .ok_or_else(|| corrupt("it has no frame"))?;
    let canvas = Dimensions {
        width: screen.edges.width.max(frame.left + frame.edges.width),
        height: screen.edges.height.max(frame.top + frame.edges.height),
    };
    limits.check_size(canvas.width, canvas.height)?;
    let has_alpha = blocks::blocks(bytes).any(|block| matches!(block, Block::Control(Some(_))));
    let samples = if has_alpha { 4 } else { 3 };
    limits.check_memory(area(canvas) * samples + area(frame.edges))?;
    let palette = frame.palette.unwrap_or(screen.palette);
    let indices = indices(&frame)?;
    let raster = if has_alpha {
        let colour = |index: u8| match colour(palette, index) {
            _ if Some(index) == transparent => [0; 4],
            [red, green, blue] => [red, green, blue, u8::MAX],
        };
        Raster::from_rgba(canvas, drawn(canvas, &frame, &indices, [0; 4], colour))
    } else {
        let colour = |index| colour(palette, index);
        let samples = drawn(canvas, &frame, &indices, colour(0), colour);
        Raster::new(canvas, Layout::Rgb, samples)
    }?;
    Ok(Decoded {
        pixels: Pixels::Interleaved(raster),
        original: canvas,
        orientation: image::metadata::Orientation::NoTransforms,
        is_animated: false,
        profile: None,
        facts: Facts::default(),
    })
}

fn area(edges: Dimensions) -> u64 {
    u64::from(edges.width) * u64::from(edges.height)
}

fn colour(palette: &[u8], index: u8) -> [u8; 3] {
    let (colours, _) = palette.as_chunks();
    colours.get(usize::from(index)).copied().unwrap_or(BLACK)
}

/// Decodes the indices of a frame, in the order of the file.
fn indices(frame: &Frame) -> Result<Vec<u8>, Failure> {
    // Codes have at most 12 bits, one more than indices.
    if !(1..=11).contains(&frame.code_size) {
        return Err(corrupt("its code size is impossible"));
    }
    let mut decoder = Decoder::new(BitOrder::Lsb, frame.code_size);
    let size = frame.edges.width as usize * frame.edges.height as usize;
    let mut indices = vec![0; size];
    let mut filled = 0;
    // The empty one at the end takes out what the decoder still holds.
    for mut part in sub_blocks(frame.data).chain([&[][..]]) {
        loop {
            let result = decoder.decode_bytes(part, &mut indices[filled..]);
            part = part.get(result.consumed_in..).unwrap_or_default();
            filled += result.consumed_out;
            let is_stuck = result.consumed_in == 0 && result.consumed_out == 0;
            if filled == size {
                return Ok(indices);
            }
            if result.status.is_err() || is_stuck {
                break;
            }
        }
    }
    Err(corrupt("a part of its pixels is missing"))
}

/// Draws the frame on a canvas.
fn drawn<const N: usize>(
    canvas: Dimensions,
    frame: &Frame,
    indices: &[u8],
    background: [u8; N],
    colour: impl Fn(u8) -> [u8; N],
) -> Vec<u8> {
    let (width, height) = (canvas.width as usize, canvas.height as usize);
    let (left, top) = (frame.left as usize, frame.top as usize);
    let mut samples: Vec<u8> = background.repeat(width * height);
    let rows = indices.chunks_exact(frame.edges.width as usize);
    for (row, at) in rows.zip(frame.rows()) {
        let start = ((top + at) * width + left) * N;
        let (pixels, _) = samples[start..start + row.len() * N].as_chunks_mut::<N>();
        for (pixel, index) in pixels.iter_mut().zip(row) {
            *pixel = colour(*index);
        }
    }
    samples
}

fn corrupt(why: &str) -> Failure {
    Failure::new(
        FailureCode::Corrupt,
        format!("the image can't be decoded: {why}"),
    )
}
