//! Reduction of an image while its rows are decoded, so that it is never in memory as a whole.

use image::metadata::Orientation;
use media::failure::Failure;

use crate::{
    Recipe,
    dimensions::{Dimensions, SubpixelDimensions},
    orientation::in_file_orientation,
    raster::{Layout, Raster, premultiply},
    resize::CropPlan,
};

/// Margin of a reduced image over the variants: the mean of a block is a poorer filter than the one
/// of the variants, which needs some pixels to work with.
const MARGIN: f64 = 2.0;

/// Pixels of an image that is kept as it is. Blocks would show as a pattern in what is dithered, as
/// small images often are, and their memory is no matter.
const WHOLE: u64 = 1 << 20;

/// Largest edge of a block. The sums of its rows have 16 bits.
const LARGEST_BLOCK: u32 = 64;

/// The rows of an image, reduced to the means of square blocks.
pub(super) struct Rows {
    original: Dimensions,
    /// Edge of a block.
    block: u32,
    layout: Layout,
    /// Sums of the columns of the block row that is under way, and their number of rows.
    sums: Vec<u16>,
    summed: u32,
    /// Whether all pixels so far are opaque.
    is_opaque: bool,
    samples: Vec<u8>,
}

impl Rows {
    /// Expects the rows of an image in this orientation, of which the variants of this recipe are
    /// made. Checks the memory for them and for what else the decoder needs.
    pub(super) fn new(
        original: Dimensions,
        orientation: Orientation,
        layout: Layout,
        recipe: &Recipe,
        beside: u64,
    ) -> Result<Self, Failure> {
        let block = block(original, orientation, recipe);
        let per_pixel = layout.samples() as u64;
        let Dimensions { width, height } = original.scaled(1, block);
        let row = u64::from(original.width) * per_pixel;
        let size = u64::from(width) * u64::from(height) * per_pixel;
        // The row, and the sums of its columns.
        recipe.limits.check_memory(size + 3 * row + beside)?;
        Ok(Self::of_blocks(original, layout, block))
    }

    fn of_blocks(original: Dimensions, layout: Layout, block: u32) -> Self {
        let per_row = |edges: Dimensions| edges.width as usize * layout.samples();
        let reduced = original.scaled(1, block);
        Self {
            original,
            block,
            layout,
            sums: vec![0; if block > 1 { per_row(original) } else { 0 }],
            summed: 0,
            is_opaque: true,
            samples: Vec::with_capacity(per_row(reduced) * reduced.height as usize),
        }
    }

    /// Takes the next row. Of an image with alpha, it is straight RGBA, and premultiplied here.
    pub(super) fn push(&mut self, row: &mut [u8]) -> Result<(), Failure> {
        if self.layout == Layout::Premultiplied {
            let edges = Dimensions {
                height: 1,
                ..self.original
            };
            self.is_opaque &= premultiply(edges, row)? == Layout::Rgbx;
        }
        if self.block == 1 {
            self.samples.extend_from_slice(row);
            return Ok(());
        }
        for (sum, sample) in self.sums.iter_mut().zip(row) {
            *sum += u16::from(*sample);
        }
        self.summed += 1;
        if self.summed == self.block {
            self.end_block_row();
        }
        Ok(())
    }

    fn end_block_row(&mut self) {
        match self.layout.samples() {
            1 => self.store_means::<1>(),
            3 => self.store_means::<3>(),
            _ => self.store_means::<4>(),
        }
        self.sums.fill(0);
        self.summed = 0;
    }

    fn store_means<const N: usize>(&mut self) {
        let (columns, _) = self.sums.as_chunks::<N>();
        for block in columns.chunks(self.block as usize) {
            let mut sum = [0_u32; N];
            for column in block {
                for (sum, part) in sum.iter_mut().zip(column) {
                    *sum += u32::from(*part);
                }
            }
            // The last block may have fewer columns.
            let count = u32::try_from(block.len()).unwrap_or(1) * self.summed;
            let means = sum.map(|sum| u8::try_from((sum + count / 2) / count).unwrap_or(u8::MAX));
            self.samples.extend_from_slice(&means);
        }
    }

    /// Returns the reduced image.
    pub(super) fn finish(mut self) -> Result<Raster, Failure> {
        if self.summed > 0 {
            self.end_block_row();
        }
        let layout = match self.layout {
            Layout::Premultiplied if self.is_opaque => Layout::Rgbx,
            layout => layout,
        };
        let edges = self.original.scaled(1, self.block);
        let extent = SubpixelDimensions::of_scaled(self.original, 1, self.block);
        Ok(Raster::new(edges, layout, self.samples)?.ending_at(extent))
    }
}

/// Returns the edge of the largest blocks that leave a margin for every variant.
fn block(original: Dimensions, orientation: Orientation, recipe: &Recipe) -> u32 {
    if u64::from(original.width) * u64::from(original.height) <= WHOLE {
        return 1;
    }
    (2..=LARGEST_BLOCK)
        .rev()
        .find(|block| {
            let whole_blocks = Dimensions {
                width: original.width / block,
                height: original.height / block,
            };
            recipe.variants.iter().all(|spec| {
                let size = in_file_orientation(spec.size, orientation);
                CropPlan::new(size, original).has_margin(whole_blocks, MARGIN)
            })
        })
        .unwrap_or(1)
}

#[cfg(test)]
mod tests;
