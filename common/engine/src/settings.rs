//! The recipe from the variables of a function.

use std::time::Duration;

use common::config::Settings;

use crate::{Limits, Recipe, VariantSet, VariantSpec, parse_quality};

impl Recipe {
    /// Reads a recipe from a function's variables. `None` means a recorded problem.
    pub fn from_settings<F>(settings: &mut Settings<F>) -> Option<Self>
    where
        F: Fn(&str) -> Option<String>,
    {
        let variants = variants(settings);
        let limits = Limits {
            max_image_bytes: settings.number("HIKIDASHI_MAX_IMAGE_BYTES"),
            max_image_pixels: settings.number("HIKIDASHI_MAX_IMAGE_PIXELS"),
            max_image_edge: settings.number("HIKIDASHI_MAX_IMAGE_EDGE"),
            max_image_frames: settings.number("HIKIDASHI_MAX_IMAGE_FRAMES"),
            max_decoded_bytes: settings.number("HIKIDASHI_MAX_DECODED_BYTES"),
            image_deadline: Duration::from_secs(settings.number("HIKIDASHI_IMAGE_DEADLINE_SECS")),
        };
        let keep_location = settings.parsed("HIKIDASHI_KEEP_LOCATION", str::parse);
        let accept_heic = settings.switch("HIKIDASHI_ACCEPT_HEIC");
        let (variants, jpeg_quality) = variants?;
        Some(Self {
            variants,
            jpeg_quality,
            accept_heic,
            limits,
            keep_location: keep_location?,
        })
    }
}

impl VariantSet {
    /// Reads the set that [`Recipe::from_settings`] makes of the same variables. `None` means a
    /// recorded problem.
    pub fn from_settings<F>(settings: &mut Settings<F>) -> Option<Self>
    where
        F: Fn(&str) -> Option<String>,
    {
        let (variants, jpeg_quality) = variants(settings)?;
        Some(Self::new(&variants, jpeg_quality))
    }
}

fn variants<F>(settings: &mut Settings<F>) -> Option<(Vec<VariantSpec>, u8)>
where
    F: Fn(&str) -> Option<String>,
{
    let variants = settings.parsed("HIKIDASHI_VARIANTS", VariantSpec::parse_list);
    let jpeg_quality = settings.parsed("HIKIDASHI_JPEG_QUALITY", parse_quality);
    Some((variants?, jpeg_quality?))
}
