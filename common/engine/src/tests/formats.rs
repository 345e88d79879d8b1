//! Formats: every kind of original, and every format of a variant.

use image::{GrayAlphaImage, ImageBuffer, Luma, LumaA, Rgba};
use media::media_type::MediaType;
use turbojpeg::{Colorspace, Compressor, Image, PixelFormat, Subsamp};

use super::*;

const SOURCES: [(ImageFormat, MediaType); 4] = [
    (ImageFormat::Jpeg, MediaType::Jpeg),
    (ImageFormat::Png, MediaType::Png),
    (ImageFormat::WebP, MediaType::WebP),
    (ImageFormat::Gif, MediaType::Gif),
];

#[test]
fn every_format_becomes_its_variants() {
    for (format, media_type) in SOURCES {
        let image = made("small:16,large:64", &encoded(quarters(128, 96), format));
        assert_eq!(
            (image.width, image.height, image.format),
            (128, 96, media_type)
        );
        assert_eq!(
            sizes(&image),
            [("large", 64, 48), ("small", 16, 12)],
            "{format:?}"
        );
        assert_quarters(&rgb(&image.variants[0]), &format!("{format:?}"));
        assert!(!image.is_animated);
    }
}

#[test]
fn a_variant_is_what_its_format_says() {
    let original = encoded(quarters(128, 96), ImageFormat::Jpeg);
    let image = made("a:64,b:60:webp:80,c:50:png", &original);
    for (variant, format) in
        image
            .variants
            .iter()
            .zip([ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Png])
    {
        assert_eq!(image::guess_format(&variant.bytes).unwrap(), format);
        assert_quarters(&rgb(variant), &format!("{format:?}"));
    }
}

#[test]
fn a_quality_of_its_own_beats_the_default() {
    let original = encoded(quarters(128, 96), ImageFormat::Png);
    for format in ["jpeg", "webp"] {
        let variants = format!("a:64:{format},b:64:{format}:10");
        let image = made(&variants, &original);
        let [a, b] = &image.variants[..] else {
            panic!("two variants were asked for")
        };
        assert!(b.bytes.len() < a.bytes.len(), "{format}");
    }
}

#[test]
fn transparency_becomes_white_in_a_jpeg_and_is_kept_elsewhere() {
    let original = RgbaImage::from_fn(64, 64, |x, _| {
        if x < 32 {
            Rgba([255, 0, 0, 0])
        } else {
            Rgba([0, 0, 200, 128])
        }
    });
    for source in [ImageFormat::Png, ImageFormat::WebP] {
        let image = made(
            "a:32,b:32:webp:90,c:32:png",
            &encoded(original.clone(), source),
        );
        let [a, b, c] = [0, 1, 2].map(|at| rgba(&image.variants[at]));
        assert!(is_near(a.get_pixel(8, 8).0, [255, 255, 255, 255]));
        assert!(is_near(a.get_pixel(24, 8).0, [127, 127, 227, 255]));
        for variant in [b, c] {
            assert_eq!(variant.get_pixel(8, 8).0[3], 0, "{source:?}");
            assert!(is_near(variant.get_pixel(24, 8).0, [0, 0, 200, 128]));
        }
    }
}

#[test]
fn an_invisible_colour_does_not_bleed_into_its_neighbours() {
    // Opaque blue pixels among transparent red ones.
    let original = RgbaImage::from_fn(64, 64, |x, y| {
        if (x + y) % 2 == 0 {
            Rgba([0, 0, 255, 255])
        } else {
            Rgba([255, 0, 0, 0])
        }
    });
    let image = made("a:16:png", &encoded(original, ImageFormat::Png));
    for pixel in rgba(&image.variants[0]).pixels() {
        assert!(is_near(pixel.0, [0, 0, 255, 128]), "{pixel:?}");
    }
}

