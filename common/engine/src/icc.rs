//! Colours as the profile means them, in sRGB, which is what a file without a profile is taken for.

use moxcms::{
    ColorProfile, DataColorSpace, Layout as Samples, Transform8BitExecutor, TransformOptions,
};
use std::sync::Arc;

use media::failure::Failure;

use crate::raster::{Layout, Raster, map};

/// From the original's colours to sRGB.
pub(crate) struct Conversion {
    transform: Arc<Transform8BitExecutor>,
    from: DataColorSpace,
}

impl Conversion {
    /// `None` where there is nothing to do: for sRGB itself, by whatever name, and for a broken profile or one of inks,
    /// without which the picture is still a good one.
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
            // A profile speaks of straight colours.
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
            // Grey stays grey: its three channels come out the same.
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
            // It only refuses lengths that do not fit each other, and these do.
            Err(_) if samples_per_pixel == 3 => samples.to_vec(),
            Err(_) => map(samples, |[grey]| [grey; 3]),
        }
    }

    /// Tried on a few colours: profiles of sRGB come in many spellings.
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
