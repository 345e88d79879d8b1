//! Grids, transformations, overlays and thumbnails.

use super::{
    container::{clap, imir, irot, ispe},
    *,
};

/// A grid of 2 × 2 tiles of [`quarters`], of which the last column and row are cut.
fn grid(name: &str, width: u16, height: u16) -> File {
    let tile = Item::coded(name);
    let tiles = [tile.clone(), tile.clone(), tile.clone(), tile];
    let items = [&[Item::grid(2, 2, width, height)], &tiles[..]].concat();
    File::of(items).referring(*b"dimg", 1, &[2, 3, 4, 5])
}

#[test]
fn a_grid_is_put_together_and_cut_at_any_scale() {
    for name in QUARTERS {
        for (width, height) in [(128, 128), (101, 97), (65, 128)] {
            for (edge, format) in [(4096, ":png"), (4096, ""), (60, ":png"), (30, ""), (12, "")] {
                let made = made(
                    &format!("a:{edge}{format}"),
                    &grid(name, width, height).build(),
                );
                assert_eq!((made.width, made.height), (width.into(), height.into()));
                let image = rgb(&made.variants[0]);
                let scale = f64::from(image.width()) / f64::from(width);
                // In the middle of the left and right quarters of the upper left and right tiles.
                for (x, y, expected) in [
                    (16.0, 16.0, [120, 0, 0]),
                    (48.0, 16.0, [0, 0, 120]),
                    (16.0, 48.0, [255, 0, 0]),
                    (48.0, 80.0, [0, 0, 120]),
                    (80.0, 16.0, [120, 0, 0]),
                ] {
                    if x + 8.0 > f64::from(width) || y + 8.0 > f64::from(height) {
                        continue;
                    }
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "inside"
                    )]
                    let [x, y] = [x, y].map(|at: f64| (at * scale) as u32);
                    let pixel = image.get_pixel(x, y).0;
                    let limit = if edge < 20 { 60 } else { 24 };
                    let is_near = pixel
                        .iter()
                        .zip(expected)
                        .all(|(a, b)| a.abs_diff(b) < limit);
                    assert!(
                        is_near,
                        "{name} {width}x{height} {edge}{format}: {x}, {y}: {pixel:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn one_tile_may_be_many_tiles_of_a_grid() {
    let items = vec![Item::grid(16, 16, 1024, 1024), Item::coded("av1-420-8")];
    let file = File::of(items).referring(*b"dimg", 1, &[2; 256]);
    assert_eq!(shown(&file).dimensions(), (1024, 1024));
}

/// As Chromium and Pillow have it: the rotation first, and no crop.
#[test]
fn an_avif_is_turned_before_it_is_mirrored_and_never_cropped() {
    let of = |properties: Vec<Vec<u8>>| {
        let mut item = Item::coded("av1-420-8");
        item.properties.extend(properties);
        made("a:64:png", &File::of(vec![item]).build())
    };
    for (turn, axis) in [(0, 0), (1, 0), (1, 1), (2, 1), (3, 0), (3, 1)] {
        let expected = of(vec![irot(turn), imir(axis)]);
        for properties in [
            vec![imir(axis), irot(turn)],
            vec![clap(48, 40, 0, 0), imir(axis), irot(turn)],
            vec![irot(turn), clap(0, 0, 0, 0), imir(axis)],
        ] {
            let image = of(properties);
            assert_eq!(image.orientation, expected.orientation, "{turn} {axis}");
            assert_eq!((image.width, image.height), (64, 64));
        }
    }
}

/// A part of 48 × 40 pixels whose corners have four colours, turned and mirrored.
#[test]
fn transformations_are_applied_in_their_order() {
    let (dark_red, dark_blue) = ([120, 0, 0], [0, 0, 120]);
    let (red, blue) = ([255, 0, 0], [0, 0, 255]);
    let part = clap(48, 40, 0, 0);
    for (properties, orientation, size, [left_top, right_top, left_bottom, right_bottom]) in [
        (vec![], 1, (64, 64), [dark_red, dark_blue, red, blue]),
        (
            vec![part.clone()],
            1,
            (48, 40),
            [dark_red, dark_blue, red, blue],
        ),
        (
            vec![part.clone(), irot(1)],
            8,
            (40, 48),
            [dark_blue, blue, dark_red, red],
        ),
        (
            vec![part.clone(), irot(3)],
            6,
            (40, 48),
            [red, dark_red, blue, dark_blue],
        ),
        (
            vec![irot(3), part.clone()],
            6,
            (48, 40),
            [red, dark_red, blue, dark_blue],
        ),
        (vec![irot(2)], 3, (64, 64), [blue, red, dark_blue, dark_red]),
        (vec![imir(0)], 4, (64, 64), [red, blue, dark_red, dark_blue]),
        (vec![imir(1)], 2, (64, 64), [dark_blue, dark_red, blue, red]),
        (
            vec![irot(1), imir(1)],
            7,
            (64, 64),
            [blue, dark_blue, red, dark_red],
        ),
        (
            vec![imir(1), irot(1)],
            5,
            (64, 64),
            [dark_red, red, dark_blue, blue],
        ),
    ] {
        let is_of_av1 = !properties.contains(&part) && properties.first() != Some(&imir(1));
        for name in ["hevc-444-8", "av1-420-8"]
            .iter()
            .take(1 + usize::from(is_of_av1))
        {
            let mut item = Item::coded(name);
            item.properties.extend(properties.clone());
            for variants in ["a:4096:png", "a:4096"] {
                let made = made(variants, &File::of(vec![item.clone()]).build());
                assert_eq!(made.orientation, orientation);
                assert_eq!((made.width, made.height), size);
                let image = rgb(&made.variants[0]);
                let (right, bottom) = (image.width() - 5, image.height() - 5);
                for (x, y, expected) in [
                    (4, 4, left_top),
                    (right, 4, right_top),
                    (4, bottom, left_bottom),
                    (right, bottom, right_bottom),
                ] {
                    let pixel = image.get_pixel(x, y).0;
                    assert!(
                        is_near(pixel, expected),
                        "{orientation} {x}, {y}: {pixel:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_part_at_odd_pixels_is_cut_exactly() {
    // From the 31st to the 33rd column, of which the first is still red.
    let item = Item::coded("hevc-444-8").with(clap(3, 9, 1, 0));
    let image = shown(&File::of(vec![item]));
    assert_eq!(image.dimensions(), (3, 9));
    let [left, right] = [at(&image, 0, 8), at(&image, 2, 8)];
    assert!(left[0] > 200 && left[2] < 60, "{left:?}");
    assert!(right[2] > 200 && right[0] < 60, "{right:?}");
}

#[test]
fn an_item_may_stand_for_another_and_turn_it_further() {
    let identity = Item {
        kind: *b"iden",
        data: Vec::new(),
        properties: vec![ispe(64, 64), irot(1)],
    };
    let items = vec![identity, Item::coded("hevc-420-8").with(irot(1))];
    let file = File::of(items).referring(*b"dimg", 1, &[2]);
    assert_eq!(made("a:16", &file.build()).orientation, 3);
}

/// Two images on a half transparent green, of which one reaches beyond it.
#[test]
fn images_are_laid_over_each_other() {
    for name in ["hevc-420-8", "av1-420-8"] {
        let positions = [(8_i16, 4_i16), (-32, 40)];
        let positions = positions.map(|(x, y)| [x.to_be_bytes(), y.to_be_bytes()].concat());
        let green = [0, 0, 0xFF, 0xFF, 0, 0, 0x80, 0];
        let size = [0, 100, 0, 90];
        let overlay = Item {
            kind: *b"iovl",
            data: [&[0, 0][..], &green, &size, &positions.concat()].concat(),
            properties: vec![ispe(100, 90)],
        };
        let items = vec![overlay, Item::coded(name), Item::coded(name)];
        let file = File::of(items).referring(*b"dimg", 1, &[2, 3]);
        let image = shown(&file);
        assert_eq!(image.dimensions(), (100, 90));
        assert_eq!(at(&image, 90, 80), [0, 255, 0, 128], "{name}");
        for (x, y, [red, green, blue]) in [
            (20, 20, [120, 0, 0]),
            (60, 20, [0, 0, 120]),
            (60, 60, [0, 0, 255]),
            // The right half of the second image, at the left edge.
            (16, 60, [0, 0, 120]),
            (16, 85, [0, 0, 255]),
        ] {
            let pixel = at(&image, x, y);
            assert!(
                is_near(pixel, [red, green, blue, 255]),
                "{name} {x}, {y}: {pixel:?}"
            );
        }
    }
}

/// The thumbnail differs from its image here, so that it is seen which of them is shown.
#[test]
fn a_thumbnail_is_shown_where_it_is_large_enough() {
    let file = |thumbnail: Item| {
        let tile = Item::coded("hevc-420-8");
        let items = vec![Item::grid(2, 2, 128, 128), tile, thumbnail];
        File::of(items)
            .referring(*b"dimg", 1, &[2, 2, 2, 2])
            .referring(*b"thmb", 3, &[1])
            .build()
    };
    let shows_thumbnail = |variants: &str, thumbnail: Item| {
        let made = made(variants, &file(thumbnail));
        assert_eq!((made.width, made.height), (128, 128));
        let image = rgb(&made.variants[0]);
        let pixel = image.get_pixel(image.width() / 8, image.height() * 3 / 8);
        // Its upper half is dark; the upper quarter of the image is, and the next is not.
        pixel.0[0] < 200
    };
    let thumbnail = Item::coded("hevc-420-8");
    assert!(shows_thumbnail("a:64", thumbnail.clone()));
    assert!(shows_thumbnail("a:48,b:16", thumbnail.clone()));
    assert!(!shows_thumbnail("a:65,b:16", thumbnail.clone()));
    // One that is turned, cut or of another ratio is none.
    for property in [irot(1), clap(60, 64, 0, 0)] {
        assert!(!shows_thumbnail("a:48", thumbnail.clone().with(property)));
    }
}

/// Of which colours the samples are, only the image may say.
#[test]
fn a_thumbnail_has_the_colours_of_its_image_unless_it_states_others() {
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    let dark_red = |of_image: Vec<u8>, of_thumbnail: Option<Vec<u8>>| {
        let thumbnail = Item::coded("hevc-420-8");
        let items = vec![
            Item::grid(2, 2, 128, 128).with(of_image),
            Item::coded("hevc-420-8"),
            of_thumbnail.into_iter().fold(thumbnail, Item::with),
        ];
        let file = File::of(items)
            .referring(*b"dimg", 1, &[2, 2, 2, 2])
            .referring(*b"thmb", 3, &[1]);
        let made = made("a:48", &file.build());
        rgb(&made.variants[0]).get_pixel(12, 12).0[0]
    };
    for of_image in [profile(&p3), nclx(12, 13, 6, true)] {
        for silent in [None, Some(nclx(2, 2, 6, true))] {
            let red = dark_red(of_image.clone(), silent.clone());
            assert!((127..=137).contains(&red), "{silent:?}: {red}");
        }
        let red = dark_red(of_image, Some(nclx(1, 13, 6, true)));
        assert!((115..=124).contains(&red), "{red}");
    }
    let red = dark_red(nclx(1, 13, 6, true), Some(profile(&p3)));
    assert!((127..=137).contains(&red), "{red}");
}
