//! The planes of an image at reduced scale, onto which its tiles are painted one by one.

use media::failure::Failure;

use crate::{
    decode::heif::{
        container::corrupt,
        frame::{Frame, Plane, Sample, SampleFormat, Samples},
        transform::Region,
    },
    dimensions::Dimensions,
    planes::{ChromaScale, Subsampling},
};

/// Planes of the part of an image that is shown.
pub(super) struct Canvas<S> {
    pub(super) edges: Dimensions,
    pub(super) planes: Vec<PlaneCanvas<S>>,
    format: SampleFormat,
}

/// A plane. Each sample is the mean of a block of the image's samples.
pub(super) struct PlaneCanvas<S> {
    /// Dimensions with padding.
    pub(super) padded: Dimensions,
    pub(super) samples: Vec<S>,
    /// Columns and rows of a block.
    block: Subsampling,
    /// The part that is shown, in samples of the image.
    region: Region,
    depth: u8,
}

/// A sample of a canvas.
pub(super) trait Stored: Sample + Default {
    /// Bits of a sample that are left out.
    fn dropped_bits(depth: u8) -> u32;

    fn saturated(mean: u32) -> Self;
}

/// Eight bits, for everything that is shown as it is.
impl Stored for u8 {
    fn dropped_bits(depth: u8) -> u32 {
        u32::from(depth.saturating_sub(8))
    }

    fn saturated(mean: u32) -> Self {
        Self::try_from(mean).unwrap_or(Self::MAX)
    }
}

/// All bits, for what is mapped to less contrast.
impl Stored for u16 {
    fn dropped_bits(_: u8) -> u32 {
        0
    }

    fn saturated(mean: u32) -> Self {
        Self::try_from(mean).unwrap_or(Self::MAX)
    }
}

impl<S: Stored> Canvas<S> {
    /// Creates a canvas for a part of an image, at 1/`scale` of its size.
    pub(super) fn new(crop: Region, scale: u32, format: SampleFormat, chroma: ChromaScale) -> Self {
        let Dimensions { width, height } = crop.edges;
        let edges = crop.edges.scaled(1, scale);
        let block = Subsampling {
            across: scale,
            down: scale,
        };
        let padding = match (format.chroma, chroma) {
            (Some(subsampling), ChromaScale::AsInImage) => subsampling,
            _ => Subsampling { across: 1, down: 1 },
        };
        let luma = PlaneCanvas::new(crop, block, padding, format.depth);
        let mut planes = vec![luma];
        if let Some(Subsampling { across, down }) = format.chroma {
            let region = Region {
                left: crop.left / across,
                top: crop.top / down,
                edges: Dimensions {
                    width: width.div_ceil(across),
                    height: height.div_ceil(down),
                },
            };
            let block = match chroma {
                ChromaScale::AsInImage => block,
                ChromaScale::Largest => Subsampling {
                    across: (scale / across).max(1),
                    down: (scale / down).max(1),
                },
            };
            let whole = Subsampling { across: 1, down: 1 };
            planes.extend([0, 1].map(|_| PlaneCanvas::new(region, block, whole, format.depth)));
        }
        Self {
            edges,
            planes,
            format,
        }
    }

    /// Paints a tile whose upper left corner is at this position of the image.
    pub(super) fn paint(&mut self, frame: &Frame<'_>, left: u32, top: u32) -> Result<(), Failure> {
        if frame.format != self.format {
            return Err(corrupt("its tiles differ in their kind of samples"));
        }
        let planes = self.planes.iter_mut().zip(&frame.planes);
        for (index, (canvas, plane)) in planes.enumerate() {
            let Subsampling { across, down } = match self.format.chroma {
                Some(subsampling) if index > 0 => subsampling,
                _ => Subsampling { across: 1, down: 1 },
            };
            canvas.paint(plane, left / across, top / down);
        }
        Ok(())
    }
}

impl<S: Stored> PlaneCanvas<S> {
    fn new(region: Region, block: Subsampling, padding: Subsampling, depth: u8) -> Self {
        let padded = padding.padded(Dimensions {
            width: region.edges.width.div_ceil(block.across),
            height: region.edges.height.div_ceil(block.down),
        });
        Self {
            padded,
            samples: vec![S::default(); padded.width as usize * padded.height as usize],
            block,
            region,
            depth,
        }
    }

    fn paint(&mut self, plane: &Plane<'_>, left: u32, top: u32) {
        match plane.samples {
            Samples::Bytes(samples) => self.paint_samples(plane, samples, left, top),
            #[cfg(feature = "heic")]
            Samples::Words(samples) => self.paint_samples(plane, samples, left, top),
            Samples::WordBytes(samples) => self.paint_samples(plane, samples, left, top),
        }
    }

