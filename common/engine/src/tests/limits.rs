//! Files that exceed a limit, and files that only seem to.

use std::io::Write;

use flate2::{Compression, Crc, write::ZlibEncoder};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::*;

pub(super) fn png_chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(&name);
    crc.update(data);
    [
        &u32::try_from(data.len()).unwrap().to_be_bytes()[..],
        &name,
        data,
        &crc.sum().to_be_bytes(),
    ]
    .concat()
}

/// Builds an eight-bit grey PNG; the pixels are decompressed from `data`.
fn png(width: u32, height: u32, data: &[u8]) -> Vec<u8> {
    let header = [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &[8, 0, 0, 0, 0],
    ]
    .concat();
    [
        &b"\x89PNG\r\n\x1a\n"[..],
        &png_chunk(*b"IHDR", &header),
        &png_chunk(*b"IDAT", data),
        &png_chunk(*b"IEND", b""),
    ]
    .concat()
}

fn deflated(zeros: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&vec![0; zeros]).unwrap();
    encoder.finish().unwrap()
}

fn jpeg_header(width: u16, height: u16) -> Vec<u8> {
    let [w0, w1] = width.to_be_bytes();
    let [h0, h1] = height.to_be_bytes();
    [
        &b"\xFF\xD8\xFF\xC0\x00\x11\x08"[..],
        &[h0, h1, w0, w1],
        b"\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01",
        b"\xFF\xDA\x00\x0C\x03\x01\x00\x02\x11\x03\x11\x00\x3F\x00\x00\xFF\xD9",
    ]
    .concat()
}

/// Builds headers of 65,535 × 65,535 pixels, or the maximum of the format, in at most 100 bytes.
fn headers() -> [(&'static str, Vec<u8>); 4] {
    let webp_chunk =
        b"VP8X\x0A\0\0\0\0\0\0\0\xFE\xFF\0\xFE\xFF\0VP8L\x08\0\0\0\x2F\xFF\xFF\xFF\x0F\0\0\0";
    let length = u32::try_from(webp_chunk.len() + 4).unwrap().to_le_bytes();
    [
        ("jpeg", jpeg_header(u16::MAX, u16::MAX)),
        ("png", png(65535, 65535, b"x")),
        (
            "gif",
            b"GIF89a\xFF\xFF\xFF\xFF\x80\0\0\0\0\0\xFF\xFF\xFF\x2C\0\0\0\0\xFF\xFF\xFF\xFF\0\x02\x01\0\0;".to_vec(),
        ),
        (
            "webp",
            [&b"RIFF"[..], &length, b"WEBP", webp_chunk].concat(),
        ),
    ]
}

#[test]
fn a_huge_header_in_a_hundred_bytes_is_refused_by_its_edge_and_by_its_pixels() {
    for (what, bytes) in headers() {
        assert!(bytes.len() <= 100, "{what}");
        let failure = failed(LIMITS, &bytes);
        assert_eq!(failure.code, "too_large_edge", "{what}: {failure:?}");
        assert!(
            failure.message.contains("the limit is 30000"),
            "{failure:?}"
        );
        let wide = Limits {
            max_image_edge: u32::MAX,
            ..LIMITS
        };
        let failure = failed(wide, &bytes);
        assert_eq!(failure.code, "too_many_pixels", "{what}: {failure:?}");
        assert!(failure.message.contains("65535 x 65535"), "{failure:?}");
    }
}

#[test]
fn memory_is_limited_before_it_is_allocated() {
    let tight = Limits {
        max_decoded_bytes: 1000,
        ..LIMITS
    };
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ] {
        let failure = failed(tight, &encoded(quarters(128, 96), format));
        assert_eq!(failure.code, "too_much_memory", "{format:?}: {failure:?}");
    }
}

/// Whether an image of this format is within a limit of this many bytes per pixel.
fn is_within(variants: &str, format: ImageFormat, bytes_per_pixel: u64) -> bool {
    let recipe = Recipe {
        limits: Limits {
            max_decoded_bytes: 128 * 96 * bytes_per_pixel,
            ..LIMITS
        },
        ..recipe(variants)
    };
    match generate(&recipe, &encoded(quarters(128, 96), format)) {
        Ok(_) => true,
        Err(failure) => {
            assert_eq!(failure.code, "too_much_memory", "{failure:?}");
            false
        }
    }
}

#[test]
fn a_variant_as_large_as_its_original_counts_too() {
    assert!(is_within("small:16", ImageFormat::Png, 4));
    assert!(!is_within("whole:128", ImageFormat::Png, 4));
    assert!(is_within("whole:128", ImageFormat::Png, 6));
}

#[test]
fn the_memory_of_the_decoder_counts_too() {
    assert!(!is_within("small:16", ImageFormat::WebP, 6));
    assert!(is_within("small:16", ImageFormat::WebP, 8));
}

/// Encodes a JPEG of 512 × 512 pixels.
fn jpeg(of: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    of(&mut encoder);
    let pixels = quarters(512, 512).into_raw();
    encoder.encode(&pixels, 512, 512, ColorType::Rgb).unwrap();
    bytes
}

#[test]
fn an_image_of_several_scans_is_counted_with_its_coefficients() {
    // Two bytes for each sample: one of luma, and half of one of chroma, for each pixel.
    let coefficients = 512 * 512 * 3;
    let code = |bytes: &[u8], max_decoded_bytes: u64| {
        let limits = Limits {
            max_decoded_bytes,
            ..LIMITS
        };
        let recipe = Recipe {
            limits,
            ..recipe("half:256")
        };
        generate(&recipe, bytes).map_err(|failure| {
            assert!(failure.message.contains("baseline"), "{failure:?}");
            failure.code
        })
    };
    assert!(code(&jpeg(|_| {}), coefficients).is_ok());
    let of_several_scans = [
        jpeg(|encoder| encoder.set_progressive(true)),
        // One scan for each component.
        jpeg(|encoder| encoder.set_optimized_huffman_tables(true)),
    ];
    for bytes in of_several_scans {
        let failed = code(&bytes, coefficients).unwrap_err();
        assert_eq!(failed, "too_much_memory");
        assert!(code(&bytes, 2 * coefficients).is_ok());
    }
}

#[test]
fn a_file_of_too_many_bytes_is_not_read() {
    let small = Limits {
        max_image_bytes: 100,
        ..LIMITS
    };
    assert_eq!(failed(small, &[0; 101]).code, "too_many_bytes");
}

#[test]
fn time_is_limited() {
    let no_time = Limits {
        image_deadline: Duration::ZERO,
        ..LIMITS
    };
    let bytes = encoded(quarters(128, 96), ImageFormat::Png);
    assert_eq!(failed(no_time, &bytes).code, "timed_out");
}

#[test]
fn a_zip_bomb_is_inflated_no_further_than_its_pixels() {
    // 64 rows of 64 pixels and their filters are 4160 bytes; this is 16 MB of them, with a wrong
    // checksum at the end that only a decoder which reads that far can notice.
    let mut data = deflated(1 << 24);
    if let Some(last) = data.last_mut() {
        *last ^= 0xFF;
    }
    let image = made("a:32", &png(64, 64, &data));
    assert_eq!((image.width, image.height), (64, 64));
}

#[test]
fn a_zip_bomb_of_pixels_is_refused_by_their_number() {
    let bytes = png(20_000, 20_000, &deflated(1 << 20));
    assert_eq!(failed(LIMITS, &bytes).code, "too_many_pixels");
}
