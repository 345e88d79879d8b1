//! Colour profiles.

use image::{ImageEncoder, Luma, codecs::png::PngEncoder};
use jpeg_encoder::{ColorType, Encoder};
use moxcms::ColorProfile;

use super::*;

/// A red of Display P3, and the same in sRGB: computed with the formulas of both standards.
const WIDE: [u8; 3] = [200, 50, 50];
const IN_SRGB: [u8; 3] = [217, 22, 39];

fn jpeg_with(profile: &[u8]) -> Vec<u8> {
    let image = RgbImage::from_pixel(64, 64, Rgb(WIDE));
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 95);
    encoder.add_icc_profile(profile).unwrap();
    encoder
        .encode(image.as_raw(), 64, 64, ColorType::Rgb)
        .unwrap();
    bytes
}

fn png_with(profile: &[u8], image: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(profile.to_vec()).unwrap();
    encoder
        .write_image(
            image.as_bytes(),
            image.width(),
            image.height(),
            image.color().into(),
        )
        .unwrap();
    bytes
}

fn is_close(left: [u8; 3], right: [u8; 3]) -> bool {
    left.into_iter().zip(right).all(|(a, b)| a.abs_diff(b) < 6)
}

#[test]
fn a_wide_gamut_image_is_not_washed_out() {
    let profile = ColorProfile::new_display_p3().encode().unwrap();
    let image = DynamicImage::ImageRgb8(RgbImage::from_pixel(64, 64, Rgb(WIDE)));
    let see_through = DynamicImage::ImageRgba8(RgbaImage::from_fn(64, 64, |x, _| {
        image::Rgba([WIDE[0], WIDE[1], WIDE[2], if x < 60 { 255 } else { 0 }])
    }));
    for bytes in [
        jpeg_with(&profile),
        png_with(&profile, &image),
        png_with(&profile, &see_through),
    ] {
        let image = made("a:64:png,b:16:png", &bytes);
        for variant in &image.variants {
            let pixel = *rgb(variant).get_pixel(4, 4);
            assert!(is_close(pixel.0, IN_SRGB), "{pixel:?}");
        }
        assert!(is_close(image.dominant_colour, IN_SRGB));
    }
}

#[test]
fn srgb_by_its_profile_is_left_alone() {
    let profile = ColorProfile::new_srgb().encode().unwrap();
    let image = DynamicImage::ImageRgb8(quarters(64, 64));
    let variant = &made("a:64:png", &png_with(&profile, &image)).variants[0];
    assert_eq!(rgb(variant), quarters(64, 64));
}

#[test]
fn a_grey_profile_is_followed_and_grey_stays_grey() {
    let profile = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let image = DynamicImage::ImageLuma8(image::GrayImage::from_pixel(64, 64, Luma([55])));
    let variant = &made("a:32:png", &png_with(&profile, &image)).variants[0];
    let variant = image::load_from_memory(&variant.bytes).unwrap();
    assert_eq!(variant.color(), image::ColorType::L8);
    // Linear light of 55/255 is 128 in sRGB.
    assert!(variant.into_luma8().get_pixel(4, 4).0[0].abs_diff(128) < 4);
}

#[test]
fn a_profile_that_is_broken_or_of_other_colours_is_ignored() {
    let grey = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    for profile in [b"no profile".to_vec(), grey] {
        let pixel = *rgb(&made("a:32:png", &jpeg_with(&profile)).variants[0]).get_pixel(4, 4);
        assert!(is_close(pixel.0, WIDE), "{pixel:?}");
    }
}
