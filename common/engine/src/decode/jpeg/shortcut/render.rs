//! Inverse transform of blocks to pixels.

use super::{
    Scale,
    blocks::{Blocks, Quantizer},
};
use crate::{
    dimensions::{Dimensions, SubpixelDimensions},
    planes::{Subsampling, YcbcrPlanes},
    raster::{Layout, Raster},
};

/// The samples of a component.
pub(super) struct Plane {
    /// Samples from one row to the next.
    stride: usize,
    samples: Vec<u8>,
    subsampling: (u32, u32),
}

/// Fractional bits of the constants below.
const PLACES: u32 = 12;

/// Contribution of a DC coefficient to a pixel: one eighth.
const OF_DC: i32 = 1 << (PLACES - 3);

/// Contribution of half an AC coefficient to the average of four pixels along one edge of the
/// block: the average of the cosine over them.
const OF_EDGE: i32 = 232;

/// Contribution of half the AC coefficient of both directions.
const OF_CORNER: i32 = 210;

/// Contributions for 4 × 4: of a coefficient of each frequency to the average of each pair of
/// pixels along one edge, with 10 fractional bits.
const OF_PAIRS: [[i32; 4]; 4] = [
    [362, 362, 362, 362],
    [464, 192, -192, -464],
    [334, -334, -334, 334],
    [163, -393, 393, -163],
];

/// Fractional bits that are dropped between the two passes of 4 × 4.
const DROPPED: u32 = 7;

/// Renders all samples of a component.
pub(super) fn plane(blocks: &Blocks, quantizer: &Quantizer) -> Plane {
    let pixels = blocks.pixels;
    let per_row = blocks.stride as usize;
    let stride = per_row * pixels;
    let mut samples = vec![0; blocks.dc.len() * pixels * pixels];
    // The middle of the range that the missing low bits of the DC coefficients leave.
    let middle = (1_i32 << blocks.dc_low.unwrap_or(0)) - 1;
    let doubled = |dc: i16| 2 * i32::from(dc) + middle;
    let rows = samples.chunks_exact_mut(pixels * stride);
    for (rows, (y, row_dc)) in rows.zip(blocks.dc.chunks_exact(per_row).enumerate()) {
        let per_block = blocks.ac_per_block();
        let ac = &blocks.ac[y * per_row * per_block..];
        match pixels {
            1 => {
                for (sample, &dc) in rows.iter_mut().zip(row_dc) {
                    *sample = to_sample(doubled(dc) * quantizer[0] * (OF_DC / 2), PLACES);
                }
            }
            2 => {
                let (upper, lower) = rows.split_at_mut(stride);
                let (upper, _) = upper.as_chunks_mut::<2>();
                let (lower, _) = lower.as_chunks_mut::<2>();
                let (ac, _) = ac.as_chunks::<3>();
                let out = upper.iter_mut().zip(lower);
                for ((&dc, ac), (upper, lower)) in row_dc.iter().zip(ac).zip(out) {
                    let dc = doubled(dc) * quantizer[0] * (OF_DC / 2);
                    (*upper, *lower) = two_by_two(dc, *ac, quantizer);
                }
            }
            _ => {
                let (ac, _) = ac.as_chunks::<15>();
                for (x, (&dc, ac)) in row_dc.iter().zip(ac).enumerate() {
                    let dc = doubled(dc) * quantizer[0];
                    for (y, row) in four_by_four(dc, ac, quantizer).iter().enumerate() {
                        rows[y * stride + 4 * x..][..4].copy_from_slice(row);
                    }
                }
            }
        }
    }
    Plane {
        stride,
        samples,
        subsampling: blocks.subsampling,
    }
}

fn two_by_two(dc: i32, [across, down, corner]: [i16; 3], of: &Quantizer) -> ([u8; 2], [u8; 2]) {
    let across = i32::from(across) * of[1] * OF_EDGE;
    let down = i32::from(down) * of[2] * OF_EDGE;
    let corner = i32::from(corner) * of[4] * OF_CORNER;
    let sample = |value| to_sample(value, PLACES);
    (
        [
            sample(dc + across + down + corner),
            sample(dc - across + down - corner),
        ],
        [
            sample(dc + across - down - corner),
            sample(dc - across - down + corner),
        ],
    )
}

fn four_by_four(dc: i32, ac: &[i16; 15], of: &Quantizer) -> [[u8; 4]; 4] {
    /// Zigzag indices, by row and column.
    const ORDER: [usize; 16] = [0, 1, 5, 6, 2, 4, 7, 13, 3, 8, 12, 17, 9, 11, 18, 24];
    let coefficient = |at: usize| match at {
        0 => dc,
        _ => i32::from(ac[at - 1]) * of[ORDER[at]],
    };
    // No eight-bit image has larger coefficients, and the sums below can hold these.
    let limited: [i32; 16] = std::array::from_fn(|at| coefficient(at).clamp(-0x7FFF, 0x7FFF));
    let across: [[i32; 4]; 4] = std::array::from_fn(|row| {
        std::array::from_fn(|x| {
            let sum: i32 = (0..4)
                .map(|at| OF_PAIRS[at][x] * limited[4 * row + at])
                .sum();
            sum >> DROPPED
        })
    });
    std::array::from_fn(|y| {
        std::array::from_fn(|x| {
            let sum: i32 = (0..4).map(|at| OF_PAIRS[at][y] * across[at][x]).sum();
            // 10 fractional bits of each of the two factors, and one of the doubled coefficients.
            to_sample(sum, 21 - DROPPED)
        })
    })
}

