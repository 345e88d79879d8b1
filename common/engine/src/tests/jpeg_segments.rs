//! JPEGs with bytes that belong to no segment, which libjpeg skips.

use super::{orientations::exif, *};

/// Returns the offsets at which segments begin, up to the first scan.
fn segments(file: &[u8]) -> Vec<usize> {
    let mut offsets = vec![2];
    loop {
        let at = offsets[offsets.len() - 1];
        if file[at + 1] == 0xDA {
            return offsets;
        }
        let length = u16::from_be_bytes([file[at + 2], file[at + 3]]);
        offsets.push(at + 2 + usize::from(length));
    }
}

/// Encodes an image that has to be turned, baseline or progressive.
fn sources() -> [Vec<u8>; 2] {
    [false, true].map(|is_progressive| {
        let image = quarters(128, 96);
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
        encoder.set_progressive(is_progressive);
        encoder.add_exif_metadata(&exif(6)).unwrap();
        encoder
            .encode(image.as_raw(), 128, 96, jpeg_encoder::ColorType::Rgb)
            .unwrap();
        bytes
    })
}

#[test]
fn bytes_between_any_two_segments_are_skipped() {
    for source in sources() {
        let offsets = segments(&source);
        assert!(offsets.len() >= 5);
        for variants in ["a:96", "a:48", "a:12"] {
            let expected = made(variants, &source);
            // Directly behind the start, the first bytes would not be a JPEG's.
            for at in &offsets[1..] {
                for junk in [&b"\0"[..], b"junk", b"\xFF\x00x", b"\xFF\xFF\xFF"] {
                    let file = [&source[..*at], junk, &source[*at..]].concat();
                    let image = made(variants, &file);
                    assert_eq!(image.orientation, 6, "{at}: {junk:?}");
                    assert_eq!((image.width, image.height), (96, 128));
                    assert_eq!(
                        image.variants[0].bytes, expected.variants[0].bytes,
                        "{variants}, {at}: {junk:?}"
                    );
                }
            }
        }
    }
}

/// The rest of such a segment is what stands between it and the next.
#[test]
fn a_comment_whose_length_is_too_short_is_skipped() {
    for source in sources() {
        let expected = made("a:96", &source);
        for length in [0, 1, 2, 5, 9] {
            let mut comment = vec![0xFF, 0xFE, 0, length];
            comment.extend(b"a comment of some bytes");
            let file = [&source[..2], &comment, &source[2..]].concat();
            let image = made("a:96", &file);
            assert_eq!(
                image.variants[0].bytes, expected.variants[0].bytes,
                "{length}"
            );
        }
    }
}

/// An APP2 segment with a part of a profile.
fn icc(number: u8, of: u8, part: &[u8]) -> Vec<u8> {
    let length = u16::try_from(part.len() + 16).unwrap().to_be_bytes();
    [
        &b"\xFF\xE2"[..],
        &length,
        b"ICC_PROFILE\0",
        &[number, of],
        part,
    ]
    .concat()
}

#[test]
fn a_profile_that_lacks_a_part_is_ignored_and_one_that_is_doubled_is_not() {
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let (head, tail) = profile.split_at(200);
    for source in sources() {
        let with = |parts: &[Vec<u8>]| [&source[..2], &parts.concat(), &source[2..]].concat();
        for variants in ["a:96", "a:12"] {
            let plain = made(variants, &source);
            let converted = made(variants, &with(&[icc(1, 1, &profile)]));
            assert_ne!(converted.variants[0].bytes, plain.variants[0].bytes);
            for whole in [
                vec![icc(1, 2, head), icc(2, 2, tail)],
                vec![icc(2, 2, tail), icc(1, 2, head)],
                vec![icc(1, 1, &profile), icc(1, 1, &profile)],
                vec![icc(1, 2, head), icc(2, 2, tail), icc(2, 2, tail)],
            ] {
                let image = made(variants, &with(&whole));
                assert_eq!(image.variants[0].bytes, converted.variants[0].bytes);
            }
            for parts in [
                vec![icc(1, 2, head)],
                vec![icc(2, 2, tail)],
                vec![icc(1, 2, head), icc(2, 3, tail)],
                vec![icc(0, 1, &profile)],
                vec![icc(1, 0, &profile)],
                vec![icc(1, 1, b"")],
            ] {
                let image = made(variants, &with(&parts));
                assert_eq!(image.variants[0].bytes, plain.variants[0].bytes);
                assert_eq!(image.orientation, 6);
            }
        }
    }
}
