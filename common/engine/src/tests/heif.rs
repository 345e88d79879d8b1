//! Tests of HEIC and AVIF: coded images of 64 × 64 pixels in containers that are built here.

mod bad;
mod container;
mod shapes;

use media::media_type::MediaType;
use moxcms::ColorProfile;

use super::{
    exif_block::{Block, Entry, text},
    *,
};
use container::{File, Item, QUARTERS, Storage, alpha, nclx, profile};

/// Decodes to one variant at full size.
fn shown(file: &File) -> RgbaImage {
    let made = made("whole:4096:png", &file.build());
    rgba(&made.variants[0])
}

fn at(image: &RgbaImage, x: u32, y: u32) -> [u8; 4] {
    image.get_pixel(x, y).0
}

#[test]
fn every_codec_chroma_and_depth_is_shown() {
    for name in QUARTERS {
        for variants in ["whole:64", "whole:64:png", "half:32", "quarter:16"] {
            let made = made(variants, &File::of(vec![Item::coded(name)]).build());
            let is_hevc = name.starts_with("hevc");
            let format = if is_hevc {
                MediaType::Heic
            } else {
                MediaType::Avif
            };
            assert_eq!((made.format, made.orientation), (format, 1), "{name}");
            assert_eq!((made.width, made.height), (64, 64), "{name}");
            assert_quarters(&rgb(&made.variants[0]), &format!("{name}, {variants}"));
        }
    }
}

#[test]
fn data_may_be_anywhere() {
    for storage in [Storage::OpenMdat, Storage::Halves, Storage::Idat] {
        for name in ["hevc-420-8", "av1-420-8"] {
            let mut file = File::of(vec![Item::coded(name)]);
            file.storage = storage;
            let made = made("whole:64", &file.build());
            assert_quarters(&rgb(&made.variants[0]), &format!("{name}, {storage:?}"));
        }
    }
}

#[test]
fn without_a_brand_of_its_own_a_file_is_known_by_its_items() {
    for (name, format) in [
        ("hevc-420-8", MediaType::Heic),
        ("av1-420-8", MediaType::Avif),
    ] {
        let mut file = File::of(vec![Item::coded(name)]);
        file.brands = vec![*b"mif1", *b"miaf"];
        assert_eq!(made("a:16", &file.build()).format, format);
    }
}

/// Read as of a limited range, a light grey of 192 is 205, in planes and in RGB.
#[test]
fn the_range_of_the_container_counts() {
    for variants in ["a:64:png", "a:64"] {
        for (is_full_range, expected) in [(true, 192), (false, 205)] {
            let item = Item::coded("hevc-greys-8").with(nclx(1, 13, 6, is_full_range));
            let made = made(variants, &File::of(vec![item]).build());
            let grey = rgb(&made.variants[0]).get_pixel(48, 48).0;
            assert!(grey[0].abs_diff(expected) < 4, "{variants}: {grey:?}");
        }
    }
}

#[test]
fn the_matrix_of_the_container_counts() {
    let item = Item::coded("av1-444-10").with(nclx(1, 13, 1, true));
    let [red, green, _, _] = at(&shown(&File::of(vec![item])), 16, 48);
    let own = at(&shown(&File::of(vec![Item::coded("av1-444-10")])), 16, 48);
    assert!(own[0] > 245 && own[1] < 10, "{own:?}");
    assert!(red > 245 && green > 10, "{red} {green}");
}

#[test]
fn wide_colours_are_converted_whichever_way_they_are_stated() {
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    for property in [profile(&p3), nclx(12, 13, 6, true)] {
        let item = Item::coded("hevc-420-8").with(property);
        let made = made("whole:64", &File::of(vec![item]).build());
        // The dark red of Display P3 is outside of sRGB, or at its limit.
        let [red, green, blue] = rgb(&made.variants[0]).get_pixel(16, 16).0;
        assert!((127..=137).contains(&red), "{red}");
        assert!(green < 12 && blue < 12, "{green} {blue}");
    }
}

