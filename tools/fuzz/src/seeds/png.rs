//! PNGs of all colour types and depths, interlaced and not, and with all kinds of other chunks.
//!
//! A row is a filter type and bytes, and any bytes are a valid image.

use fastrand::Rng;

use super::{Named, scene};
use crate::mutate::{
    chunks::Chunk,
    png::{deflate, write},
};

pub(super) fn all() -> anyhow::Result<Vec<Named>> {
    let mut files = Vec::new();
    let greys = [1, 2, 4, 8, 16].map(|depth| (0, depth));
    let palettes = [1, 2, 4, 8].map(|depth| (3, depth));
    let others = [(2, 8), (2, 16), (4, 8), (4, 16), (6, 8), (6, 16)];
    for (colour, depth) in greys.into_iter().chain(palettes).chain(others) {
        for is_interlaced in [false, true] {
            let layout = Layout {
                width: 61,
                height: 45,
                depth,
                colour,
                is_interlaced,
            };
            let name =
                format!("PNG, colour type {colour}, {depth} bits, interlaced: {is_interlaced}");
            files.push((name.clone(), write(&layout.chunks(&[]))));
            if colour < 4 {
                files.push((
                    format!("{name}, a colour is transparent"),
                    write(&layout.chunks(&[layout.clear()])),
                ));
            }
        }
    }
    files.extend(extras()?);
    Ok(files)
}

fn extras() -> anyhow::Result<Vec<Named>> {
    let layout = Layout {
        width: 61,
        height: 45,
        depth: 8,
        colour: 6,
        is_interlaced: false,
    };
    let with = |chunk: Chunk| write(&layout.chunks(&[chunk]));
    let profile = [b"P3\0\0".as_slice(), &deflate(&scene::profile()?)].concat();
    let text = [b"Comment\0\0".as_slice(), &deflate(&[b'x'; 5_000])].concat();
    Ok(vec![
        ("PNG with a profile".to_owned(), with((*b"iCCP", profile))),
        ("PNG with packed text".to_owned(), with((*b"zTXt", text))),
        (
            "PNG with an orientation".to_owned(),
            with((*b"eXIf", scene::exif(6))),
        ),
        (
            "PNG with a gamma".to_owned(),
            with((*b"gAMA", 100_000_u32.to_be_bytes().to_vec())),
        ),
        ("animated PNG".to_owned(), animated(layout)),
    ])
}

/// Builds two frames: the first is the image, the second a part of it.
fn animated(layout: Layout) -> Vec<u8> {
    let mut chunks = layout.chunks(&[(*b"acTL", vec![0, 0, 0, 2, 0, 0, 0, 0]), frame(0, layout)]);
    let part = Layout {
        width: 20,
        height: 10,
        ..layout
    };
    let data = [&2_u32.to_be_bytes()[..], &deflate(&part.rows())].concat();
    let end = chunks.len() - 1;
    chunks.splice(end..end, [frame(1, part), (*b"fdAT", data)]);
    write(&chunks)
}

/// Builds an `fcTL` chunk.
fn frame(number: u32, layout: Layout) -> Chunk {
    let numbers = [number, layout.width, layout.height, 0, 0];
    let mut data: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect();
    data.extend([0, 1, 0, 10, 0, 0]);
    (*b"fcTL", data)
}

/// Fields of `IHDR`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub width: u32,
    pub height: u32,
    /// Bits of a sample.
    pub depth: u8,
    /// Colour type: 0 grey, 2 colour, 3 palette, 4 grey with alpha, 6 colour with alpha.
    pub colour: u8,
    pub is_interlaced: bool,
}

impl Layout {
    /// Builds all chunks, with `more` between the palette and the pixels.
    pub(super) fn chunks(self, more: &[Chunk]) -> Vec<Chunk> {
        self.around(more, deflate(&self.rows()))
    }

    /// Builds all chunks around pixels that are compressed already.
    pub(super) fn around(self, more: &[Chunk], packed: Vec<u8>) -> Vec<Chunk> {
        let mut chunks = vec![(*b"IHDR", self.header())];
        if self.colour == 3 {
            chunks.push((*b"PLTE", scene::pixels(1 << self.depth, 1, 3)));
        }
        chunks.extend_from_slice(more);
        chunks.push((*b"IDAT", packed));
        chunks.push((*b"IEND", Vec::new()));
        chunks
    }

    fn header(self) -> Vec<u8> {
        let mut header = [self.width.to_be_bytes(), self.height.to_be_bytes()].concat();
        header.extend([self.depth, self.colour, 0, 0, u8::from(self.is_interlaced)]);
        header
    }

    /// Builds a `tRNS` chunk for the first colour.
    fn clear(self) -> Chunk {
        let data = match self.colour {
            0 => vec![0; 2],
            2 => vec![0; 6],
            _ => vec![0, 128],
        };
        (*b"tRNS", data)
    }

    pub(super) fn bits_per_pixel(self) -> u32 {
        let channels = match self.colour {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        };
        channels * u32::from(self.depth)
    }

    fn rows(self) -> Vec<u8> {
        // First column, first row, and their steps, for each pass.
        let passes: &[[u32; 4]] = if self.is_interlaced {
            &[
                [0, 0, 8, 8],
                [4, 0, 8, 8],
                [0, 4, 4, 8],
                [2, 0, 4, 4],
                [0, 2, 2, 4],
                [1, 0, 2, 2],
                [0, 1, 1, 2],
            ]
        } else {
            &[[0, 0, 1, 1]]
        };
        let mut random = Rng::with_seed(self.width.into());
        let mut rows = Vec::new();
        for [x, y, across, down] in passes {
            let width = self.width.saturating_sub(*x).div_ceil(*across);
            let height = self.height.saturating_sub(*y).div_ceil(*down);
            let bytes = (width * self.bits_per_pixel()).div_ceil(8);
            if bytes == 0 {
                continue;
            }
            for row in 0..height {
                let [filter, ..] = (row % 5).to_le_bytes();
                rows.push(filter);
                rows.extend((0..bytes).map(|_| random.u8(..) & random.u8(..)));
            }
        }
        rows
    }
}
