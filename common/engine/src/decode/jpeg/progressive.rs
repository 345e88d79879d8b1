//! Shortcut for progressive images at a small scale, which reads a fraction of the file and needs
//! a fraction of the memory.
//!
//! A progressive file consists of scans, and each scan header states a spectral selection (a range
//! of coefficients) and a successive approximation (a range of their bits). At 1/8, only the DC
//! coefficient of a block counts; at 1/4, a block becomes 2 × 2 pixels, for which three of its 63
//! AC coefficients count. (With chroma subsampling of 2 × 2, the chroma components lose half as
//! much: 2 × 2 and 4 × 4.) So the other scans are not read, and the other coefficients are not
//! kept. Refinement scans of AC coefficients, which send the lowest bits, are not read either,
//! because they can't be decoded without all coefficients before them: the middle of the possible
//! range is used instead, and where the difference could be visible, the shortcut is not taken.
//!
//! Any unexpected input ends the shortcut with `None`: libjpeg-turbo then decodes the whole file.

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

use super::{
    header::Header,
    segments::{Segment, segment},
};
use crate::raster::Raster;

/// Scale of the shortcut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Eighth,
    Quarter,
}

impl Scale {
    /// Returns the edge, in pixels, of the square that a block becomes.
    fn pixels(self) -> u32 {
        match self {
            Self::Eighth => 1,
            Self::Quarter => 2,
        }
    }
}

/// Returns the bytes that the shortcut needs in addition to the file: the image, its planes, and
/// the coefficients that are kept.
pub(super) fn memory(header: &Header, scale: Scale) -> u64 {
    let blocks = u64::from(header.edges.width / 8 + 2) * u64::from(header.edges.height / 8 + 2);
    let per_block = match scale {
        Scale::Eighth => 2 + 1 + 1,
        Scale::Quarter => 8 + 4 + 4,
    };
    // There are at most three components, and none has more than twice the first one's share.
    blocks * 3 * per_block * 2
}

/// Decodes the image at this scale.
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

/// Returns the offset of the next marker: in the entropy-coded data of a scan, `FF` is followed by
/// 0 or is a restart marker.
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
    /// Blocks of each component.
    blocks: Vec<Blocks>,
    quantizers: [Option<Quantizer>; 4],
    dc: [Option<Huffman>; 4],
    ac: [Option<Huffman>; 4],
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
            dc: [const { None }; 4],
            ac: [const { None }; 4],
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
                        Class::Dc => &mut self.dc,
                        Class::Ac => &mut self.ac,
                    };
                    *tables.get_mut(usize::from(index))? = Some(table);
                    rest = behind;
                }
            }
            // Quantization tables that change between scans are legal, but no known encoder writes
            // them.
            0xDB if self.scans == 0 => {
                let (tables, rest) = segment.payload.as_chunks::<65>();
                if !rest.is_empty() {
                    return None;
                }
                for table in tables {
                    // The upper four bits select 16-bit entries, which eight-bit images do not
                    // have.
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
        if scan.is_dc() {
            scan::dc(&scan, &mut self.blocks, &self.dc, &mut bits)?;
        } else if scan.is_first_pass() {
            let [part] = &scan.parts[..] else {
                return None;
            };
            let blocks = self.blocks.iter_mut().find(|of| of.id == part.component)?;
            blocks.note(&scan)?;
            if scan.first > blocks.last_coefficient() {
                return Some(());
            }
            let table = self.ac.get(usize::from(part.ac))?.as_ref()?;
            scan::ac(&scan, blocks, table, &mut bits)?;
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
        render::raster(&planes, header.edges, self.scale)
    }
}
