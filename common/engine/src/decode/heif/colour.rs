//! From planes to the colours that other programs show.

use media::failure::Failure;
use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, MatrixCoefficients, TransferCharacteristics,
};

use crate::{
    decode::heif::{canvas::Canvas, container::unsupported, frame::Cicp},
    raster::{Layout, Raster},
};

/// Transfer characteristics of HDR (ITU-R BT.2100).
const PQ: u16 = 16;
const HLG: u16 = 18;

impl Cicp {
    pub(super) fn is_hdr(self) -> bool {
        matches!(self.transfer, PQ | HLG)
    }

    /// Whether the primaries are stated, and not left open.
    pub(super) fn states_primaries(self) -> bool {
        self.primaries != 2
    }

    pub(super) fn is_pq(self) -> bool {
        self.transfer == PQ
    }

    /// Whether planes have the matrix of JFIF. A matrix that isn't stated is that one, as in
    /// libheif.
    pub(super) fn has_jfif_matrix(self) -> bool {
        matches!(self.matrix, 2 | 5 | 6)
    }

    /// Returns an ICC profile of the colours; `None` for sRGB.
    ///
    /// The primaries of standard television and the transfer characteristics of cameras count as
    /// those of sRGB, as other programs take them.
    pub(super) fn profile(self) -> Option<Vec<u8>> {
        let is_srgb = matches!(self.primaries, 0..=3 | 5..=7)
            && matches!(self.transfer, 0..=3 | 6 | 7 | 13..=15);
        if is_srgb || self.is_hdr() {
            return None;
        }
        let transfer = match self.transfer {
            0..=3 | 6 | 7 | 13..=15 => TransferCharacteristics::Srgb,
            other => TransferCharacteristics::try_from(u8::try_from(other).ok()?).ok()?,
        };
        let primaries = match self.primaries {
            0..=3 | 5..=7 => CicpColorPrimaries::Bt709,
            other => CicpColorPrimaries::try_from(u8::try_from(other).ok()?).ok()?,
        };
        ColorProfile::new_from_cicp(CicpProfile {
            color_primaries: primaries,
            transfer_characteristics: transfer,
            matrix_coefficients: MatrixCoefficients::Identity,
            full_range: true,
        })
        .encode()
        .ok()
    }
}

/// Conversion of YCbCr to RGB: offsets, which are subtracted, and the rows of a matrix. All samples
/// are between 0 and 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matrix {
    pub(super) offsets: [f32; 3],
    pub(super) rows: [[f32; 3]; 3],
}

impl Matrix {
    /// Creates the conversion of samples of this depth (ITU-T H.273, 8.3).
    pub(super) fn new(cicp: Cicp, depth: u8) -> Result<Self, Failure> {
        let bits = f32::from(depth);
        let maximum = bits.exp2() - 1.0;
        let step = (bits - 8.0).exp2();
        let (black, luma, chroma) = if cicp.is_full_range {
            (0.0, 1.0, 1.0)
        } else {
            (
                16.0 * step / maximum,
                maximum / (219.0 * step),
                maximum / (224.0 * step),
            )
        };
        let neutral = 128.0 * step / maximum;
        let (red, blue) = match cicp.matrix {
            // Planes of green, blue and red.
            0 => {
                return Ok(Self {
                    offsets: [black; 3],
                    rows: [[0.0, 0.0, luma], [luma, 0.0, 0.0], [0.0, luma, 0.0]],
                });
            }
            8 => {
                return Ok(Self {
                    offsets: [black, neutral, neutral],
                    rows: [
                        [luma, -chroma, chroma],
                        [luma, chroma, 0.0],
                        [luma, -chroma, -chroma],
                    ],
                });
            }
            1 => (0.2126, 0.0722),
            4 => (0.3, 0.11),
            2 | 3 | 5 | 6 => (0.299, 0.114),
            7 => (0.212, 0.087),
            // Constant luminance differs little.
            9 | 10 => (0.2627, 0.0593),
            // Derived from the primaries.
            12 | 13 => match cicp.primaries {
                9 => (0.2627, 0.0593),
                11 | 12 => (0.228_97, 0.079_29),
                _ => (0.2126, 0.0722),
            },
            other => return Err(unsupported(&format!("matrix coefficients {other}"))),
        };
        let green: f32 = 1.0 - red - blue;
        Ok(Self {
            offsets: [black, neutral, neutral],
            rows: [
                [luma, 0.0, 2.0 * (1.0 - red) * chroma],
                [
                    luma,
                    -2.0 * blue * (1.0 - blue) / green * chroma,
                    -2.0 * red * (1.0 - red) / green * chroma,
                ],
                [luma, 2.0 * (1.0 - blue) * chroma, 0.0],
            ],
        })
    }

    /// Returns the matrix in fixed point with 16 fractional bits, and the offsets in whole samples.
    fn fixed(self) -> ([i32; 3], [[i32; 3]; 3]) {
        let sample = |offset: f32| rounded(offset * 255.0);
        let coefficient = |number: f32| rounded(number * 65_536.0);
        (
            self.offsets.map(sample),
            self.rows.map(|row| row.map(coefficient)),
        )
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "offsets and coefficients are small"
)]
fn rounded(number: f32) -> i32 {
    number.round() as i32
}

