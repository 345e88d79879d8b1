//! What is kept of the blocks of a component.

use super::{Scale, scan_header::Scan};
use crate::decode::jpeg::header::Header;

/// Steps of the coefficients that can count, in the file's order.
pub(super) type Quantizer = [i32; 25];

/// What may be missing of a coefficient, at the most: a mean that is 8 larger makes a block lighter by one level.
const MAX_LOSS: i32 = 24;

/// By a coefficient's place in the file's order: its place among those that are kept of a block, row by row.
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

/// The blocks of a component, row by row.
pub(super) struct Blocks {
    /// As scans name it.
    pub(super) id: u8,
    /// The number of its quantization table.
    pub(super) quantizer: u8,
    /// How many blocks a unit of all components has of this one.
    pub(super) per_unit: (u32, u32),
    /// How many pixels of the scaled picture a sample stands for.
    pub(super) subsampling: (u32, u32),
    /// Units of all components.
    pub(super) units: (u32, u32),
    /// Blocks that a scan of this component alone has.
    pub(super) own: (u32, u32),
    /// Blocks to the next row.
    pub(super) stride: u32,
    /// The mean of each block.
    pub(super) means: Vec<i16>,
    /// Bits that the means lack; `None` before their first scan.
    pub(super) means_low: Option<u8>,
    /// Pixels along the edge of what becomes of a block: 1, 2 or 4.
    pub(super) pixels: usize,
    /// Of each block, the other coefficients that this many pixels can show, doubled: so the middle of what they could be
    /// has a number.
    pub(super) details: Vec<i16>,
    /// First, last and missing bits of each band of coefficients.
    bands: Vec<(u8, u8, u8)>,
}

impl Blocks {
    /// All components'.
    pub(super) fn of(header: &Header, scale: Scale) -> Option<Vec<Self>> {
        let widest = header
            .frame
            .iter()
            .map(|component| component.across)
            .max()?;
        let highest = header.frame.iter().map(|component| component.down).max()?;
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
            // As libjpeg does it: a block of a component that has half the picture's samples, both ways, loses half as much.
            let is_half = subsampling == (2, 2);
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
                means: vec![0; count],
                means_low: None,
                pixels,
                details: vec![0; count * (pixels * pixels - 1)],
                bands: Vec::new(),
            })
        });
        blocks.collect()
    }

    /// Takes note of a first pass over details. `None` where one comes twice, or before the means.
    pub(super) fn note(&mut self, scan: &Scan) -> Option<()> {
        let overlaps = self
            .bands
            .iter()
            .any(|&(first, last, _)| first <= scan.last && scan.first <= last);
        if overlaps || self.means_low.is_none() {
            return None;
        }
        self.bands.push((scan.first, scan.last, scan.low));
        Some(())
    }

    /// How many details are kept of a block.
    pub(super) fn details_per_block(&self) -> usize {
        self.pixels * self.pixels - 1
    }

    /// By a coefficient's place in the file's order: its place among those that are kept.
    pub(super) fn kept(&self) -> &'static [Option<usize>] {
        match self.pixels {
            1 => &[],
            2 => &KEPT_OF_4,
            _ => &KEPT_OF_16,
        }
    }

    /// The last coefficient that counts, in the file's order.
    pub(super) fn last_coefficient(&self) -> u8 {
        match self.pixels {
            1 => 0,
            2 => 4,
            _ => 24,
        }
    }

    /// Whether the means are there, and little enough is missing of the details of the lowest frequencies.
    pub(super) fn is_good_enough(&self, quantizer: &Quantizer) -> bool {
        let keeps_enough = |at: u8| {
            self.bands
                .iter()
                .filter(|(first, last, _)| (*first..=*last).contains(&at))
                .all(|(_, _, low)| ((1 << low) - 1) * quantizer[usize::from(at)] <= MAX_LOSS)
        };
        self.means_low.is_some()
            && (self.details.is_empty() || [1, 2, 4].into_iter().all(keeps_enough))
    }
}
