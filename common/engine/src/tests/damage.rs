//! Broken files: the engine returns an image or a failure, and never panics.

use super::*;

fn sources() -> Vec<(&'static str, Vec<u8>)> {
    let source = quarters(128, 96);
    let mut progressive = turbojpeg::Compressor::new().unwrap();
    progressive.set_progressive(true).unwrap();
    let image = turbojpeg::Image {
        pixels: &source.as_raw()[..],
        width: 128,
        pitch: 128 * 3,
        height: 96,
        format: turbojpeg::PixelFormat::RGB,
    };
    vec![
        ("jpeg", encoded(source.clone(), ImageFormat::Jpeg)),
        ("progressive", progressive.compress_to_vec(image).unwrap()),
        ("png", encoded(source.clone(), ImageFormat::Png)),
        ("webp", encoded(source.clone(), ImageFormat::WebP)),
        ("gif", animations::gif(3, 64)),
    ]
}

#[test]
fn every_truncated_file_is_a_failure_and_no_grey_image() {
    // What may be missing without a pixel: an end marker, the checksums of a PNG.
    const WITHOUT_PIXELS: usize = 24;
    for (what, whole) in sources() {
        for percent in 0..100 {
            let length = (whole.len() - WITHOUT_PIXELS) * percent / 100;
            match generate(&recipe("small:16,large:64"), &whole[..length]) {
                // An animation may lack frames, except the first.
                Ok(_) => assert_eq!(what, "gif", "{percent} %"),
                Err(failure) => assert!(
                    ["empty", "unsupported_format", "corrupt"].contains(&failure.code.as_str()),
                    "{what} {percent} %: {failure:?}"
                ),
            }
        }
    }
}

#[test]
fn any_byte_may_be_wrong() {
    for (what, whole) in sources() {
        let step = (whole.len() / 400).max(1);
        for at in (0..whole.len()).step_by(step) {
            for wrong in [0, 0xFF, whole[at] ^ 0x10] {
                let mut bytes = whole.clone();
                bytes[at] = wrong;
                // The small variant alone is decoded at another scale.
                for variants in ["small:16,large:64,c:20x9", "small:16"] {
                    if let Err(failure) = generate(&recipe(variants), &bytes) {
                        assert!(
                            !failure.message.contains("panicked"),
                            "{what}, byte {at}: a decoder panicked"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn files_that_are_no_images_have_their_own_failure() {
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
        assert_eq!(failed(LIMITS, bytes).code, code);
    }
    let failure = failed(LIMITS, b"\0\0\0\x18ftypqt  ");
    assert!(failure.message.starts_with("video"), "{failure:?}");
}
