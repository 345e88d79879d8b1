//! The engine on pictures that are made here.

use std::{io::Cursor, time::Duration};

use image::{
    DynamicImage, Frame, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage,
    codecs::{gif::GifEncoder, png::PngEncoder},
};

use super::*;

const LIMITS: Limits = Limits {
    bytes: 1 << 24,
    pixels: 4_000_000,
    edge: 30_000,
    frames: 1_000,
    decoded_bytes: 1 << 24,
    deadline: Duration::from_secs(60),
};

fn recipe() -> Recipe {
    Recipe {
        variants: VariantSpec::parse_list("small:16,large:64").unwrap(),
        jpeg_quality: 90,
        limits: LIMITS,
    }
}

/// Red left, blue right, the upper half dark.
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

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn large(picture: &Picture) -> RgbImage {
    image::load_from_memory(&picture.variants[0].bytes)
        .unwrap()
        .into_rgb8()
}

fn is_near(Rgb(left): Rgb<u8>, Rgb(right): Rgb<u8>) -> bool {
    left.into_iter().zip(right).all(|(a, b)| a.abs_diff(b) < 24)
}

/// A TIFF block that holds nothing but the orientation.
fn exif(orientation: u8) -> Vec<u8> {
    [
        b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0",
        &[orientation][..],
        b"\0\0\0\0\0\0",
    ]
    .concat()
}

fn jpeg_with_orientation(picture: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 95);
    encoder.add_exif_metadata(&exif(orientation)).unwrap();
    let (width, height) = (
        u16::try_from(picture.width()).unwrap(),
        u16::try_from(picture.height()).unwrap(),
    );
    encoder
        .encode(picture.as_raw(), width, height, ColorType::Rgb)
        .unwrap();
    bytes
}

use jpeg_encoder::{ColorType, Encoder};

#[test]
fn every_format_becomes_its_variants() {
    for (format, media_type) in [
        (ImageFormat::Jpeg, MediaType::Jpeg),
        (ImageFormat::Png, MediaType::Png),
        (ImageFormat::WebP, MediaType::WebP),
        (ImageFormat::Gif, MediaType::Gif),
    ] {
        let picture = make(&recipe(), &encoded(quarters(128, 96), format)).unwrap();
        assert_eq!(
            (picture.width, picture.height, picture.format),
            (128, 96, media_type)
        );
        let sizes: Vec<_> = picture
            .variants
            .iter()
            .map(|v| (v.name.as_str(), v.width, v.height))
            .collect();
        assert_eq!(sizes, [("large", 64, 48), ("small", 16, 12)], "{format:?}");
        let large = large(&picture);
        assert!(
            is_near(*large.get_pixel(8, 40), Rgb([255, 0, 0])),
            "{format:?}"
        );
        assert!(
            is_near(*large.get_pixel(56, 8), Rgb([0, 0, 120])),
            "{format:?}"
        );
    }
}

#[test]
fn all_eight_orientations_come_out_upright() {
    // What a camera stores for each tag, made by undoing it: the upright picture is `quarters(128, 96)`.
    let upright = DynamicImage::ImageRgb8(quarters(128, 96));
    let stored = [
        upright.clone(),
        upright.fliph(),
        upright.rotate180(),
        upright.flipv(),
        upright.rotate90().fliph(),
        upright.rotate270(),
        upright.rotate90().flipv(),
        upright.rotate90(),
    ];
    for (orientation, stored) in (1..).zip(stored) {
        let bytes = jpeg_with_orientation(&stored.into_rgb8(), orientation);
        let picture = make(&recipe(), &bytes).unwrap();
        assert_eq!(
            (picture.width, picture.height),
            (128, 96),
            "orientation {orientation}"
        );
        let large = large(&picture);
        for ((x, y), color) in [
            ((8, 8), Rgb([120, 0, 0])),
            ((56, 8), Rgb([0, 0, 120])),
            ((8, 40), Rgb([255, 0, 0])),
            ((56, 40), Rgb([0, 0, 255])),
        ] {
            assert!(
                is_near(*large.get_pixel(x, y), color),
                "orientation {orientation} at {x},{y}"
            );
        }
    }
}

#[test]
fn variants_carry_no_metadata() {
    let picture = make(&recipe(), &jpeg_with_orientation(&quarters(128, 96), 6)).unwrap();
    for variant in picture.variants {
        assert!(!variant.bytes.windows(4).any(|window| window == b"Exif"));
    }
}

