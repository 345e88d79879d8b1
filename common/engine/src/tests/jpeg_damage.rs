//! JPEGs whose entropy-coded data are damaged or incomplete.

use turbojpeg::{Decompressor, PixelFormat, Subsamp};

use super::*;

const EDGE: u16 = 96;

/// Draws an image of which every part has its own bits.
fn texture(edge: u16) -> RgbImage {
    let edge = u32::from(edge);
    let mut random = 7_u32;
    RgbImage::from_fn(edge, edge, |x, y| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [noise, ..] = random.to_be_bytes();
        let tone = |value: u32| u8::try_from(value % 180 + 30).unwrap() + noise / 8;
        Rgb([tone(x * 2), tone(y * 2), tone(x + y)])
    })
}

/// Encodes the texture in every structure: with and without restarts, sequential and progressive.
fn sources() -> Vec<(String, Vec<u8>)> {
    let image = texture(EDGE);
    let mut sources = Vec::new();
    for is_progressive in [false, true] {
        for restarts in [None, Some(4)] {
            for sampling in [
                jpeg_encoder::SamplingFactor::F_1_1,
                jpeg_encoder::SamplingFactor::F_2_2,
            ] {
                let mut bytes = Vec::new();
                let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
                encoder.set_progressive(is_progressive);
                encoder.set_sampling_factor(sampling);
                if let Some(interval) = restarts {
                    encoder.set_restart_interval(interval);
                }
                encoder
                    .encode(image.as_raw(), EDGE, EDGE, jpeg_encoder::ColorType::Rgb)
                    .unwrap();
                let what = format!("progressive {is_progressive}, {restarts:?}, {sampling:?}");
                sources.push((what, bytes));
            }
        }
    }
    // With the refinement scans that the other encoder does not write.
    let mut compressor = turbojpeg::Compressor::new().unwrap();
    compressor.set_progressive(true).unwrap();
    compressor.set_subsamp(Subsamp::Sub2x2).unwrap();
    let edge = usize::from(EDGE);
    let pixels = turbojpeg::Image {
        pixels: &image.as_raw()[..],
        width: edge,
        pitch: edge * 3,
        height: edge,
        format: PixelFormat::RGB,
    };
    let refined = compressor.compress_to_vec(pixels).unwrap();
    sources.push(("progressive with refinements".to_owned(), refined));
    sources
}

/// Returns the offset of the data of the first scan.
fn first_data(file: &[u8]) -> usize {
    let mut at = 2;
    loop {
        let length = usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
        let end = at + 2 + length;
        if file[at + 1] == 0xDA {
            return end;
        }
        at = end;
    }
}

/// Decodes with libjpeg-turbo alone, whatever it warns of.
fn by_libjpeg_turbo(file: &[u8], edge: u16) -> Vec<u8> {
    let edge = usize::from(edge);
    let mut pixels = vec![0; edge * edge * 3];
    let image = turbojpeg::Image {
        pixels: &mut pixels[..],
        width: edge,
        pitch: edge * 3,
        height: edge,
        format: PixelFormat::RGB,
    };
    let _ = Decompressor::new().unwrap().decompress(file, image);
    pixels
}

/// Returns the mean of all samples. What is filled with grey changes it.
fn mean(image: &RgbImage) -> usize {
    let samples = image.as_raw();
    samples.iter().copied().map(usize::from).sum::<usize>() / samples.len()
}

#[test]
fn an_end_marker_may_be_missing_or_behind_other_bytes() {
    for (what, file) in sources() {
        for variants in ["a:96:png", "a:96", "a:24", "a:12"] {
            let expected = made(variants, &file);
            let unmarked = &file[..file.len() - 2];
            for trailer in [
                &b""[..],
                b"\xFF",
                b"\0\0\x0A\x0ASEFHk\0\0\0\x01\0\0\0SEFT",
                &[0x55; 5000],
                b"\xFF\xD9 and more",
                b"no end, and \xFF\x3C, which is no marker of a JPEG",
            ] {
                let image = made(variants, &[unmarked, trailer].concat());
                let shown = [&image, &expected].map(|image| mean(&rgb(&image.variants[0])));
                assert!(
                    shown[0].abs_diff(shown[1]) < 4,
                    "{what}, {variants}: {shown:?}"
                );
                // The shortcut for small variants of progressive images is only taken for whole
                // files, and is not exact.
                if variants.starts_with("a:96") {
                    assert_eq!(
                        image.variants[0].bytes, expected.variants[0].bytes,
                        "{what}, {variants}: {trailer:.20?}"
                    );
                }
            }
        }
    }
}

