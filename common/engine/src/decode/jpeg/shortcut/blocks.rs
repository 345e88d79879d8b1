//! Coefficients that are kept of the blocks of a component.

use super::{Scale, scan_header::Scan};
use crate::{decode::jpeg::header::Header, planes::ChromaScale};

/// Quantization steps of the coefficients that can count, in zigzag order.
pub(super) type Quantizer = [i32; 25];

/// Largest absolute value of a DC or AC coefficient of an eight-bit image. AC coefficients are
/// doubled, and so is their limit.
pub(super) const LARGEST: i32 = 4095;

/// Largest acceptable error of a dequantized coefficient: a DC coefficient that is 8 larger changes
/// a block by one level.
const MAX_LOSS: i32 = 24;

/// Zigzag index to index among the coefficients that are kept of a block, in row order.
const KEPT_OF_4: [Option<usize>; 5] = [None, Some(0), Some(1), None, Some(2)];
const KEPT_OF_16: [Option<usize>; 25] = [
    None,
    Some(0),
    Some(3),
    Some(7),
    Some(4),
    Some(1),
    Some(2),
    Some(5),
    Some(8),
    Some(11),
    None,
    Some(12),
    Some(9),
    Some(6),
    None,
    None,
    None,
    Some(10),
    Some(13),
    None,
    None,
    None,
    None,
    None,
    Some(14),
];

/// Returns the largest sampling factors, across and down.
fn largest_factors(header: &Header) -> (u32, u32) {
    header.frame.iter().fold((1, 1), |(across, down), of| {
        (across.max(of.across), down.max(of.down))
    })
}

/// Whether luma has all samples, and both chroma components have the same part of them.
pub(super) fn is_subsampled(header: &Header) -> bool {
    let [luma, blue, red] = &header.frame[..] else {
        return false;
    };
    let [luma, blue, red] = [luma, blue, red].map(|component| (component.across, component.down));
    luma == largest_factors(header) && blue == red && blue != luma
}

/// The blocks of a component, in row order.
pub(super) struct Blocks {
    /// Component identifier, to which scan headers refer.
    pub(super) id: u8,
    /// Index of the quantization table.
    pub(super) quantizer: u8,
    /// Blocks of this component in an MCU of an interleaved scan, across and down.
    pub(super) per_unit: (u32, u32),
    /// Pixels of the scaled image that share a sample, across and down.
    pub(super) subsampling: (u32, u32),
    /// MCUs of an interleaved scan, across and down.
    pub(super) units: (u32, u32),
    /// Blocks in a scan of this component alone, across and down.
    pub(super) own: (u32, u32),
    /// Blocks from one row to the next.
    pub(super) stride: u32,
    /// DC coefficient of each block.
    pub(super) dc: Vec<i16>,
    /// Low bits that the DC coefficients still lack; `None` before their first scan.
    pub(super) dc_low: Option<u8>,
    /// Edge, in pixels, of the square that a block becomes: 1, 2 or 4.
    pub(super) pixels: usize,
    /// AC coefficients of each block that this number of pixels can show. They are doubled, so that
    /// the middle of the possible range is a whole number.
    pub(super) ac: Vec<i16>,
    /// Spectral selection (first and last coefficient) and missing low bits of each band.
    bands: Vec<(u8, u8, u8)>,
}

impl Blocks {
    /// Creates the blocks of all components.
    pub(super) fn of(header: &Header, scale: Scale, chroma: ChromaScale) -> Option<Vec<Self>> {
        let (widest, highest) = largest_factors(header);
        let units = (
            header.edges.width.div_ceil(8 * widest),
            header.edges.height.div_ceil(8 * highest),
        );
        let blocks = header.frame.iter().map(|component| {
            let (across, down) = (component.across, component.down);
            let is_even = widest.is_multiple_of(across) && highest.is_multiple_of(down);
            let subsampling = (widest / across, highest / down);
            if !is_even || subsampling.0 > 2 || subsampling.1 > 2 {
                return None;
            }
            let stride = units.0 * across;
            let count = stride as usize * (units.1 * down) as usize;
            let pixels = scale.pixels() as usize;
            // libjpeg does the same: where a component has half the samples of the image in both
            // directions, its blocks are reduced half as much.
            let is_half = subsampling == (2, 2) && chroma == ChromaScale::Largest;
            let pixels = if is_half { 2 * pixels } else { pixels };
            Some(Self {
                id: component.id,
                quantizer: component.quantizer,
                per_unit: (across, down),
                subsampling: if is_half { (1, 1) } else { subsampling },
                units,
                own: (
                    header.edges.width.div_ceil(8 * subsampling.0),
                    header.edges.height.div_ceil(8 * subsampling.1),
                ),
                stride,
                dc: vec![0; count],
                dc_low: None,
                pixels,
                ac: vec![0; count * (pixels * pixels - 1)],
                bands: Vec::new(),
            })
        });
        blocks.collect()
    }

    /// Records the first scan of a band of AC coefficients. Returns `None` for a repeated band, and
    /// for one before the DC coefficients.
    pub(super) fn note(&mut self, scan: &Scan) -> Option<()> {
        let overlaps = self
            .bands
            .iter()
            .any(|&(first, last, _)| first <= scan.last && scan.first <= last);
        if overlaps || self.dc_low.is_none() {
            return None;
        }
        self.bands.push((scan.first, scan.last, scan.low));
        Some(())
    }

    /// Returns the number of AC coefficients that are kept of a block.
    pub(super) fn ac_per_block(&self) -> usize {
        self.pixels * self.pixels - 1
    }

    /// Maps a zigzag index to the index among the coefficients that are kept.
    pub(super) fn kept(&self) -> &'static [Option<usize>] {
        match self.pixels {
            1 => &[],
            2 => &KEPT_OF_4,
            _ => &KEPT_OF_16,
        }
    }

    /// Returns the zigzag index of the last coefficient that counts.
    pub(super) fn last_coefficient(&self) -> u8 {
        match self.pixels {
            1 => 0,
            2 => 4,
            _ => 24,
        }
    }

    /// Whether the DC coefficients are present, and the AC coefficients of the lowest frequencies
    /// lack few enough bits.
    pub(super) fn is_good_enough(&self, quantizer: &Quantizer) -> bool {
        let keeps_enough = |at: u8| {
            self.bands
                .iter()
                .filter(|(first, last, _)| (*first..=*last).contains(&at))
                .all(|(_, _, low)| ((1 << low) - 1) * quantizer[usize::from(at)] <= MAX_LOSS)
        };
        self.dc_low.is_some() && (self.ac.is_empty() || [1, 2, 4].into_iter().all(keeps_enough))
    }
}
