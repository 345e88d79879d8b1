//! What is kept of the blocks of a component.

use super::{Scale, scan::Scan};
use crate::decode::jpeg::header::Header;

/// More than this many grey levels must not be missing of a coefficient, at the most.
const MAX_LOSS: i32 = 24;

/// The blocks of a component, row by row.
pub(super) struct Blocks {
    /// As scans name it.
    pub(super) id: u8,
    /// The number of its quantization table.
    pub(super) quantizer: u8,
    /// How many blocks a unit of all components has of this one.
    pub(super) per_unit: (u32, u32),
    /// How many pixels of the picture a sample stands for.
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
    /// Coefficients 1, 2 and 4, doubled: so the middle of what they could be has a number. Empty at 1/8.
    pub(super) details: Vec<[i16; 3]>,
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
            Some(Self {
                id: component.id,
                quantizer: component.quantizer,
                per_unit: (across, down),
                subsampling,
                units,
                own: (
                    header.edges.width.div_ceil(8 * subsampling.0),
                    header.edges.height.div_ceil(8 * subsampling.1),
                ),
                stride,
                means: vec![0; count],
                means_low: None,
                details: match scale {
                    Scale::Eighth => Vec::new(),
                    Scale::Quarter => vec![[0; 3]; count],
                },
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

    /// Whether the means are there, and little enough is missing of the details.
    pub(super) fn is_good_enough(&self, quantizer: &[i32; 5]) -> bool {
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