/// Converts to RGB.
pub(super) fn to_rgb(canvas: &Canvas<u8>, cicp: Cicp) -> Result<Raster, Failure> {
    let (offsets, rows) = Matrix::new(cicp, 8)?.fixed();
    let width = canvas.edges.width as usize;
    let mut samples = vec![0; width * canvas.edges.height as usize * 3];
    let mut converted = samples.chunks_exact_mut(width * 3);
    canvas.for_each_row(|[luma, blue, red]| {
        let (pixels, _) = converted.next().unwrap_or_default().as_chunks_mut::<3>();
        for (((pixel, luma), blue), red) in pixels.iter_mut().zip(luma).zip(blue).zip(red) {
            let ycbcr = [
                i32::from(*luma) - offsets[0],
                i32::from(*blue) - offsets[1],
                i32::from(*red) - offsets[2],
            ];
            for (channel, row) in pixel.iter_mut().zip(&rows) {
                let sum = row[0] * ycbcr[0] + row[1] * ycbcr[1] + row[2] * ycbcr[2];
                *channel = clamped((sum + (1 << 15)) >> 16);
            }
        }
    });
    Raster::new(canvas.edges, Layout::Rgb, samples)
}

/// Converts luma alone.
pub(super) fn to_grey(canvas: Canvas<u8>, cicp: Cicp) -> Result<Raster, Failure> {
    let edges = canvas.edges;
    let mut samples = canvas
        .planes
        .into_iter()
        .next()
        .map_or(Vec::new(), |luma| luma.samples);
    if !cicp.is_full_range {
        let table = levels(16, 219, 0);
        for sample in &mut samples {
            *sample = table[usize::from(*sample)];
        }
    }
    Raster::new(edges, Layout::Grey, samples)
}

/// Returns the samples of the planes, one after the other, in full range.
pub(super) fn to_planes(canvas: Canvas<u8>, cicp: Cicp) -> Vec<u8> {
    let mut samples = Vec::new();
    for (index, plane) in canvas.planes.into_iter().enumerate() {
        let start = samples.len();
        if samples.is_empty() {
            samples = plane.samples;
        } else {
            samples.extend(plane.samples);
        }
        if !cicp.is_full_range {
            let table = if index == 0 {
                levels(16, 219, 0)
            } else {
                levels(128, 224, 128)
            };
            for sample in &mut samples[start..] {
                *sample = table[usize::from(*sample)];
            }
        }
    }
    samples
}

/// Returns the table from limited to full range: `from` becomes `to`, and `range` steps become 255.
fn levels(from: i32, range: i32, to: i32) -> [u8; 256] {
    let mut table = [0; 256];
    for (level, sample) in (0_i32..).zip(&mut table) {
        let scaled = (2 * (level - from) * 255 + range).div_euclid(2 * range);
        *sample = clamped(scaled + to);
    }
    table
}

fn clamped(sample: i32) -> u8 {
    u8::try_from(sample.clamp(0, 255)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cicp(matrix: u16, is_full_range: bool) -> Cicp {
        Cicp {
            primaries: 1,
            transfer: 13,
            matrix,
            is_full_range,
        }
    }

    fn rgb(matrix: u16, is_full_range: bool, ycbcr: [u8; 3]) -> [i32; 3] {
        let (offsets, rows) = Matrix::new(cicp(matrix, is_full_range), 8).unwrap().fixed();
        rows.map(|row| {
            let products = (0..3).map(|at| row[at] * (i32::from(ycbcr[at]) - offsets[at]));
            (products.sum::<i32>() + (1 << 15)) >> 16
        })
    }

    #[test]
    fn the_matrices_of_the_standards_are_applied() {
        for (matrix, is_full_range, ycbcr, expected) in [
            (6, true, [76, 85, 255], [254, 0, 0]),
            (6, false, [81, 90, 240], [254, 0, 0]),
            (1, false, [63, 102, 240], [255, 1, 0]),
            (1, true, [54, 99, 255], [254, 0, 0]),
            (9, false, [74, 97, 240], [255, 0, 1]),
            (6, false, [235, 128, 128], [255, 255, 255]),
            (6, false, [16, 128, 128], [0, 0, 0]),
            (0, true, [10, 20, 30], [30, 10, 20]),
            (8, true, [100, 128, 178], [150, 100, 50]),
        ] {
            let found = rgb(matrix, is_full_range, ycbcr);
            let is_near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= 1);
            assert!(is_near, "{matrix} {is_full_range} {ycbcr:?}: {found:?}");
        }
        Matrix::new(cicp(14, true), 8).unwrap_err();
    }

    #[test]
    fn limited_range_becomes_full_range() {
        let luma = levels(16, 219, 0);
        assert_eq!([luma[0], luma[16], luma[235], luma[255]], [0, 0, 255, 255]);
        let chroma = levels(128, 224, 128);
        assert_eq!([chroma[16], chroma[128], chroma[240]], [1, 128, 255]);
    }

    #[test]
    fn only_other_colours_than_those_of_srgb_have_a_profile() {
        for transfer in [1, 2, 6, 13, 14, 15, PQ, HLG] {
            let cicp = Cicp {
                transfer,
                ..cicp(1, true)
            };
            assert!(cicp.profile().is_none(), "{transfer}");
        }
        for (primaries, transfer) in [(9, 1), (12, 13), (1, 8), (1, 4)] {
            let cicp = Cicp {
                primaries,
                transfer,
                ..cicp(1, true)
            };
            let profile = cicp.profile().unwrap();
            ColorProfile::new_from_slice(&profile).unwrap();
        }
    }
}