#[test]
fn a_small_picture_is_not_enlarged() {
    let picture = make(&recipe(), &encoded(quarters(20, 10), ImageFormat::Png)).unwrap();
    let sizes: Vec<_> = picture
        .variants
        .iter()
        .map(|v| (v.width, v.height))
        .collect();
    assert_eq!(sizes, [(20, 10), (16, 8)]);
}

#[test]
fn one_pixel_and_a_thread_are_pictures() {
    for (width, height) in [(1, 1), (1, 20000), (20000, 1)] {
        let picture = make(
            &recipe(),
            &encoded(RgbImage::new(width, height), ImageFormat::Png),
        )
        .unwrap();
        assert_eq!((picture.width, picture.height), (width, height));
        assert!(
            picture
                .variants
                .iter()
                .all(|v| v.width >= 1 && v.height >= 1)
        );
    }
}

#[test]
fn what_is_transparent_lies_on_white() {
    let picture = RgbaImage::from_fn(64, 64, |x, _| {
        if x < 32 {
            Rgba([255, 0, 0, 0])
        } else {
            Rgba([0, 0, 0, 128])
        }
    });
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let large = large(&make(&recipe(), &encoded(picture.clone(), format)).unwrap());
        assert!(is_near(*large.get_pixel(8, 8), Rgb([255, 255, 255])));
        assert!(is_near(*large.get_pixel(56, 8), Rgb([127, 127, 127])));
    }
}

#[test]
fn sixteen_bits_and_grey_are_pictures() {
    let deep =
        image::ImageBuffer::<image::Luma<u16>, _>::from_pixel(64, 64, image::Luma([0x8000_u16]));
    let large = large(
        &make(
            &recipe(),
            &encoded(DynamicImage::ImageLuma16(deep), ImageFormat::Png),
        )
        .unwrap(),
    );
    assert!(is_near(*large.get_pixel(8, 8), Rgb([128, 128, 128])));
}

#[test]
fn the_first_frame_of_an_animation_counts() {
    let mut bytes = Vec::new();
    {
        let mut encoder = GifEncoder::new(&mut bytes);
        for color in [[255, 0, 0, 255], [0, 255, 0, 255]] {
            encoder
                .encode_frame(Frame::new(RgbaImage::from_pixel(64, 64, Rgba(color))))
                .unwrap();
        }
    }
    let large = large(&make(&recipe(), &bytes).unwrap());
    assert!(is_near(*large.get_pixel(8, 8), Rgb([255, 0, 0])));
}

#[test]
fn every_cut_is_a_failure_and_no_grey_picture() {
    for (format, last) in [
        (ImageFormat::Jpeg, 1),
        (ImageFormat::Png, 1),
        (ImageFormat::WebP, 1),
    ] {
        let whole = encoded(quarters(128, 96), format);
        for percent in 0..100 {
            let length = (whole.len() - last) * percent / 100;
            let failure = make(&recipe(), &whole[..length]).unwrap_err();
            assert!(
                ["empty", "unsupported_format", "corrupt"].contains(&failure.code.as_str()),
                "{format:?} {percent} %: {failure:?}"
            );
        }
    }
}

#[test]
fn limits_hold_before_anything_is_allocated() {
    let header_only = {
        let mut bytes = Vec::new();
        PngEncoder::new(&mut bytes)
            .write_image(&[0; 3], 1, 1, image::ExtendedColorType::Rgb8)
            .unwrap();
        bytes
    };
    let mut huge = header_only;
    huge[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    huge[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    // The decoder checks the header's checksum first, so it is made right.
    let crc = crc32(&huge[12..29]);
    huge[29..33].copy_from_slice(&crc.to_be_bytes());
    let failure = make(&recipe(), &huge).unwrap_err();
    assert_eq!(failure.code, "too_large_edge", "{failure:?}");
    assert!(failure.message.contains("60000"), "{failure:?}");

    let tight = Recipe {
        limits: Limits {
            decoded_bytes: 1000,
            ..LIMITS
        },
        ..recipe()
    };
    let failure = make(&tight, &encoded(quarters(128, 96), ImageFormat::Jpeg)).unwrap_err();
    assert_eq!(failure.code, "too_much_memory", "{failure:?}");
}

#[test]
fn what_is_no_picture_is_named() {
    for (bytes, code) in [
        (&b""[..], "empty"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "unsupported_format",
        ),
        (b"hello", "unsupported_format"),
        (b"\xFF\xD8\xFF\xD9", "corrupt"),
        (b"GIF89a", "corrupt"),
    ] {
        assert_eq!(make(&recipe(), bytes).unwrap_err().code, code);
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xEDB8_8320
            } else {
                crc >> 1
            }
        })
    })
}
