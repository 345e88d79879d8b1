//! Sizes of variants.

use super::*;

#[test]
fn a_small_image_is_not_enlarged() {
    let original = encoded(quarters(20, 10), ImageFormat::Png);
    let image = made("large:64,small:16,cover:64x64,flat:40x4", &original);
    assert_eq!(
        sizes(&image),
        [
            ("large", 20, 10),
            ("cover", 10, 10),
            ("flat", 20, 2),
            ("small", 16, 8)
        ]
    );
}

#[test]
fn a_cover_has_its_size_and_shows_the_middle() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        let image = made("a:40x40,b:64x16", &encoded(quarters(800, 600), format));
        assert_eq!(sizes(&image), [("b", 64, 16), ("a", 40, 40)]);
        for variant in &image.variants {
            assert_quarters(&rgb(variant), &variant.name);
        }
    }
}

#[test]
fn one_pixel_and_one_column_are_images() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif] {
        for (width, height) in [(1, 1), (1, 20000), (20000, 1)] {
            let original = encoded(RgbImage::new(width, height), format);
            let image = made("small:16,large:64,cover:32x8", &original);
            assert_eq!((image.width, image.height), (width, height));
            for variant in &image.variants {
                assert!(variant.width >= 1 && variant.height >= 1);
                assert_eq!(
                    rgb(variant).dimensions(),
                    (variant.width, variant.height),
                    "{format:?}"
                );
            }
        }
    }
}

#[test]
fn the_size_does_not_depend_on_the_scale_that_was_decoded() {
    // The aspect ratios of 1363 x 1113 at 1/2 and 341 x 279 at 1/8 differ slightly from the
    // original's.
    let original = RgbImage::new(2725, 2225);
    let image = Recipe {
        limits: Limits {
            max_image_pixels: 10_000_000,
            ..LIMITS
        },
        ..recipe("a:1024,b:512")
    };
    let image = generate(&image, &encoded(original.clone(), ImageFormat::Jpeg)).unwrap();
    assert_eq!(sizes(&image), [("a", 1024, 836), ("b", 512, 418)]);
    let small = Recipe {
        limits: Limits {
            max_image_pixels: 10_000_000,
            ..LIMITS
        },
        ..recipe("a:300")
    };
    let small = generate(&small, &encoded(original, ImageFormat::Jpeg)).unwrap();
    assert_eq!(sizes(&small), [("a", 300, 245)]);
}

#[test]
fn a_size_that_no_scale_divides_shifts_nothing() {
    // At 1/2, 401 columns are 200.5 of 201. Taken for 201, the right end would be off by half a
    // pixel.
    let waves = RgbImage::from_fn(401, 301, |x, _| {
        let wave = (f64::from(x) * std::f64::consts::TAU / 14.0).sin();
        Rgb([if wave > 0.0 { 200 } else { 50 }; 3])
    });
    let variant = |format| {
        let image = made("a:180:png", &encoded(waves.clone(), format));
        rgb(&image.variants[0])
    };
    let (scaled, whole) = (variant(ImageFormat::Jpeg), variant(ImageFormat::Png));
    let differences = scaled
        .enumerate_pixels()
        .filter(|(x, ..)| *x > 135)
        .map(|(x, y, pixel)| u32::from(pixel.0[0].abs_diff(whole.get_pixel(x, y).0[0])));
    let (count, sum) = differences.fold((0, 0), |(count, sum), difference| {
        (count + 1, sum + difference)
    });
    assert!(sum < 8 * count, "{sum} in {count} pixels");
}
