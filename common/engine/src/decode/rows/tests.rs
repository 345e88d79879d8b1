//! Tests of the reduction by rows.

use std::time::Duration;

use super::*;
use crate::{KeepLocation, Limits, VariantSpec};

fn recipe(variants: &str, max_decoded_bytes: u64) -> Recipe {
    Recipe {
        variants: VariantSpec::parse_list(variants).unwrap(),
        jpeg_quality: 80,
        keep_location: KeepLocation::Off,
        accept_heic: true,
        limits: Limits {
            max_image_bytes: u64::MAX,
            max_image_pixels: u64::MAX,
            max_image_edge: u32::MAX,
            max_image_frames: 1,
            max_decoded_bytes,
            image_deadline: Duration::MAX,
        },
    }
}

fn rows((width, height): (u32, u32), layout: Layout, block: u32) -> Rows {
    Rows::of_blocks(Dimensions { width, height }, layout, block)
}

/// The last column and the last row of blocks may be narrower; their mean is that of what they
/// have.
#[test]
fn every_sample_is_the_mean_of_its_block() {
    let mut rows = rows((20, 7), Layout::Grey, 3);
    for y in 0..7 {
        let mut row: Vec<u8> = (0..20).map(|x| 10 * x + y).collect();
        rows.push(&mut row).unwrap();
    }
    let raster = rows.finish().unwrap();
    let edges = raster.edges();
    assert_eq!((edges.width, edges.height), (7, 3));
    assert_eq!(
        raster.extent(),
        SubpixelDimensions {
            width: 20.0 / 3.0,
            height: 7.0 / 3.0
        }
    );
    let expected: Vec<u8> = [1, 4, 6]
        .into_iter()
        .flat_map(|y| [10, 40, 70, 100, 130, 160, 185].map(|x| x + y))
        .collect();
    assert_eq!(raster.samples(), expected);
}

#[test]
fn the_largest_sums_fit() {
    let mut rows = rows((300, 300), Layout::Rgb, LARGEST_BLOCK);
    for _ in 0..300 {
        rows.push(&mut [255; 900]).unwrap();
    }
    let raster = rows.finish().unwrap();
    assert_eq!(raster.samples(), [255; 5 * 5 * 3]);
}

/// A transparent pixel has no colour: whatever it states does not show.
#[test]
fn colours_are_multiplied_before_they_are_mixed() {
    for (hidden, alpha, expected) in [(200, 0, [50, 0, 0, 128]), (200, 255, [150, 0, 0, 255])] {
        let mut rows = rows((4, 4), Layout::Premultiplied, 2);
        for _ in 0..4 {
            let pair = [100, 0, 0, 255, hidden, 0, 0, alpha];
            rows.push(&mut [pair, pair].concat()).unwrap();
        }
        let raster = rows.finish().unwrap();
        let layout = if alpha == 255 {
            Layout::Rgbx
        } else {
            Layout::Premultiplied
        };
        assert_eq!(raster.layout(), layout);
        assert_eq!(raster.samples(), [expected; 4].concat());
    }
}

#[test]
fn a_large_image_is_reduced_to_twice_the_largest_variant() {
    for ((width, height), variants, expected) in [
        ((4000, 3000), "a:100", 20),
        ((4000, 3000), "a:100,b:160", 12),
        ((4000, 3000), "a:1", LARGEST_BLOCK),
        ((4000, 3000), "a:1001", 1),
        ((1024, 1024), "a:16", 1),
        ((1025, 1024), "a:16", 32),
    ] {
        let original = Dimensions { width, height };
        let recipe = recipe(variants, u64::MAX);
        let found = block(original, Orientation::NoTransforms, &recipe);
        assert_eq!(found, expected, "{width} × {height} to {variants}");
    }
}

#[test]
fn blocks_of_one_pixel_keep_the_image_as_it_is() {
    let mut rows = rows((5, 1), Layout::Grey, 1);
    rows.push(&mut [1, 2, 3, 4, 5]).unwrap();
    let raster = rows.finish().unwrap();
    assert_eq!(raster.samples(), [1, 2, 3, 4, 5]);
}

/// What counts is the reduced image, the row that is under way, and what the decoder needs.
#[test]
fn memory_is_checked_for_what_is_kept() {
    let original = Dimensions {
        width: 2000,
        height: 1000,
    };
    let upright = Orientation::NoTransforms;
    let needed = 200 * 100 * 3 + 3 * 6000;
    let new = |limit, beside| {
        Rows::new(
            original,
            upright,
            Layout::Rgb,
            &recipe("a:100", limit),
            beside,
        )
    };
    assert!(new(needed, 0).is_ok());
    for failure in [new(needed - 1, 0).err(), new(needed, 1).err()] {
        assert_eq!(failure.unwrap().code, "too_much_memory");
    }
}
