//! Resizing of pixels of every kind. Not beside the code, which would be compiled once more.

use fast_image_resize::{ResizeOptions, Resizer};
use resample::{Error, Samples, resize};

fn resized(samples: Samples, source: &[u8], options: &ResizeOptions) -> Result<Vec<u8>, Error> {
    resize(
        &mut Resizer::new(),
        samples,
        source,
        (4, 2),
        (2, 1),
        options,
    )
}

#[test]
fn an_even_picture_stays_even() {
    for (samples, pixel) in [
        (Samples::One, &[7_u8] as &[u8]),
        (Samples::Three, &[1, 2, 3]),
        (Samples::Four, &[1, 2, 3, 4]),
    ] {
        let options = ResizeOptions::new().use_alpha(false);
        let result = resized(samples, &pixel.repeat(8), &options).unwrap();
        assert_eq!(result, pixel.repeat(2), "{samples:?}");
    }
}

#[test]
fn a_buffer_or_a_region_of_another_size_is_an_error() {
    let whole = ResizeOptions::new();
    let short = resized(Samples::One, &[0; 7], &whole);
    assert!(matches!(short, Err(Error::Buffer(_))), "{short:?}");
    let outside = whole.crop(3.0, 0.0, 2.0, 1.0);
    let outside = resized(Samples::One, &[0; 8], &outside);
    assert!(matches!(outside, Err(Error::Options(_))), "{outside:?}");
}
