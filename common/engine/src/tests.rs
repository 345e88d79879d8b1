//! Tests of the engine on generated images.

mod animations;
mod colours;
mod damage;
pub(crate) mod exif_block;
mod facts;
mod formats;
mod gifs;
#[cfg(feature = "heic")]
mod heif;
mod jpeg_damage;
mod jpeg_processes;
mod jpeg_segments;
mod limits;
mod orientations;
mod png_chunks;
mod press_profiles;
mod sizes;
mod webp_containers;

use std::{io::Cursor, time::Duration};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, RgbaImage};
use media::failure::Failure;

use super::*;

const LIMITS: Limits = Limits {
    max_image_bytes: 1 << 24,
    max_image_pixels: 4_000_000,
    max_image_edge: 30_000,
    max_image_frames: 1_000,
    max_decoded_bytes: 1 << 24,
    image_deadline: Duration::from_mins(1),
};

fn recipe(variants: &str) -> Recipe {
    Recipe {
        variants: VariantSpec::parse_list(variants).unwrap(),
        jpeg_quality: 90,
        keep_location: KeepLocation::Off,
        accept_heic: true,
        limits: LIMITS,
    }
}

fn made(variants: &str, bytes: &[u8]) -> ProcessedImage {
    generate(&recipe(variants), bytes).unwrap()
}

fn failed(limits: Limits, bytes: &[u8]) -> Failure {
    let recipe = Recipe {
        limits,
        ..recipe("small:16,large:64")
    };
    generate(&recipe, bytes).unwrap_err()
}

/// Draws an image with a red left, a blue right and a dark upper half.
fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let light = if y < height / 2 { 120 } else { 255 };
        if x < width / 2 {
            Rgb([light, 0, 0])
        } else {
            Rgb([0, 0, light])
        }
    })
}

/// Asserts that a variant shows [`quarters`].
fn assert_quarters(variant: &RgbImage, what: &str) {
    let (width, height) = variant.dimensions();
    for (x, y, color) in [
        (1, 1, [120, 0, 0]),
        (3, 1, [0, 0, 120]),
        (1, 3, [255, 0, 0]),
        (3, 3, [0, 0, 255]),
    ] {
        let pixel = variant.get_pixel(width * x / 4, height * y / 4);
        assert!(is_near(pixel.0, color), "{what} at {x}/4, {y}/4: {pixel:?}");
    }
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn rgba(variant: &Variant) -> RgbaImage {
    image::load_from_memory(&variant.bytes)
        .unwrap()
        .into_rgba8()
}

fn rgb(variant: &Variant) -> RgbImage {
    image::load_from_memory(&variant.bytes).unwrap().into_rgb8()
}

fn is_near<const N: usize>(left: [u8; N], right: [u8; N]) -> bool {
    left.into_iter().zip(right).all(|(a, b)| a.abs_diff(b) < 24)
}

fn sizes(image: &ProcessedImage) -> Vec<(&str, u32, u32)> {
    image
        .variants
        .iter()
        .map(|variant| (variant.name.as_str(), variant.width, variant.height))
        .collect()
}
