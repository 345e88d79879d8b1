//! Colours that a file states by code points (ITU-T H.273), as a PNG's cICP chunk does.

use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, MatrixCoefficients, ToneReprCurve,
    TransferCharacteristics,
};

use crate::{
    icc::to_16_bits,
    transfer::{HDR_PEAK, PQ_MAXIMUM, SDR_WHITE, hlg, pq},
};

/// Points of a transfer curve.
const POINTS: u16 = 4096;

/// Returns the ICC profile of RGB with these primaries and this transfer; `None` if either is
/// unknown or unspecified.
pub(crate) fn rgb_profile(primaries: u8, transfer: u8) -> Option<Vec<u8>> {
    let curve = ToneReprCurve::Lut(curve(transfer)?);
    let mut profile = ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).ok()?,
        // Any that is known: the curves are set below.
        transfer_characteristics: TransferCharacteristics::Srgb,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    // Primaries that are unknown leave the profile as it was.
    profile.red_trc.as_ref()?;
    profile.red_trc = Some(curve.clone());
    profile.green_trc = Some(curve.clone());
    profile.blue_trc = Some(curve);
    profile.cicp = None;
    profile.encode().ok()
}

/// Returns the ICC profile of grey with this transfer; `None` if it is unknown or unspecified.
pub(crate) fn grey_profile(transfer: u8) -> Option<Vec<u8>> {
    let mut profile = ColorProfile::new_gray_with_gamma(1.0);
    profile.gray_trc = Some(ToneReprCurve::Lut(curve(transfer)?));
    profile.encode().ok()
}

/// Returns the curve from samples to light, of which 1 is the white of an SDR screen.
fn curve(transfer: u8) -> Option<Vec<u16>> {
    let light: fn(f32) -> f32 = match transfer {
        // What is coded for television is made for screens with this gamma (ITU-R BT.1886).
        1 | 6 | 14 | 15 => |sample| sample.powf(2.4),
        4 => |sample| sample.powf(2.2),
        5 => |sample| sample.powf(2.8),
        7 => smpte_240m,
        8 => |sample| sample,
        13 => srgb,
        16 => |sample| tone_mapped(pq(sample) * PQ_MAXIMUM / SDR_WHITE),
        17 => |sample| sample.powf(2.6) * 52.37 / 48.0,
        18 => |sample| tone_mapped(HDR_PEAK * hlg(sample).powf(1.2) / SDR_WHITE),
        _ => return None,
    };
    let last = f32::from(POINTS - 1);
    let points = (0..POINTS).map(|point| to_16_bits(light(f32::from(point) / last)));
    Some(points.collect())
}

fn srgb(sample: f32) -> f32 {
    if sample <= 0.040_45 {
        sample / 12.92
    } else {
        ((sample + 0.055) / 1.055).powf(2.4)
    }
}

fn smpte_240m(sample: f32) -> f32 {
    if sample < 0.0913 {
        sample / 4.0
    } else {
        ((sample + 0.1115) / 1.1115).powf(1.0 / 0.45)
    }
}

/// Compresses HDR light, of which 1 is the white of an SDR image, into the range of an SDR screen.
///
/// This is the curve of Chromium (SMPTE ST 2094-50, the default for a file without metadata): white
/// becomes half of the screen's light, and what is brighter bends towards the rest, by a Bézier
/// curve.
fn tone_mapped(light: f32) -> f32 {
    const KNEE: (f32, f32) = (1.0, 0.5);
    const MIDDLE: (f32, f32) = (1.65, 0.825);
    const PEAK: (f32, f32) = (HDR_PEAK / SDR_WHITE, 1.0);
    if light <= KNEE.0 {
        return light * KNEE.1;
    }
    if light >= PEAK.0 {
        return PEAK.1;
    }
    // Solves for the place on the curve.
    let a = KNEE.0 - 2.0 * MIDDLE.0 + PEAK.0;
    let b = 2.0 * (MIDDLE.0 - KNEE.0);
    let place = ((b * b + 4.0 * a * (light - KNEE.0)).sqrt() - b) / (2.0 * a);
    let rest = 1.0 - place;
    rest * rest * KNEE.1 + 2.0 * place * rest * MIDDLE.1 + place * place * PEAK.1
}
