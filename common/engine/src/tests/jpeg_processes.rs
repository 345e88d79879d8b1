//! Headers of JPEGs: processes that are not supported, and oddities that other programs accept.

use turbojpeg::{Colorspace, Compressor, PixelFormat, Subsamp};

use super::*;

fn jpeg() -> Vec<u8> {
    encoded(quarters(128, 96), ImageFormat::Jpeg)
}

fn at_of(file: &[u8], marker: u8) -> usize {
    let place = file.windows(2).position(|pair| pair == [0xFF, marker]);
    place.unwrap()
}

#[test]
fn a_process_that_is_not_supported_is_named() {
    for (marker, name) in [
        (0xC3, "lossless JPEG"),
        (0xC5, "hierarchical JPEG"),
        (0xC7, "hierarchical JPEG"),
        (0xC9, "JPEG with arithmetic coding"),
        (0xCA, "JPEG with arithmetic coding"),
        (0xCB, "lossless JPEG with arithmetic coding"),
        (0xF7, "JPEG-LS"),
    ] {
        let mut file = jpeg();
        let frame = at_of(&file, 0xC0);
        file[frame + 1] = marker;
        let failure = failed(LIMITS, &file);
        assert_eq!(failure.code, "unsupported_format", "{marker:#x}");
        assert_eq!(failure.message, format!("{name} is not supported"));
    }
    let mut file = jpeg();
    let frame = at_of(&file, 0xC0);
    file[frame + 4] = 12;
    let failure = failed(LIMITS, &file);
    assert_eq!(failure.code, "unsupported_format");
    assert!(failure.message.contains("8 bits"), "{failure:?}");
}

#[test]
fn a_broken_header_is_corrupt() {
    let file = jpeg();
    let frame = at_of(&file, 0xC0);
    for (offset, value, what) in [
        (9, 2, "two components of three"),
        (9, 4, "four components of three"),
        (11, 0x01, "a factor of nothing"),
        (11, 0x51, "a factor of five"),
    ] {
        let mut broken = file.clone();
        broken[frame + offset] = value;
        assert_eq!(failed(LIMITS, &broken).code, "corrupt", "{what}");
    }
    let mut empty = file.clone();
    empty[frame + 5..frame + 9].fill(0);
    assert_eq!(failed(LIMITS, &empty).code, "corrupt");
    let scan = at_of(&file, 0xDA);
    let frame_segment = &file[frame..frame + 19];
    let twice = [&file[..scan], frame_segment, &file[scan..]].concat();
    assert_eq!(failed(LIMITS, &twice).code, "corrupt");
}

#[test]
fn versions_and_transforms_that_nobody_knows_do_no_harm() {
    let file = jpeg();
    let expected = made("a:96", &file);
    let jfif = at_of(&file, 0xE0);
    for major in [0, 2, 5, 0xFF] {
        let mut odd = file.clone();
        odd[jfif + 9] = major;
        let image = made("a:96", &odd);
        assert_eq!(
            image.variants[0].bytes, expected.variants[0].bytes,
            "JFIF {major}"
        );
    }
    let length = 2 + usize::from(u16::from_be_bytes([file[jfif + 2], file[jfif + 3]]));
    let without = [&file[..jfif], &file[jfif + length..]].concat();
    for transform in [1, 2, 3, 0xFF] {
        let adobe = [&b"\xFF\xEE\0\x0EAdobe\0\x64\0\0\0\0"[..], &[transform]].concat();
        let image = made("a:96", &[&without[..2], &adobe, &without[2..]].concat());
        assert_eq!(
            image.variants[0].bytes, expected.variants[0].bytes,
            "transform {transform}"
        );
    }
}

/// Every other program takes such a file for one of Adobe's.
#[test]
fn cmyk_is_stored_inverted_with_adobe_s_segment_and_without() {
    let inks: Vec<u8> = quarters(128, 96)
        .pixels()
        .flat_map(|&Rgb([red, green, blue])| [red, green, blue, 255])
        .collect();
    let mut compressor = Compressor::new().unwrap();
    compressor.set_quality(95).unwrap();
    compressor.set_subsamp(Subsamp::None).unwrap();
    compressor.set_colorspace(Colorspace::CMYK).unwrap();
    let image = turbojpeg::Image {
        pixels: &inks[..],
        width: 128,
        pitch: 128 * 4,
        height: 96,
        format: PixelFormat::CMYK,
    };
    let file = compressor.compress_to_vec(image).unwrap();
    let adobe = at_of(&file, 0xEE);
    let without = [&file[..adobe], &file[adobe + 16..]].concat();
    for (what, file) in [("with", file), ("without", without)] {
        assert_quarters(&rgb(&made("a:64", &file).variants[0]), what);
    }
}
