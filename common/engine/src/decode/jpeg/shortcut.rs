//! Shortcut for a small scale, which decodes only the coefficients that such a scale shows.
//!
//! At 1/8, only the DC coefficient of a block counts; at 1/4, a block becomes 2 × 2 pixels, for
//! which three of its 63 AC coefficients count. (Where the chroma components have half the samples
//! in both directions and pixels are wanted, they lose half as much: 2 × 2 and 4 × 4.)
//!
//! The scan of a sequential file has all coefficients of a block, one after the other. Those that
//! do not count are only skipped, several at a time, and nothing is computed of them.
//!
//! A progressive file consists of scans, and each scan header states a spectral selection (a range
//! of coefficients) and a successive approximation (a range of their bits). The scans of other
//! coefficients are not read. Refinement scans of AC coefficients, which send the lowest bits, are
//! not read either, because they can't be decoded without all coefficients before them: the middle
//! of the possible range is used instead, and where the difference could be visible, the shortcut
//! is not taken.
//!
//! Any unexpected input ends the shortcut with `None`: libjpeg-turbo then decodes the whole file.

mod bits;
mod blocks;
mod huffman;
mod progressive;
mod render;
mod scan_header;
mod sequential;
mod skips;

use turbojpeg::ScalingFactor;

use bits::Bits;
use blocks::{Blocks, Quantizer};
use huffman::{Class, Huffman};
use scan_header::Scan;

use super::{
    header::Header,
    segments::{Segment, end_of_scan, segment},
};
use crate::{pixels::Pixels, planes::ChromaScale};

/// Scale of the shortcut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Eighth,
    Quarter,
}

impl Scale {
    /// Returns the scale of this factor; `None` if it is too large for the shortcut.
    pub(super) fn of(factor: ScalingFactor) -> Option<Self> {
        match factor {
            ScalingFactor::ONE_EIGHTH => Some(Self::Eighth),
            ScalingFactor::ONE_QUARTER => Some(Self::Quarter),
            _ => None,
        }
    }

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

/// Decodes the image at this scale: to planes where it has subsampled chroma and `chroma` allows
/// it, and else to pixels.
pub(super) fn decode(
    bytes: &[u8],
    header: &Header,
    scale: Scale,
    chroma: ChromaScale,
) -> Option<Pixels> {
    let mut decoder = Decoder::new(header, scale, chroma)?;
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

struct Decoder {
    scale: Scale,
    chroma: ChromaScale,
    is_progressive: bool,
    /// Blocks of each component.
    blocks: Vec<Blocks>,
    quantizers: [Option<Quantizer>; 4],
    dc: [Option<Huffman>; 4],
    ac: [Option<Huffman>; 4],
    restart_interval: u32,
    scans: u32,
}

impl Decoder {
    fn new(header: &Header, scale: Scale, chroma: ChromaScale) -> Option<Self> {
        // No known encoder writes a sequential file in several scans.
        let is_known = header.is_progressive || !header.has_several_scans;
        if !is_known || !header.is_grey_or_ycbcr() {
            return None;
        }
        let chroma = if blocks::is_subsampled(header) {
            chroma
        } else {
            ChromaScale::Largest
        };
        Some(Self {
            scale,
            chroma,
            is_progressive: header.is_progressive,
            blocks: Blocks::of(header, scale, chroma)?,
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
            0xC0..=0xC2 | 0xE0..=0xEF | 0xFE => {}
            _ => return None,
        }
        Some(())
    }

    fn scan(&mut self, payload: &[u8], data: &[u8]) -> Option<()> {
        self.scans += 1;
        if !self.is_progressive {
            if self.scans > 1 {
                return None;
            }
            let scan = Scan::parse_sequential(payload)?;
            let tables = [&self.dc, &self.ac];
            let blocks = &mut self.blocks;
            return sequential::decode(&scan, blocks, tables, data, self.restart_interval);
        }
        let scan = Scan::parse(payload)?;
        let mut bits = Bits::new(data, self.restart_interval);
        if scan.is_dc() {
            progressive::dc(&scan, &mut self.blocks, &self.dc, &mut bits)?;
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
            progressive::ac(&scan, blocks, table, &mut bits)?;
        } else {
            return Some(());
        }
        bits.were_exact().then_some(())
    }

    fn finish(self, header: &Header) -> Option<Pixels> {
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
        match self.chroma {
            ChromaScale::AsInImage => {
                render::planar(&planes, header.edges, self.scale).map(Pixels::Planar)
            }
            ChromaScale::Largest => {
                render::raster(&planes, header.edges, self.scale).map(Pixels::Interleaved)
            }
        }
    }
}
