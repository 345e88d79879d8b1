//! GIF decoding: the first frame, where other programs put it.
//!
//! The canvas is large enough for the screen and for the whole frame. Where the frame leaves it
//! open, it is transparent if the file has any transparency, and else has the palette's first
//! colour, on which most programs agree: browsers show it white, others black.

pub(super) mod blocks;

use image::metadata::Orientation;
use media::failure::{Failure, FailureCode};
use weezl::{BitOrder, decode::Decoder};

use self::blocks::{Block, Frame, Screen, sub_blocks};
use crate::{
    Recipe,
    decode::{Decoded, rows::Rows},
    dimensions::Dimensions,
    facts::Facts,
    pixels::Pixels,
    raster::Layout,
};

/// The colour of an index that is not in the palette.
const BLACK: [u8; 3] = [0; 3];

pub(super) fn decode(bytes: &[u8], recipe: &Recipe) -> Result<Decoded, Failure> {
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
    recipe.limits.check_size(canvas.width, canvas.height)?;
    let has_alpha = blocks::blocks(bytes).any(|block| matches!(block, Block::Control(Some(_))));
    let layout = if has_alpha {
        Layout::Premultiplied
    } else {
        Layout::Rgb
    };
    // The rows of an interlaced frame are not in order.
    let whole = if frame.is_interlaced {
        area(frame.edges)
    } else {
        0
    };
    let upright = Orientation::NoTransforms;
    let mut rows = Rows::new(canvas, upright, layout, recipe, whole)?;
    let palette = frame.palette.unwrap_or(screen.palette);
    if has_alpha {
        let colour = |index: u8| match colour(palette, index) {
            _ if Some(index) == transparent => [0; 4],
            [red, green, blue] => [red, green, blue, u8::MAX],
        };
        draw(canvas, &frame, [0; 4], colour, &mut rows)?;
    } else {
        let colour = |index| colour(palette, index);
        draw(canvas, &frame, colour(0), colour, &mut rows)?;
    }
    Ok(Decoded {
        pixels: Pixels::Interleaved(rows.finish()?),
        original: canvas,
        orientation: upright,
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

/// The indices of a frame, in the order of the file.
struct Indices<'a, P> {
    decoder: Decoder,
    parts: P,
    part: &'a [u8],
}

impl<'a, P: Iterator<Item = &'a [u8]>> Indices<'a, P> {
    fn new(code_size: u8, parts: P) -> Result<Self, Failure> {
        // Codes have at most 12 bits, one more than indices.
        if !(1..=11).contains(&code_size) {
            return Err(corrupt("its code size is impossible"));
        }
        Ok(Self {
            decoder: Decoder::new(BitOrder::Lsb, code_size),
            parts,
            part: &[],
        })
    }

    /// Decodes the next indices, as many as there is room for.
    fn fill(&mut self, indices: &mut [u8]) -> Result<(), Failure> {
        let mut filled = 0;
        loop {
            let result = self.decoder.decode_bytes(self.part, &mut indices[filled..]);
            self.part = self.part.get(result.consumed_in..).unwrap_or_default();
            filled += result.consumed_out;
            if filled == indices.len() {
                return Ok(());
            }
            let is_stuck = result.consumed_in == 0 && result.consumed_out == 0;
            if result.status.is_err() || is_stuck {
                self.part = self
                    .parts
                    .next()
                    .ok_or_else(|| corrupt("a part of its pixels is missing"))?;
            }
        }
    }
}

/// Draws the frame on a canvas, row by row.
fn draw<const N: usize>(
    canvas: Dimensions,
    frame: &Frame,
    background: [u8; N],
    colour: impl Fn(u8) -> [u8; N],
    rows: &mut Rows,
) -> Result<(), Failure> {
    // The empty part at the end takes out what the decoder still holds.
    let parts = sub_blocks(frame.data).chain([&[][..]]);
    let mut indices = Indices::new(frame.code_size, parts)?;
    let (left, top) = (frame.left as usize, frame.top as usize);
    let (width, height) = (frame.edges.width as usize, frame.edges.height as usize);
    let mut interlaced = Vec::new();
    let mut order = vec![0; height];
    if frame.is_interlaced {
        interlaced = vec![0; width * height];
        indices.fill(&mut interlaced)?;
        for (place, row) in frame.rows().enumerate() {
            order[row] = place;
        }
    }
    let mut next = vec![0; width];
    let background = background.repeat(canvas.width as usize);
    let mut row = background.clone();
    for y in 0..canvas.height as usize {
        // Premultiplying has changed the row.
        row.copy_from_slice(&background);
        if (top..top + height).contains(&y) {
            let shown = if frame.is_interlaced {
                &interlaced[order[y - top] * width..][..width]
            } else {
                indices.fill(&mut next)?;
                &next
            };
            let (pixels, _) = row[left * N..].as_chunks_mut::<N>();
            for (pixel, index) in pixels.iter_mut().zip(shown) {
                *pixel = colour(*index);
            }
        }
        rows.push(&mut row)?;
    }
    Ok(())
}

fn corrupt(why: &str) -> Failure {
    Failure::new(
        FailureCode::Corrupt,
        format!("the image can't be decoded: {why}"),
    )
}