#[test]
fn grey_and_deep_and_transparent_pngs_are_images() {
    let deep = ImageBuffer::<Luma<u16>, _>::from_pixel(64, 64, Luma([0x8000_u16]));
    let deep_colour =
        ImageBuffer::<Rgb<u16>, _>::from_pixel(64, 64, Rgb([0x8000_u16, 0x8000, 0x8000]));
    let see_through = GrayAlphaImage::from_pixel(64, 64, LumaA([0, 127]));
    for original in [
        DynamicImage::ImageLuma16(deep),
        DynamicImage::ImageRgb16(deep_colour),
        DynamicImage::ImageLumaA8(see_through),
        DynamicImage::ImageLuma8(image::GrayImage::from_pixel(64, 64, Luma([128]))),
    ] {
        let what = original.color();
        let image = made("a:32,b:32:webp", &encoded(original, ImageFormat::Png));
        let pixel = *rgb(&image.variants[0]).get_pixel(8, 8);
        assert!(is_near(pixel.0, [128, 128, 128]), "{what:?}: {pixel:?}");
    }
}

#[test]
fn a_png_with_a_palette_is_an_image() {
    let (width, height) = (128, 96);
    let colours = [[120, 0, 0], [0, 0, 120], [255, 0, 0], [0, 0, 255]];
    let mut bytes = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(::png::ColorType::Indexed);
    encoder.set_depth(::png::BitDepth::Eight);
    encoder.set_palette(colours.as_flattened().to_vec());
    let indices: Vec<u8> = (0..height)
        .flat_map(|y| {
            (0..width).map(move |x| u8::from(x >= width / 2) + 2 * u8::from(y >= height / 2))
        })
        .collect();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&indices).unwrap();
    writer.finish().unwrap();
    assert_quarters(&rgb(&made("a:64", &bytes).variants[0]), "palette");
}

#[test]
fn a_grey_jpeg_stays_grey() {
    let original = image::GrayImage::from_pixel(64, 64, Luma([90]));
    let image = made("a:32", &encoded(original, ImageFormat::Jpeg));
    let variant = image::load_from_memory(&image.variants[0].bytes).unwrap();
    assert_eq!(variant.color(), image::ColorType::L8);
    assert!(variant.into_luma8().get_pixel(8, 8).0[0].abs_diff(90) < 4);
}

#[test]
fn cmyk_becomes_rgb() {
    // Adobe's inverted CMYK, which the encoder's segment declares: 255 is no ink.
    let inks: Vec<u8> = quarters(128, 96)
        .pixels()
        .flat_map(|&Rgb([red, green, blue])| [red, green, blue, 255])
        .collect();
    for colorspace in [Colorspace::CMYK, Colorspace::YCCK] {
        let mut compressor = Compressor::new().unwrap();
        compressor.set_quality(95).unwrap();
        compressor.set_subsamp(Subsamp::None).unwrap();
        compressor.set_colorspace(colorspace).unwrap();
        let image = Image {
            pixels: &inks[..],
            width: 128,
            pitch: 128 * 4,
            height: 96,
            format: PixelFormat::CMYK,
        };
        let bytes = compressor.compress_to_vec(image).unwrap();
        let image = made("a:64", &bytes);
        assert_quarters(&rgb(&image.variants[0]), &format!("{colorspace:?}"));
    }
}

#[cfg(feature = "avif")]
#[test]
fn avif_is_made_where_it_is_built() {
    let image = made("a:64:avif", &encoded(quarters(128, 96), ImageFormat::Png));
    assert_eq!(&image.variants[0].bytes[4..12], b"ftypavif");
}

#[test]
fn variants_carry_no_metadata() {
    let original = orientations::jpeg_with_orientation(&quarters(128, 96), 6);
    for variant in made("a:64,b:64:webp,c:64:png", &original).variants {
        let has = |name: &[u8]| variant.bytes.windows(name.len()).any(|part| part == name);
        assert!(!has(b"Exif") && !has(b"EXIF") && !has(b"eXIf"));
    }
}

#[test]
fn every_image_has_a_placeholder() {
    let original = encoded(
        RgbImage::from_pixel(300, 200, Rgb([10, 200, 60])),
        ImageFormat::Png,
    );
    for variants in ["large:250", "small:16", "cover:20x10"] {
        let image = made(variants, &original);
        let (width, height, pixels) = thumbhash::thumb_hash_to_rgba(&image.thumbhash).unwrap();
        assert!(width > height, "{variants}");
        assert!(is_near([pixels[0], pixels[1], pixels[2]], [10, 200, 60]));
        assert!(is_near(image.dominant_colour, [10, 200, 60]));
    }
}
