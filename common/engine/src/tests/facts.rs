//! Facts of images, whatever their format.

use jpeg_encoder::{ColorType, Encoder};

use super::{
    exif_block::{Block, fractions, text},
    limits::png_chunk,
    webp_containers::with_exif,
    *,
};

fn block(make: &str) -> Vec<u8> {
    let block = Block {
        image: vec![text(0x010F, make)],
        photo: vec![text(0x9003, "2026:01:31 12:34:56")],
        gps: vec![
            text(1, "N"),
            fractions(2, &[(48, 1), (51, 1), (0, 1)]),
            text(3, "W"),
            fractions(4, &[(2, 1), (21, 1), (0, 1)]),
        ],
        ..Block::default()
    };
    block.write()
}

fn jpeg(blocks: &[Vec<u8>], is_cmyk: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 95);
    for block in blocks {
        let segment = [b"Exif\0\0", &block[..]].concat();
        encoder.add_app_segment(1, segment).unwrap();
    }
    let (samples, kind) = if is_cmyk {
        (vec![99; 128 * 96 * 4], ColorType::Cmyk)
    } else {
        (quarters(128, 96).into_raw(), ColorType::Rgb)
    };
    encoder.encode(&samples, 128, 96, kind).unwrap();
    bytes
}

fn png(block: &[u8]) -> Vec<u8> {
    let plain = encoded(quarters(128, 96), ImageFormat::Png);
    [&plain[..33], &png_chunk(*b"eXIf", block), &plain[33..]].concat()
}

#[test]
fn every_format_has_the_facts_of_its_block() {
    let block = block("Canon");
    let prefixed = [b"Exif\0\0", &block[..]].concat();
    for (name, file) in [
        ("jpeg", jpeg(std::slice::from_ref(&block), false)),
        ("cmyk", jpeg(std::slice::from_ref(&block), true)),
        ("png", png(&block)),
        ("webp", with_exif(&block)),
        ("webp with a prefix", with_exif(&prefixed)),
    ] {
        let facts = made("a:16", &file).facts;
        assert_eq!(facts.camera_make.as_deref(), Some("Canon"), "{name}");
        let time = facts.taken_at.unwrap().to_string();
        assert_eq!(time, "2026-01-31T12:34:56", "{name}");
        assert_eq!(facts.location, None, "{name}");
        let keeping = Recipe {
            keep_location: KeepLocation::On,
            ..recipe("a:16")
        };
        let place = generate(&keeping, &file).unwrap().facts.location.unwrap();
        assert_eq!(
            (place.latitude(), place.longitude()),
            (48.85, -2.35),
            "{name}"
        );
    }
}

#[test]
fn a_jpeg_has_the_facts_of_its_first_sound_block() {
    let broken = b"MM\0*\xFF\xFF\xFF\xFF".to_vec();
    for blocks in [
        vec![block("Canon"), block("Nikon")],
        vec![broken, block("Canon"), block("Nikon")],
    ] {
        let facts = made("a:16", &jpeg(&blocks, false)).facts;
        assert_eq!(facts.camera_make.as_deref(), Some("Canon"));
    }
}

#[test]
fn an_image_without_a_block_has_no_facts() {
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ] {
        let image = made("a:16", &encoded(quarters(128, 96), format));
        assert_eq!(image.facts, Facts::default(), "{format:?}");
    }
}

#[test]
fn a_block_of_64_mb_changes_neither_facts_nor_outcome() {
    let mut large = block("Canon");
    large.resize(64 << 20, 0xFF);
    let recipe = Recipe {
        limits: Limits {
            max_image_bytes: 1 << 27,
            max_decoded_bytes: 1 << 28,
            ..LIMITS
        },
        ..recipe("a:16")
    };
    for file in [png(&large), with_exif(&large)] {
        let facts = generate(&recipe, &file).unwrap().facts;
        assert_eq!(facts.camera_make.as_deref(), Some("Canon"));
    }
}
