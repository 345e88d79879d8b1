//! Images with an EXIF orientation.

use jpeg_encoder::{ColorType, Encoder};

use super::*;

/// Builds a TIFF block that contains only the orientation.
pub(super) fn exif(orientation: u8) -> Vec<u8> {
    [
        b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0",
        &[orientation][..],
        b"\0\0\0\0\0\0",
    ]
    .concat()
}

pub(super) fn jpeg_with_orientation(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 95);
    encoder.add_exif_metadata(&exif(orientation)).unwrap();
    let (width, height) = (
        u16::try_from(image.width()).unwrap(),
        u16::try_from(image.height()).unwrap(),
    );
    encoder
        .encode(image.as_raw(), width, height, ColorType::Rgb)
        .unwrap();
    bytes
}

/// Builds the stored image for each orientation, by the inverse transform.
fn stored(upright: RgbImage) -> [RgbImage; 8] {
    let upright = DynamicImage::ImageRgb8(upright);
    [
        upright.clone(),
        upright.fliph(),
        upright.rotate180(),
        upright.flipv(),
        upright.rotate90().fliph(),
        upright.rotate270(),
        upright.rotate90().flipv(),
        upright.rotate90(),
    ]
    .map(DynamicImage::into_rgb8)
}

#[test]
fn all_eight_orientations_come_out_upright() {
    for (orientation, stored) in (1..).zip(stored(quarters(128, 96))) {
        let image = made("a:64", &jpeg_with_orientation(&stored, orientation));
        assert_eq!(
            (image.width, image.height, image.orientation),
            (128, 96, orientation)
        );
        assert_eq!(sizes(&image), [("a", 64, 48)], "{orientation}");
        assert_quarters(&rgb(&image.variants[0]), &format!("{orientation}"));
        let (width, height, _) = thumbhash::thumb_hash_to_rgba(&image.thumbhash).unwrap();
        assert!(width > height, "thumbhash, {orientation}");
    }
}

#[test]
fn a_cover_is_cut_from_the_upright_image() {
    for (orientation, stored) in (1..).zip(stored(quarters(128, 96))) {
        let image = made("a:60x20", &jpeg_with_orientation(&stored, orientation));
        assert_eq!(sizes(&image), [("a", 60, 20)], "{orientation}");
        assert_quarters(&rgb(&image.variants[0]), &format!("{orientation}"));
    }
}

#[test]
fn a_png_has_its_orientation_before_or_after_its_pixels() {
    let in_file_orientation = stored(quarters(128, 96))[5].clone();
    let plain = encoded(in_file_orientation, ImageFormat::Png);
    let block = limits::png_chunk(*b"eXIf", &exif(6));
    // After the header, which is 25 bytes long, or before the end, which is 12.
    for at in [33, plain.len() - 12] {
        let bytes = [&plain[..at], &block, &plain[at..]].concat();
        let image = made("a:64", &bytes);
        assert_eq!((image.width, image.height), (128, 96));
        assert_quarters(&rgb(&image.variants[0]), &format!("at {at}"));
    }
}

#[test]
fn a_broken_exif_block_does_not_fail_the_image() {
    let image = made("a:64", &jpeg_with_orientation(&quarters(128, 96), 99));
    assert_eq!((image.width, image.orientation), (128, 1));
}
