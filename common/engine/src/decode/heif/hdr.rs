//! Tone mapping of HDR (PQ and HLG, ITU-R BT.2100) to sRGB, as Chromium does on a screen without
//! HDR (`ui/gfx/color_transform.cc`).
//!
//! Diffuse white is at 203 cd/m² (ITU-R BT.2408). All of the range, up to the maximum that the file
//! states or to 1,000 cd/m², is compressed below it, by one factor for the three channels of
//! BT.2020, so that hues stay.

use media::failure::Failure;

use crate::{
    decode::heif::{canvas::Canvas, colour::Matrix, frame::Cicp},
    raster::{Layout, Raster},
    transfer::{HDR_PEAK, PQ_MAXIMUM, SDR_WHITE, hlg, pq},
};

/// Weights of the channels of BT.2020 in luminance.
const LUMINANCE: [f32; 3] = [0.2627, 0.6780, 0.0593];

type Matrix3 = [[f32; 3]; 3];

const SRGB_TO_BT2020: Matrix3 = [
    [0.627_404, 0.329_283, 0.043_313],
    [0.069_097, 0.919_540, 0.011_362],
    [0.016_391, 0.088_013, 0.895_595],
];
const P3_TO_BT2020: Matrix3 = [
    [0.753_833, 0.198_597, 0.047_570],
    [0.045_744, 0.941_777, 0.012_479],
    [-0.001_210, 0.017_602, 0.983_609],
];
const BT2020_TO_SRGB: Matrix3 = [
    [1.660_491, -0.587_641, -0.072_850],
    [-0.124_55, 1.132_9, -0.008_349],
    [-0.018_151, -0.100_579, 1.118_73],
];

/// Conversion of colours.
struct ToneMap {
    /// Light of a signal, from 0 to 1 in equal steps.
    light: Vec<f32>,
    to_bt2020: Option<Matrix3>,
    /// Whether luminance depends on the display, as in HLG.
    is_relative: bool,
    /// Light at the maximum, where diffuse white is 1.
    peak: f32,
    /// sRGB of light, from 0 to 1 in equal steps.
    srgb: Vec<u8>,
}

/// Steps of the table of light. Signals have at most 12 bits.
const SIGNALS: u16 = 4_095;

/// Steps of the table of sRGB: the darkest is 0.05 of a level.
const LIGHTS: u16 = u16::MAX;

impl ToneMap {
    fn new(cicp: Cicp, peak: Option<u32>) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "below 10,000")]
        let stated = peak.map_or(HDR_PEAK, |peak| peak.min(10_000) as f32);
        let signals = (0..=SIGNALS).map(|at| f32::from(at) / f32::from(SIGNALS));
        let (light, peak) = if cicp.is_pq() {
            let scale = PQ_MAXIMUM / SDR_WHITE;
            (signals.map(|signal| pq(signal) * scale).collect(), stated)
        } else {
            (signals.map(hlg).collect(), HDR_PEAK)
        };
        let lights = (0..=LIGHTS).map(|at| f32::from(at) / f32::from(LIGHTS));
        Self {
            light,
            to_bt2020: match cicp.primaries {
                11 | 12 => Some(P3_TO_BT2020),
                0..=3 | 5..=7 => Some(SRGB_TO_BT2020),
                _ => None,
            },
            is_relative: !cicp.is_pq(),
            peak: peak / SDR_WHITE,
            srgb: lights.map(srgb).collect(),
        }
    }

    /// Converts a signal, each channel from 0 to 1.
    fn convert(&self, signal: [f32; 3]) -> [u8; 3] {
        let mut light = signal.map(|channel| self.light[index(channel, SIGNALS)]);
        if let Some(matrix) = self.to_bt2020 {
            light = product(&matrix, light);
        }
        if self.is_relative {
            let luminance = dot(LUMINANCE, light);
            if luminance > 0.0 {
                let factor = luminance.powf(0.2) * HDR_PEAK / SDR_WHITE;
                light = light.map(|channel| channel * factor);
            }
        }
        let most = light.into_iter().fold(0.0, f32::max);
        if self.peak > 1.0 {
            let factor = (1.0 + most / (self.peak * self.peak)) / (1.0 + most);
            light = light.map(|channel| channel * factor);
        }
        product(&BT2020_TO_SRGB, light).map(|channel| self.srgb[index(channel, LIGHTS)])
    }
}