    fn paint_samples<T: Sample>(&mut self, plane: &Plane<'_>, samples: &[T], left: u32, top: u32) {
        let shown = self.region;
        let overlap = |start: u32, length: u32, at: u32, edge: u32| {
            let from = start.max(at);
            let to = start.saturating_add(length).min(at.saturating_add(edge));
            (from < to).then_some((from, to))
        };
        let Dimensions { width, height } = plane.edges;
        let (Some((from_x, to_x)), Some((from_y, to_y))) = (
            overlap(shown.left, shown.edges.width, left, width),
            overlap(shown.top, shown.edges.height, top, height),
        ) else {
            return;
        };
        let mut sums = vec![0; (to_x - from_x).div_ceil(self.block.across) as usize];
        let mut y = from_y;
        while y < to_y {
            let row = (y - shown.top) / self.block.down;
            let end = (shown.top + (row + 1) * self.block.down).min(to_y);
            sums.fill(0);
            for y in y..end {
                let start = (y - top) as usize * plane.stride;
                let columns = start + (from_x - left) as usize..start + (to_x - left) as usize;
                add(
                    &mut sums,
                    samples.get(columns).unwrap_or_default(),
                    self.block.across,
                );
            }
            let at = row as usize * self.padded.width as usize
                + ((from_x - shown.left) / self.block.across) as usize;
            let stored = self.samples.get_mut(at..).unwrap_or_default();
            let last = (to_x - from_x) % self.block.across;
            store(
                stored,
                &sums,
                end - y,
                (self.block.across, last),
                self.depth,
            );
            y = end;
        }
    }
}

/// Adds the samples of each block of a row to the block's sum.
fn add<T: Sample>(sums: &mut [u32], row: &[T], across: u32) {
    match across {
        1 => add_blocks::<T, 1>(sums, row),
        2 => add_blocks::<T, 2>(sums, row),
        4 => add_blocks::<T, 4>(sums, row),
        _ => add_blocks::<T, 8>(sums, row),
    }
}

fn add_blocks<T: Sample, const ACROSS: usize>(sums: &mut [u32], row: &[T]) {
    let (blocks, rest) = row.as_chunks::<ACROSS>();
    for (sum, block) in sums.iter_mut().zip(blocks) {
        *sum += block.iter().map(|sample| sample.value()).sum::<u32>();
    }
    if let Some(sum) = sums.get_mut(blocks.len()) {
        *sum += rest.iter().map(|sample| sample.value()).sum::<u32>();
    }
}

/// Stores the means of blocks with this number of rows. The last block may have fewer columns.
fn store<S: Stored>(
    stored: &mut [S],
    sums: &[u32],
    rows: u32,
    (columns, last_columns): (u32, u32),
    depth: u8,
) {
    let bits = S::dropped_bits(depth);
    let mean = |sum: u32, count: u32| {
        let parts = count << bits;
        S::saturated((sum + parts / 2) / parts)
    };
    let count = rows * columns;
    if count.is_power_of_two() {
        let shift = count.trailing_zeros() + bits;
        let half = (1 << shift) >> 1;
        for (stored, sum) in stored.iter_mut().zip(sums) {
            *stored = S::saturated((sum + half) >> shift);
        }
    } else {
        for (stored, sum) in stored.iter_mut().zip(sums) {
            *stored = mean(*sum, count);
        }
    }
    if last_columns > 0
        && let (Some(sum), Some(stored)) = (sums.last(), stored.get_mut(sums.len() - 1))
    {
        *stored = mean(*sum, rows * last_columns);
    }
}

impl<S: Stored> Canvas<S> {
    /// Visits the rows of Y, Cb and Cr. Chroma that has fewer samples than luma is interpolated,
    /// and chroma that is not there is neutral.
    pub(super) fn for_each_row(&self, mut visit: impl FnMut([&[S]; 3])) {
        let [luma, chroma @ ..] = &self.planes[..] else {
            return;
        };
        let width = self.edges.width as usize;
        let neutral = 1 << (u32::from(self.format.depth) - 1 - S::dropped_bits(self.format.depth));
        let mut rows = [0, 1].map(|_| vec![S::saturated(neutral); width]);
        let mut sums = Vec::new();
        let luma_rows = luma.samples.chunks_exact(luma.padded.width as usize);
        for (y, luma_row) in luma_rows.take(self.edges.height as usize).enumerate() {
            for (row, plane) in rows.iter_mut().zip(chroma) {
                plane.interpolate_row(y, self.edges, &mut sums, row);
            }
            let [blue, red] = &rows;
            visit([&luma_row[..width], blue, red]);
        }
    }
}

impl<S: Stored> PlaneCanvas<S> {
    /// Interpolates the row of chroma for a row of luma. Samples are in the middle of the pixels
    /// that share them.
    fn interpolate_row(&self, y: usize, luma: Dimensions, sums: &mut Vec<u32>, row: &mut [S]) {
        let row_length = self.padded.width as usize;
        let (near, far) = neighbours(y, self.padded.height as usize, luma.height as usize);
        let [near, far] =
            [near, far].map(|row| &self.samples[row * row_length..(row + 1) * row_length]);
        if self.padded.height == luma.height && row_length == row.len() {
            row.copy_from_slice(near);
            return;
        }
        sums.clear();
        let blended = near.iter().zip(far);
        sums.extend(blended.map(|(near, far)| 3 * near.value() + far.value()));
        let length = row.len();
        for (x, sample) in row.iter_mut().enumerate() {
            let (near, far) = neighbours(x, row_length, length);
            *sample = S::saturated((3 * sums[near] + sums[far] + 8) >> 4);
        }
    }
}

/// Returns the nearest sample of chroma, and the second nearest.
fn neighbours(at: usize, samples: usize, pixels: usize) -> (usize, usize) {
    if samples == pixels {
        return (at, at);
    }
    let near = (at / 2).min(samples - 1);
    let far = if at % 2 == 1 {
        (near + 1).min(samples - 1)
    } else {
        near.saturating_sub(1)
    };
    (near, far)
}