#[test]
fn missing_pixels_are_corrupt_whatever_stands_behind() {
    for (what, file) in sources() {
        let start = first_data(&file);
        let data = file.len() - 2 - start;
        for part in 0..40 {
            // Up to 0.5 % of the data are missing.
            let kept = start + data * part / 40 * 199 / 200;
            for end in [
                &b""[..],
                b"\xFF\xD9",
                b"\xFF\xD9 and a trailer",
                b"SEFHk\0\0\0\x01\0\0\0SEFT",
            ] {
                let cut = [&file[..kept], end].concat();
                match generate(&recipe("a:96:png"), &cut) {
                    Err(failure) => assert_eq!(failure.code, "corrupt", "{what}"),
                    // Whole scans may be missing before an end marker: nothing is grey then.
                    Ok(image) => {
                        assert!(
                            !what.starts_with("progressive false"),
                            "{what}: cut at {kept}"
                        );
                        assert!(end.starts_with(b"\xFF\xD9"), "{what}: cut at {kept}");
                        let shown = rgb(&image.variants[0]);
                        let far = shown
                            .pixels()
                            .zip(texture(EDGE).pixels())
                            .filter(|(a, b)| !is_near(a.0, b.0))
                            .count();
                        assert!(far < shown.pixels().len() / 2, "{what}: {far} pixels");
                    }
                }
            }
        }
    }
}

#[test]
fn damaged_data_are_shown_as_libjpeg_turbo_shows_them_or_not_at_all() {
    let (mut shown, mut refused) = (0, 0);
    for (what, file) in sources() {
        let start = first_data(&file);
        for at in (start..file.len() - 2).step_by((file.len() - start) / 60) {
            for wrong in [file[at] ^ 0x10, 0, 0x7F, 0xFF] {
                let mut damaged = file.clone();
                damaged[at] = wrong;
                match generate(&recipe("a:96:png"), &damaged) {
                    Ok(image) => {
                        shown += 1;
                        assert_eq!(
                            rgb(&image.variants[0]).into_raw(),
                            by_libjpeg_turbo(&damaged, EDGE),
                            "{what}: {wrong:#x} at {at}"
                        );
                    }
                    Err(failure) => {
                        refused += 1;
                        assert_eq!(failure.code, "corrupt", "{what}");
                    }
                }
            }
        }
    }
    assert!(
        shown > 50 && refused > 50,
        "{shown} shown, {refused} refused"
    );
}

#[test]
fn blocks_that_a_wrong_byte_costs_at_the_end_are_missing_only_without_an_end_marker() {
    const EDGE: u16 = 320;
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 40);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    let image = texture(EDGE);
    encoder
        .encode(image.as_raw(), EDGE, EDGE, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    let start = first_data(&file);
    let (mut shown, mut cut) = (0, 0);
    for at in (start..file.len() - 2).step_by((file.len() - start) / 40) {
        let mut damaged = file.clone();
        damaged[at] ^= 0x10;
        let unmarked = &damaged[..damaged.len() - 2];
        // A wrong byte may also cost more than a few blocks.
        let Ok(image) = generate(&recipe("a:320:png"), &damaged) else {
            assert_eq!(failed(LIMITS, unmarked).code, "corrupt", "at {at}");
            continue;
        };
        shown += 1;
        let expected = by_libjpeg_turbo(&damaged, EDGE);
        assert_eq!(rgb(&image.variants[0]).into_raw(), expected, "at {at}");
        made("a:160", &damaged);
        if let Err(failure) = generate(&recipe("a:320:png"), unmarked) {
            cut += 1;
            assert_eq!(failure.code, "corrupt", "at {at}");
        }
    }
    assert!(
        shown > 30 && cut > 5,
        "{shown} shown, {cut} only with a marker"
    );
}

#[test]
fn bytes_too_many_in_the_data_do_no_harm() {
    for (what, file) in sources() {
        let expected = made("a:96:png", &file);
        let end = file.len() - 2;
        for junk in [&b"\0"[..], b"junk", &[0x33; 700]] {
            let image = made("a:96:png", &[&file[..end], junk, &file[end..]].concat());
            assert_eq!(
                image.variants[0].bytes, expected.variants[0].bytes,
                "{what}"
            );
        }
    }
}

#[test]
fn a_component_without_a_scan_is_missing() {
    let (_, file) = sources().pop().unwrap();
    let start = first_data(&file);
    let header = &file[..start];
    // A scan of the first component only: with no data, and with those of another scan.
    let scan = header.len() - 2 * 3 - 6;
    assert_eq!(&header[scan - 2..scan], b"\xFF\xDA");
    let alone = [&header[..scan], &[0, 8, 1, 1, 0, 0, 0, 1], &file[start..]].concat();
    assert_eq!(failed(LIMITS, &alone).code, "corrupt");
}