/// Converts to RGB in sRGB.
pub(super) fn to_rgb(
    canvas: &Canvas<u16>,
    cicp: Cicp,
    depth: u8,
    peak: Option<u32>,
) -> Result<Raster, Failure> {
    let matrix = Matrix::new(cicp, depth)?;
    let map = ToneMap::new(cicp, peak);
    let maximum = f32::from(depth).exp2() - 1.0;
    let width = canvas.edges.width as usize;
    let mut samples = vec![0; width * canvas.edges.height as usize * 3];
    let mut converted = samples.chunks_exact_mut(width * 3);
    canvas.for_each_row(|[luma, blue, red]| {
        let (pixels, _) = converted.next().unwrap_or_default().as_chunks_mut::<3>();
        for (((pixel, luma), blue), red) in pixels.iter_mut().zip(luma).zip(blue).zip(red) {
            let [luma, blue, red] = [luma, blue, red].map(|sample| f32::from(*sample) / maximum);
            let [black, neutral_blue, neutral_red] = matrix.offsets;
            let ycbcr = [luma - black, blue - neutral_blue, red - neutral_red];
            *pixel = map.convert(product(&matrix.rows, ycbcr));
        }
    });
    Raster::new(canvas.edges, Layout::Rgb, samples)
}

fn srgb(light: f32) -> u8 {
    let signal = if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    };
    u8::try_from(index(signal, 255)).unwrap_or(u8::MAX)
}

/// Returns the nearest of equal steps.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the number of steps"
)]
fn index(number: f32, steps: u16) -> usize {
    (number.clamp(0.0, 1.0) * f32::from(steps)).round() as usize
}

fn product(matrix: &Matrix3, vector: [f32; 3]) -> [f32; 3] {
    matrix.map(|row| dot(row, vector))
}

fn dot(row: [f32; 3], vector: [f32; 3]) -> f32 {
    row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(transfer: u16, peak: Option<u32>) -> ToneMap {
        let cicp = Cicp {
            primaries: 9,
            transfer,
            matrix: 9,
            is_full_range: true,
        };
        ToneMap::new(cicp, peak)
    }

    /// By Chromium's formula: diffuse white becomes (1 + 1 / p²) / 2 for a peak of p times white,
    /// which for 1,000 cd/m² is 0.521 of the light.
    #[test]
    fn white_and_the_peak_of_pq_are_where_chromium_has_them() {
        let pq = map(16, None);
        assert_eq!(pq.convert([0.0; 3]), [0; 3]);
        assert_eq!(pq.convert([0.581; 3]), [191; 3]);
        assert_eq!(pq.convert([0.7518; 3]), [255; 3]);
        assert_eq!(pq.convert([1.0; 3]), [255; 3]);
        // A file that is no brighter than white is not compressed.
        assert_eq!(map(16, Some(203)).convert([0.581; 3]), [255; 3]);
    }

    #[test]
    fn white_and_the_peak_of_hlg_are_where_chromium_has_them() {
        let hlg = map(18, None);
        assert_eq!(hlg.convert([0.0; 3]), [0; 3]);
        assert_eq!(hlg.convert([0.75; 3]), [191; 3]);
        assert_eq!(hlg.convert([1.0; 3]), [255; 3]);
    }

    #[test]
    fn brighter_signals_are_brighter_and_grey_stays_grey() {
        for transfer in [16, 18] {
            let map = map(transfer, None);
            let mut last = 0;
            for at in 0..=100_u8 {
                let [red, green, blue] = map.convert([f32::from(at) / 100.0; 3]);
                assert!(
                    red == green && green == blue && red >= last,
                    "{transfer} {at}"
                );
                last = red;
            }
        }
    }
}
