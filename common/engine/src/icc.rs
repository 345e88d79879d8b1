//! Conversion of colours from an ICC profile to sRGB. A file without a profile counts as sRGB.

use moxcms::{
    ColorProfile, DataColorSpace, Layout as Samples, Transform8BitExecutor, TransformOptions,
};
use std::sync::Arc;

use media::failure::Failure;

use crate::raster::{Layout, Raster, map};

/// Conversion from the original's colours to sRGB.
pub(crate) struct Conversion {
    transform: Arc<Transform8BitExecutor>,
    from: DataColorSpace,
}

impl Conversion {
    /// Creates the conversion. Returns `None` if there is nothing to convert: for sRGB itself,
    /// under any name, and for a broken or CMYK profile, without which the image is still usable.
    pub(crate) fn to_srgb(profile: &[u8], layout: Layout) -> Option<Self> {
        let profile = ColorProfile::new_from_slice(profile).ok()?;
        let from = profile.color_space;
        let samples = match (from, layout) {
            (DataColorSpace::Rgb, Layout::Rgb | Layout::Rgbx | Layout::Premultiplied) => {
                Samples::Rgb
            }
            (DataColorSpace::Gray, Layout::Grey) => Samples::Gray,
            _ => return None,
        };
        let transform = profile
            .create_transform_8bit(
                samples,
                &ColorProfile::new_srgb(),
                Samples::Rgb,
                TransformOptions::default(),
            )
            .ok()?;
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