/// Greys of 0, 100, 203 and 1,000 cd/m² become what Chromium's curve says (see `decode/heif/hdr`).
#[test]
fn hdr_is_mapped_to_what_a_screen_can_show() {
    for (name, is_full_range) in [("hevc-hdr-10", true), ("av1-hdr-12", true)] {
        let item = Item::coded(name).with(nclx(9, 16, 9, is_full_range));
        let image = shown(&File::of(vec![item]));
        for (x, y, expected) in [(16, 16, 0_u8), (48, 16, 154), (16, 48, 191), (48, 48, 255)] {
            for channel in &at(&image, x, y)[..3] {
                let is_near = channel.abs_diff(expected) <= 3;
                assert!(is_near, "{name} {x}, {y}: {:?}", at(&image, x, y));
            }
        }
    }
}

#[test]
fn alpha_is_in_an_image_of_its_own() {
    for (colours, grey) in [
        ("hevc-420-8", "hevc-grey-8"),
        ("av1-444-10", "av1-grey-8"),
        ("hevc-444-8", "av1-grey-8"),
    ] {
        let items = vec![Item::coded(colours), Item::coded(grey).with(alpha())];
        let file = File::of(items).referring(*b"auxl", 2, &[1]);
        let image = shown(&file);
        assert!(at(&image, 16, 48)[3] < 8, "{:?}", at(&image, 16, 48));
        let [red, _, blue, alpha] = at(&image, 48, 48);
        assert!(
            alpha.abs_diff(128) < 8 && blue > 240 && red < 12,
            "{red} {blue} {alpha}"
        );

        // Colours that are multiplied already can't be brighter than their alpha.
        let image = shown(&file.referring(*b"prem", 1, &[2]));
        let [_, _, blue, alpha] = at(&image, 48, 16);
        assert!(alpha.abs_diff(128) < 8 && blue > 220, "{blue} {alpha}");
    }
}

#[test]
fn grey_images_are_shown_and_so_are_greys_of_a_limited_range() {
    let image = shown(&File::of(vec![Item::coded("av1-grey-8")]));
    assert!(at(&image, 48, 16)[0].abs_diff(128) < 4);
    let limited = Item::coded("av1-grey-8").with(nclx(1, 13, 6, false));
    let image = shown(&File::of(vec![limited]));
    assert!(at(&image, 48, 16)[0].abs_diff(130) < 4);
}

#[test]
fn heic_is_refused_where_it_is_switched_off_whatever_the_file_calls_itself() {
    let off = Recipe {
        accept_heic: false,
        ..recipe("a:16")
    };
    let mut file = File::of(vec![Item::coded("hevc-420-8")]);
    for brand in [*b"heic", *b"avif"] {
        file.brands = vec![brand];
        let failure = generate(&off, &file.build()).unwrap_err();
        assert_eq!(failure.code, "unsupported_format");
        assert!(failure.message.contains("switched off"), "{failure:?}");
    }
    generate(&off, &File::of(vec![Item::coded("av1-420-8")]).build()).unwrap();
}

#[test]
fn exif_is_found_and_its_orientation_does_not_count() {
    let block = Block {
        image: vec![
            text(0x010F, "Canon"),
            Entry {
                tag: 0x0112,
                kind: 3,
                numbers: vec![6],
            },
        ],
        ..Block::default()
    };
    let block = block.write();
    for prefix in [&b"\0\0\0\0"[..], b"\0\0\0\x06Exif\0\0"] {
        let exif = Item {
            kind: *b"Exif",
            data: [prefix, &block].concat(),
            properties: Vec::new(),
        };
        let items = vec![Item::coded("hevc-420-8"), exif];
        let file = File::of(items).referring(*b"cdsc", 2, &[1]).build();
        let image = made("a:16", &file);
        assert_eq!(image.facts.camera_make.as_deref(), Some("Canon"));
        assert_eq!(image.orientation, 1);
    }
}
