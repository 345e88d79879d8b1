//! Containers of WebP files as other programs write and accept them.

use super::{orientations::exif, *};

fn chunk(id: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = id.to_vec();
    chunk.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    chunk.extend(body);
    chunk.extend(std::iter::repeat_n(0, body.len() % 2));
    chunk
}

/// Writes an extended file of 128 x 96 pixels with these flags and with chunks behind the image.
fn extended(flags: u8, image: &[u8], behind: &[Vec<u8>]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    let dimensions = [flags, 0, 0, 0, 127, 0, 0, 95, 0, 0];
    body.extend(chunk(*b"VP8X", &dimensions));
    body.extend(image);
    body.extend(behind.concat());
    let length = u32::try_from(body.len()).unwrap();
    [&b"RIFF"[..], &length.to_le_bytes(), &body].concat()
}

/// The image's own chunk, lossy or lossless, with its header.
fn image_chunk(is_lossless: bool) -> Vec<u8> {
    let pixels = quarters(128, 96);
    let file = if is_lossless {
        encoded(pixels, ImageFormat::WebP)
    } else {
        let encoder = webp::Encoder::from_rgb(pixels.as_raw(), 128, 96);
        encoder.encode(90.0).to_vec()
    };
    file[12..].to_vec()
}

#[test]
fn an_exif_chunk_turns_the_image_with_a_prefix_and_without() {
    for is_lossless in [false, true] {
        for prefix in [&b""[..], b"Exif\0\0"] {
            for (orientation, size) in [(1, (128, 96)), (3, (128, 96)), (6, (96, 128))] {
                let block = chunk(*b"EXIF", &[prefix, &exif(orientation)].concat());
                let file = extended(0x08, &image_chunk(is_lossless), &[block]);
                let image = made("a:64", &file);
                assert_eq!(image.orientation, orientation, "{prefix:?}");
                assert_eq!((image.width, image.height), size, "{prefix:?}");
            }
        }
    }
}

#[test]
fn bytes_behind_the_container_are_ignored() {
    let plain = encoded(quarters(128, 96), ImageFormat::WebP);
    let with_exif = extended(0x08, &image_chunk(false), &[chunk(*b"EXIF", &exif(1))]);
    for file in [plain, with_exif] {
        for trailer in [&b"\n"[..], b"junk", &[0; 1000], b"EXIF\xff\xff\xff\xff"] {
            let image = made("a:64", &[&file[..], trailer].concat());
            assert_quarters(&rgb(&image.variants[0]), &format!("{trailer:?}"));
        }
    }
}

#[test]
fn flags_for_chunks_that_are_not_there_are_ignored() {
    for is_lossless in [false, true] {
        for flags in [0x08, 0x04, 0x20, 0x10, 0x3c] {
            let file = extended(flags, &image_chunk(is_lossless), &[]);
            let image = made("a:64", &file);
            assert_quarters(&rgb(&image.variants[0]), &format!("{flags:#x}"));
        }
    }
}

#[test]
fn chunks_that_the_flags_do_not_announce_are_ignored() {
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let expected = made("a:64:png", &extended(0, &image_chunk(true), &[]));
    for block in [chunk(*b"EXIF", &exif(6)), chunk(*b"ICCP", &profile)] {
        let image = made("a:64:png", &extended(0, &image_chunk(true), &[block]));
        assert_eq!(image.orientation, 1);
        assert_eq!(image.variants[0].bytes, expected.variants[0].bytes);
    }
}

#[test]
fn a_container_that_is_cut_off_is_still_corrupt() {
    let file = extended(0x08, &image_chunk(false), &[chunk(*b"EXIF", &exif(6))]);
    for length in [20, 40, 100, file.len() / 2] {
        let failure = failed(LIMITS, &file[..length]);
        assert_eq!(failure.code, "corrupt", "{length}");
    }
}

/// Writes a lossy file with this EXIF chunk.
pub(super) fn with_exif(block: &[u8]) -> Vec<u8> {
    extended(0x08, &image_chunk(false), &[chunk(*b"EXIF", block)])
}
