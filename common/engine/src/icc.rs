//! Conversion of colours from an ICC profile to sRGB. A file without a profile counts as sRGB.

use moxcms::{
    ColorProfile, DataColorSpace, Layout as Samples, ToneReprCurve, Transform8BitExecutor,
    TransformOptions,
};
use std::sync::Arc;

use media::failure::Failure;

use crate::raster::{Layout, Raster, map};

/// Returns what each level of grey is in sRGB; `None` for a profile of other colours, or a broken
/// one.
pub(crate) fn grey_levels(profile: &[u8]) -> Option<[u8; 256]> {
    let conversion = Conversion::to_srgb(profile, Layout::Grey)?;
    let levels: Vec<u8> = (0..=u8::MAX).collect();
    let converted = conversion.convert(&levels, 1);
    map(&converted, |[_, green, _]| [green]).try_into().ok()
}

/// Converts inks to RGB by the profile of the press; `None` for a profile of other colours, or a
/// broken one. `inks` are four samples per pixel, 0 for none.
pub(crate) fn cmyk_to_rgb(profile: &[u8], inks: &[u8]) -> Option<Vec<u8>> {
    let profile = read(profile)?;
    if profile.color_space != DataColorSpace::Cmyk {
        return None;
    }
    let transform = transform(&profile, Samples::Rgba)?;
    let mut rgb = vec![0; inks.len() / 4 * 3];
    transform.transform(inks, &mut rgb).ok()?;
    Some(rgb)
}

fn read(profile: &[u8]) -> Option<ColorProfile> {
    let mut profile = ColorProfile::new_from_slice(profile).ok()?;
    let is_grey = profile.color_space == DataColorSpace::Gray;
    if is_grey && profile.pcs == DataColorSpace::Lab {
        let curve = lightness_to_luminance(profile.gray_trc.as_ref()?)?;
        profile.gray_trc = Some(curve);
        profile.pcs = DataColorSpace::Xyz;
    }
    Some(profile)
}

/// Returns the curve of a grey profile whose connection space is Lab as one for XYZ: the curve then
/// leads to the lightness L* instead of to the luminance Y (ICC.1:2022, 8.3.4).
fn lightness_to_luminance(curve: &ToneReprCurve) -> Option<ToneReprCurve> {
    let lightness = curve.make_linear_evaluator().ok()?;
    let luminance = (0..=1024_u16).map(|step| {
        let level = f32::from(step) / 1024.0;
        let root = (lightness.evaluate_value(level) * 100.0 + 16.0) / 116.0;
        let luminance = if root > 6.0 / 29.0 {
            root.powi(3)
        } else {
            (root - 4.0 / 29.0) * 3.0 * (6.0_f32 / 29.0).powi(2)
        };
        to_16_bits(luminance)
    });
    Some(ToneReprCurve::Lut(luminance.collect()))
}

/// Converts a number from 0 to 1 to 16 bits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped"
)]
pub(crate) fn to_16_bits(number: f32) -> u16 {
    (number.clamp(0.0, 1.0) * f32::from(u16::MAX)).round() as u16
}

fn transform(profile: &ColorProfile, samples: Samples) -> Option<Arc<Transform8BitExecutor>> {
    let options = TransformOptions {
        // The curves are what every other program follows.
        allow_use_cicp_transfer: false,
        ..TransformOptions::default()
    };
    profile
        .create_transform_8bit(samples, &ColorProfile::new_srgb(), Samples::Rgb, options)
        .ok()
}

/// Conversion from the original's colours to sRGB.
pub(crate) struct Conversion {
    transform: Arc<Transform8BitExecutor>,
    from: DataColorSpace,
}

impl Conversion {
    /// Creates the conversion. Returns `None` if there is nothing to convert: for sRGB itself,
    /// under any name, and for a broken profile or one of other colours, without which the image is
    /// still usable.
    pub(crate) fn to_srgb(profile: &[u8], layout: Layout) -> Option<Self> {
        let profile = read(profile)?;
        let from = profile.color_space;
        let samples = match (from, layout) {
            (DataColorSpace::Rgb, Layout::Rgb | Layout::Rgbx | Layout::Premultiplied) => {
                Samples::Rgb
            }
            (DataColorSpace::Gray, Layout::Grey) => Samples::Gray,
            _ => return None,
        };
        let transform = transform(&profile, samples)?;
        let conversion = Self { transform, from };
        (!conversion.changes_nothing()).then_some(conversion)
    }

    pub(crate) fn apply(&self, raster: &Raster) -> Result<Raster, Failure> {
        match (self.from, raster.layout()) {
            (DataColorSpace::Rgb, Layout::Rgb | Layout::Rgbx) => {
                let converted = self.convert(&raster.to_rgb(), 3);
                Raster::new(raster.edges(), Layout::Rgb, converted)
            }
            // ICC profiles apply to straight colours, not to premultiplied ones.
            (DataColorSpace::Rgb, Layout::Premultiplied) => {
                let mut rgba = raster.to_rgba()?;
                let straight = map(&rgba, |[red, green, blue, _]| [red, green, blue]);
                let converted = self.convert(&straight, 3);
                let (colours, _) = converted.as_chunks::<3>();
                let (pixels, _) = rgba.as_chunks_mut::<4>();
                for (pixel, colour) in pixels.iter_mut().zip(colours) {
                    pixel[..3].copy_from_slice(colour);
                }
                Raster::from_rgba(raster.edges(), rgba)
            }
            // Grey stays grey: the three converted channels are equal.
            (DataColorSpace::Gray, Layout::Grey) => {
                let converted = self.convert(raster.samples(), 1);
                let grey = map(&converted, |[_, green, _]| [green]);
                Raster::new(raster.edges(), Layout::Grey, grey)
            }
            _ => Ok(raster.clone()),
        }
    }

    fn convert(&self, samples: &[u8], samples_per_pixel: usize) -> Vec<u8> {
        let mut converted = vec![0; samples.len() / samples_per_pixel * 3];
        match self.transform.transform(samples, &mut converted) {
            Ok(()) => converted,
            // The transform rejects only mismatched lengths, and these match.
            Err(_) if samples_per_pixel == 3 => samples.to_vec(),
            Err(_) => map(samples, |[grey]| [grey; 3]),
        }
    }

    /// Whether the conversion changes no colour. Tests a few colours, because profiles of sRGB come
    /// in many encodings.
    fn changes_nothing(&self) -> bool {
        const LEVELS: [u8; 6] = [0, 32, 80, 128, 200, 255];
        let (probes, samples_per_pixel) = if self.from == DataColorSpace::Gray {
            (LEVELS.to_vec(), 1)
        } else {
            let of_green = |red: u8| LEVELS.map(move |green| (red, green));
            let probes = LEVELS
                .into_iter()
                .flat_map(of_green)
                .flat_map(|(red, green)| LEVELS.map(move |blue| [red, green, blue]));
            (probes.flatten().collect(), 3)
        };
        let converted = self.convert(&probes, samples_per_pixel);
        let (converted, _) = converted.as_chunks::<3>();
        probes
            .chunks_exact(samples_per_pixel)
            .zip(converted)
            .all(|(probe, converted)| {
                probe
                    .iter()
                    .zip(converted)
                    .all(|(before, after)| before.abs_diff(*after) <= 1)
            })
    }
}
