//! A shortcut for progressive pictures at a small scale, which reads a fraction of the file and of the memory.
//!
//! A progressive file comes in scans, and each says which frequencies of the blocks are in it. At 1/8 only the mean of
//! a block counts; at 1/4, a block becomes 2 × 2 pixels, for which three of its 63 other coefficients count. (Colours of
//! half the picture's size lose half as much: 2 × 2 and 4 × 4.) So the other scans are not read, and the other coefficients
//! not kept. Left out are also the lowest bits of what is kept, where the file sends them in a scan of their own, which
//! can't be read without all that is before it: the middle of what they could be is taken instead, and where that could be
//! seen, the shortcut is not taken.
//!
//! Anything unexpected ends it, with `None`: libjpeg-turbo then decodes the whole file.

mod bits;
mod blocks;
mod huffman;
mod render;
mod scan;
mod scan_header;

use bits::Bits;
use blocks::{Blocks, Quantizer};
use huffman::{Class, Huffman};
use scan_header::Scan;

use super::header::{Header, Segment, segment};
use crate::raster::Raster;

/// How small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Eighth,
    Quarter,
}

impl Scale {
    /// Pixels along the edge of what becomes of a block.
    fn pixels(self) -> u32 {
        match self {
            Self::Eighth => 1,
            Self::Quarter => 2,
        }
    }
}

/// Bytes that the shortcut needs beside the file: the picture, its planes, and what is kept of the blocks.
pub(super) fn memory(header: &Header, scale: Scale) -> u64 {
    let blocks = u64::from(header.edges.width / 8 + 2) * u64::from(header.edges.height / 8 + 2);
    let per_block = match scale {
        Scale::Eighth => 2 + 1 + 1,
        Scale::Quarter => 8 + 4 + 4,
    };
    // Components are at most three, and none has more for its share than twice the first.
    blocks * 3 * per_block * 2
}

/// The picture at this scale.
pub(super) fn decode(bytes: &[u8], header: &Header, scale: Scale) -> Option<Raster> {
    let mut decoder = Decoder::new(header, scale)?;
    let mut at = 2;
    loop {
        if bytes.get(at..at + 2)? == [0xFF, 0xD9] {
            return decoder.finish(header);
        }
        let segment = segment(bytes, at)?;
        at = if segment.marker == 0xDA {
            let end = end_of_scan(bytes, segment.end)?;
            decoder.scan(segment.payload, bytes.get(segment.end..end)?)?;
            end
        } else {
            decoder.tables(&segment)?;
            segment.end
        };
    }
}

/// Where the next marker is: in the data of a scan, `FF` is followed by 0 or is a restart.
pub(super) fn end_of_scan(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr(0xFF, bytes.get(at..)?)?;
        match bytes.get(at + 1)? {
            0 | 0xD0..=0xD7 => at += 2,
            0xFF => at += 1,
            _ => return Some(at),
        }
    }
}

struct Decoder {
    scale: Scale,
    /// Of each component.
    blocks: Vec<Blocks>,
    quantizers: [Option<Quantizer>; 4],
    means: [Option<Huffman>; 4],
    details: [Option<Huffman>; 4],
    restart_interval: u32,
    scans: u32,
}

impl Decoder {
    fn new(header: &Header, scale: Scale) -> Option<Self> {
        if !header.is_progressive || !header.is_grey_or_ycbcr() {
            return None;
        }
        Some(Self {
            scale,
            blocks: Blocks::of(header, scale)?,
            quantizers: [None; 4],
            means: [const { None }; 4],
            details: [const { None }; 4],
            restart_interval: 0,
            scans: 0,
        })
    }

    fn tables(&mut self, segment: &Segment) -> Option<()> {
        match segment.marker {
            0xC4 => {
                let mut rest = segment.payload;
                while !rest.is_empty() {
                    let (class, index, table, behind) = Huffman::parse(rest)?;
                    let tables = match class {
                        Class::Means => &mut self.means,
                        Class::Details => &mut self.details,
                    };
                    *tables.get_mut(usize::from(index))? = Some(table);
                    rest = behind;
                }
            }
            // Tables that change between the scans are allowed, and unheard of.
            0xDB if self.scans == 0 => {
                let (tables, rest) = segment.payload.as_chunks::<65>();
                if !rest.is_empty() {
                    return None;
                }
                for table in tables {
                    // The upper half says whether entries have 16 bits, which those of eight-bit pictures have not.
                    let quantizer = self.quantizers.get_mut(usize::from(table[0]))?;
                    *quantizer = Some(std::array::from_fn(|at| i32::from(table[at + 1])));
                }
            }
            0xDD => {
                let &[high, low] = segment.payload else {
                    return None;
                };
                self.restart_interval = u16::from_be_bytes([high, low]).into();
            }
            0xC2 | 0xE0..=0xEF | 0xFE => {}
            _ => return None,
        }
        Some(())
    }

    fn scan(&mut self, payload: &[u8], data: &[u8]) -> Option<()> {
        self.scans += 1;
        let scan = Scan::parse(payload)?;
        let mut bits = Bits::new(data, self.restart_interval);
        if scan.is_of_means() {
            scan::means(&scan, &mut self.blocks, &self.means, &mut bits)?;
        } else if scan.is_first_pass() {
            let [part] = &scan.parts[..] else {
                return None;
            };
            let blocks = self.blocks.iter_mut().find(|of| of.id == part.component)?;
            blocks.note(&scan)?;
            if scan.first > blocks.last_coefficient() {
                return Some(());
            }
            let table = self.details.get(usize::from(part.details))?.as_ref()?;
            scan::details(&scan, blocks, table, &mut bits)?;
        } else {
            return Some(());
        }
        bits.were_enough().then_some(())
    }

    fn finish(self, header: &Header) -> Option<Raster> {
        let planes = self
            .blocks
            .into_iter()
            .map(|blocks| {
                let quantizer = (*self.quantizers.get(usize::from(blocks.quantizer))?)?;
                if !blocks.is_good_enough(&quantizer) {
                    return None;
                }
                Some(render::plane(&blocks, &quantizer))
            })
            .collect::<Option<Vec<_>>>()?;
        render::picture(&planes, header.edges, self.scale)
    }
}