fn to_sample(value: i32, places: u32) -> u8 {
    let rounded = (value + (1 << (places - 1))) >> places;
    u8::try_from((rounded + 128).clamp(0, 255)).unwrap_or(u8::MAX)
}

/// Returns the dimensions of the scaled image, and the extent of the original in it.
fn scaled(original: Dimensions, scale: Scale) -> (Dimensions, SubpixelDimensions) {
    let (numerator, denominator) = (scale.pixels(), 8);
    (
        original.scaled(numerator, denominator),
        SubpixelDimensions::of_scaled(original, numerator, denominator),
    )
}

/// Assembles the image in planes of luma and of subsampled chroma.
pub(super) fn planar(planes: &[Plane], original: Dimensions, scale: Scale) -> Option<YcbcrPlanes> {
    let (edges, extent) = scaled(original, scale);
    let (across, down) = planes.get(1)?.subsampling;
    let subsampling = Subsampling { across, down };
    let shapes = YcbcrPlanes::shapes(edges, subsampling);
    let mut samples = Vec::new();
    for (plane, Dimensions { width, height }) in planes.iter().zip(shapes) {
        for row in plane
            .samples
            .chunks_exact(plane.stride)
            .take(height as usize)
        {
            samples.extend(row.get(..width as usize)?);
        }
    }
    YcbcrPlanes::decoded(edges, extent, subsampling, samples).ok()
}

/// Assembles the image: grey from one plane, RGB from three.
pub(super) fn raster(planes: &[Plane], original: Dimensions, scale: Scale) -> Option<Raster> {
    let (edges, extent) = scaled(original, scale);
    let (width, height) = (edges.width as usize, edges.height as usize);
    let (layout, channels) = match planes.len() {
        1 => (Layout::Grey, 1),
        3 => (Layout::Rgb, 3),
        _ => return None,
    };
    let mut samples = vec![0; width * height * channels];
    let mut rows: Vec<Row> = planes.iter().map(|_| Row::new(width)).collect();
    for (y, out) in samples.chunks_exact_mut(width * channels).enumerate() {
        for (row, plane) in rows.iter_mut().zip(planes) {
            row.fill(plane, original, scale, y);
        }
        match &rows[..] {
            [grey] => out.copy_from_slice(&grey.samples),
            [luma, blue, red] => {
                let (pixels, _) = out.as_chunks_mut::<3>();
                let colours = luma.samples.iter().zip(&blue.samples).zip(&red.samples);
                for (pixel, ((&luma, &blue), &red)) in pixels.iter_mut().zip(colours) {
                    *pixel = to_rgb(luma, blue, red);
                }
            }
            _ => return None,
        }
    }
    let raster = Raster::new(edges, layout, samples).ok()?;
    Some(raster.ending_at(extent))
}

/// A row of a plane, at the width of the image.
struct Row {
    samples: Vec<u8>,
    /// Samples interpolated between rows of the plane.
    mixed: Vec<u16>,
}

impl Row {
    fn new(width: usize) -> Self {
        Self {
            samples: vec![0; width],
            mixed: Vec::new(),
        }
    }

    /// Interpolates a row. Planes of half the resolution are upsampled with weights 3 : 1, as other
    /// decoders do.
    fn fill(&mut self, plane: &Plane, original: Dimensions, scale: Scale, y: usize) {
        let extent = |edge: u32, subsampling: u32| {
            (edge * scale.pixels()).div_ceil(8 * subsampling).max(1) as usize
        };
        let width = extent(original.width, plane.subsampling.0);
        let height = extent(original.height, plane.subsampling.1);
        let row = |at: usize| &plane.samples[at * plane.stride..][..width];
        if plane.subsampling == (1, 1) {
            self.samples.copy_from_slice(row(y));
            return;
        }
        self.mixed.clear();
        if plane.subsampling.1 == 1 {
            self.mixed
                .extend(row(y).iter().map(|&near| 4 * u16::from(near)));
        } else {
            let near = y / 2;
            let far = if y.is_multiple_of(2) {
                near.saturating_sub(1)
            } else {
                (near + 1).min(height - 1)
            };
            let pairs = row(near).iter().zip(row(far));
            self.mixed
                .extend(pairs.map(|(&near, &far)| 3 * u16::from(near) + u16::from(far)));
        }
        if plane.subsampling.0 == 1 {
            for (sample, &mixed) in self.samples.iter_mut().zip(&self.mixed) {
                *sample = ((mixed + 2) / 4).to_le_bytes()[0];
            }
            return;
        }
        let last = self.mixed.len() - 1;
        for (x, pair) in self.samples.chunks_mut(2).enumerate() {
            let near = 3 * self.mixed[x];
            let sides = [x.saturating_sub(1), (x + 1).min(last)];
            for (sample, side) in pair.iter_mut().zip(sides) {
                *sample = ((near + self.mixed[side] + 8) / 16).to_le_bytes()[0];
            }
        }
    }
}

/// Converts YCbCr to RGB, as JFIF defines it.
fn to_rgb(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let (luma, blue, red) = (i32::from(luma), i32::from(blue) - 128, i32::from(red) - 128);
    let mixed = [91_881 * red, -22_554 * blue - 46_802 * red, 116_130 * blue];
    mixed.map(|colour| {
        let channel = luma + ((colour + HALF) >> 16);
        u8::try_from(channel.clamp(0, 255)).unwrap_or(u8::MAX)
    })
}
