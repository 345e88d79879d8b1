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
fn a_png_is_turned_by_a_block_before_its_pixels() {
    let plain = encoded(quarters(128, 96), ImageFormat::Png);
    // After the header, which is 25 bytes long, or before the end, which is 12.
    let (early, late) = (33, plain.len() - 12);
    let prefixed = [&b"Exif\0\0"[..], &exif(6)].concat();
    for (at, block, turns) in [
        (early, exif(6), true),
        (late, exif(6), false),
        // The prefix is a JPEG's.
        (early, prefixed, false),
    ] {
        let block = limits::png_chunk(*b"eXIf", &block);
        let image = made("a:64", &[&plain[..at], &block, &plain[at..]].concat());
        assert_eq!(image.orientation == 6, turns, "at {at}");
        assert_eq!((image.width == 96), turns, "at {at}");
    }
}

#[test]
fn the_first_block_counts() {
    let none = b"MM\0*\0\0\0\x08\0\0\0\0\0\0".to_vec();
    let plain = encoded(quarters(128, 96), ImageFormat::Jpeg);
    let segment = |block: &[u8]| {
        let length = u16::try_from(block.len() + 8).unwrap().to_be_bytes();
        [b"\xFF\xE1", &length[..], b"Exif\0\0", block].concat()
    };
    for (blocks, expected) in [
        ([exif(6), none.clone()], 6),
        ([none.clone(), exif(6)], 1),
        ([exif(6), exif(3)], 6),
        ([b"junk".to_vec(), exif(6)], 1),
        // Nothing at all is no block.
        ([Vec::new(), exif(6)], 6),
    ] {
        let segments = blocks.each_ref().map(|block| segment(block)).concat();
        let file = [&plain[..2], &segments, &plain[2..]].concat();
        assert_eq!(made("a:64", &file).orientation, expected, "{blocks:?}");
    }
}

/// Writes the orientation as a value of another type; what does not fit follows the directory.
fn spelled(is_big_endian: bool, kind: u16, count: u32, value: &[u8]) -> Vec<u8> {
    let short = |number: u16| {
        if is_big_endian {
            number.to_be_bytes()
        } else {
            number.to_le_bytes()
        }
    };
    let long = |number: u32| {
        if is_big_endian {
            number.to_be_bytes()
        } else {
            number.to_le_bytes()
        }
    };
    let order: &[u8] = if is_big_endian { b"MM" } else { b"II" };
    let mut inline = value.to_vec();
    inline.resize(value.len().max(4), 0);
    let (field, behind) = if value.len() > 4 {
        (long(26).to_vec(), value)
    } else {
        (inline, &[][..])
    };
    [
        order,
        &short(42),
        &long(8),
        &short(1),
        &short(0x0112),
        &short(kind),
        &long(count),
        &field,
        &long(0),
        behind,
    ]
    .concat()
}

/// What at least two of Chromium, libvips and Pillow turn, is turned.
#[test]
fn an_orientation_counts_in_every_spelling_that_other_programs_read() {
    for is_big_endian in [false, true] {
        let short = |number: u16| {
            if is_big_endian {
                number.to_be_bytes()
            } else {
                number.to_le_bytes()
            }
        };
        let long = |number: u16| {
            if is_big_endian {
                [[0; 2], short(number)].concat()
            } else {
                [short(number), [0; 2]].concat()
            }
        };
        let fraction = |above, below| [long(above), long(below)].concat();
        for (kind, count, value, expected) in [
            (3, 1, short(6).to_vec(), 6),
            (3, 2, [short(6), short(1)].concat(), 6),
            (3, 3, [short(6), short(6), short(6)].concat(), 6),
            (4, 1, long(6), 6),
            (5, 1, fraction(6, 1), 6),
            (6, 1, vec![6], 6),
            (8, 1, short(6).to_vec(), 6),
            (9, 1, long(6), 6),
            // Not by two of three.
            (0, 1, short(6).to_vec(), 1),
            (1, 1, vec![6], 1),
            (2, 2, b"6\0".to_vec(), 1),
            (5, 1, fraction(6, 0), 1),
            (7, 1, vec![6], 1),
            (13, 1, long(6), 1),
            (99, 1, long(6), 1),
            // No orientations.
            (3, 0, short(6).to_vec(), 1),
            (3, 1, short(0).to_vec(), 1),
            (3, 1, short(9).to_vec(), 1),
            (3, 1, short(0x106).to_vec(), 1),
        ] {
            let block = spelled(is_big_endian, kind, count, &value);
            let what = format!("type {kind}, {count} of {value:?}, {is_big_endian}");
            assert_eq!(
                crate::orientation::of_tiff(&block).to_exif(),
                expected,
                "{what}"
            );
            // A block may end anywhere.
            for length in 0..block.len() {
                let _ = crate::orientation::of_tiff(&block[..length]);
            }
        }
    }
}

#[test]
fn a_broken_exif_block_does_not_fail_the_image() {
    let image = made("a:64", &jpeg_with_orientation(&quarters(128, 96), 99));
    assert_eq!((image.width, image.orientation), (128, 1));
}
