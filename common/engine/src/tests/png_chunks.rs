//! PNGs with chunks about colours in every order, and with chunks that are damaged or missing.

use std::io::Write;

use flate2::{Compression, write::ZlibEncoder};
use moxcms::ColorProfile;

use super::{limits::png_chunk, *};

const EDGE: u32 = 32;

/// Bytes of the header and of the end.
const HEADER: usize = 33;
const END: usize = 12;

/// A red of Display P3, and the same in sRGB.
const WIDE: [u8; 3] = [200, 50, 50];
const IN_SRGB: [u8; 3] = [217, 22, 39];

/// The chunks of the test's own file: header, pixels, end.
fn chunks(colour_type: u8, samples_per_pixel: &[u8]) -> [Vec<u8>; 3] {
    let edge = EDGE.to_be_bytes();
    let header = [&edge[..], &edge, &[8, colour_type, 0, 0, 0]].concat();
    let row = [&[0], &samples_per_pixel.repeat(EDGE as usize)[..]].concat();
    let rows = row.repeat(EDGE as usize);
    [
        png_chunk(*b"IHDR", &header),
        png_chunk(*b"IDAT", &deflated(&rows)),
        png_chunk(*b"IEND", b""),
    ]
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn file(colour_type: u8, pixel: &[u8], before: &[Vec<u8>], behind: &[Vec<u8>]) -> Vec<u8> {
    let [header, pixels, end] = chunks(colour_type, pixel);
    [
        &b"\x89PNG\r\n\x1a\n"[..],
        &header,
        &before.concat(),
        &pixels,
        &behind.concat(),
        &end,
    ]
    .concat()
}

fn icc(profile: &ColorProfile) -> Vec<u8> {
    let compressed = deflated(&profile.encode().unwrap());
    png_chunk(*b"iCCP", &[b"name\0\0", &compressed[..]].concat())
}

fn code_points(primaries: u8, transfer: u8) -> Vec<u8> {
    png_chunk(*b"cICP", &[primaries, transfer, 0, 1])
}

fn shown(file: &[u8]) -> [u8; 3] {
    rgb(&made("a:32:png", file).variants[0]).get_pixel(9, 9).0
}

fn is_close(left: [u8; 3], right: [u8; 3]) -> bool {
    left.into_iter().zip(right).all(|(a, b)| a.abs_diff(b) < 3)
}

fn assert_shown(file: &[u8], expected: [u8; 3], what: &str) {
    let shown = shown(file);
    assert!(is_close(shown, expected), "{what}: {shown:?}");
}

#[test]
fn the_chunk_of_the_highest_rank_counts_in_any_order() {
    let p3 = || icc(&ColorProfile::new_display_p3());
    let srgb = || png_chunk(*b"sRGB", &[0]);
    let gamma = || png_chunk(*b"gAMA", &100_000_u32.to_be_bytes());
    let rows: [(Vec<Vec<u8>>, [u8; 3]); 9] = [
        (vec![p3()], IN_SRGB),
        (vec![srgb()], WIDE),
        (vec![gamma()], WIDE),
        (vec![p3(), srgb()], IN_SRGB),
        (vec![p3(), gamma()], IN_SRGB),
        (vec![p3(), srgb(), gamma()], IN_SRGB),
        (vec![code_points(12, 13), srgb()], IN_SRGB),
        (vec![code_points(1, 13), p3(), srgb()], WIDE),
        (vec![code_points(12, 13), gamma()], IN_SRGB),
    ];
    for (mut before, expected) in rows {
        for _ in 0..before.len() {
            before.rotate_left(1);
            assert_shown(&file(2, &WIDE, &before, &[]), expected, "rotated");
            before.reverse();
            assert_shown(&file(2, &WIDE, &before, &[]), expected, "reversed");
            before.reverse();
        }
    }
    // Behind the pixels, none counts.
    assert_shown(
        &file(2, &WIDE, &[], &[p3(), code_points(12, 13)]),
        WIDE,
        "late",
    );
}

#[test]
fn code_points_that_mean_nothing_leave_the_profile() {
    let broken = [
        png_chunk(*b"cICP", &[2, 2, 0, 1]),
        png_chunk(*b"cICP", &[12, 2, 0, 1]),
        png_chunk(*b"cICP", &[2, 13, 0, 1]),
        png_chunk(*b"cICP", &[99, 99, 0, 1]),
        png_chunk(*b"cICP", &[1, 13, 0, 0]),
        png_chunk(*b"cICP", &[1, 13, 1, 1]),
        png_chunk(*b"cICP", &[1, 13, 0, 7]),
        png_chunk(*b"cICP", &[1]),
        png_chunk(*b"cICP", &[1, 13, 0, 1, 1]),
    ];
    for chunk in broken {
        let what = format!("{chunk:?}");
        let profile = icc(&ColorProfile::new_display_p3());
        assert_shown(
            &file(2, &WIDE, std::slice::from_ref(&chunk), &[]),
            WIDE,
            &what,
        );
        for before in [[chunk.clone(), profile.clone()], [profile, chunk]] {
            assert_shown(&file(2, &WIDE, &before, &[]), IN_SRGB, &what);
        }
    }
}

/// The levels of grey that Chromium shows for these samples.
#[test]
fn the_transfer_of_code_points_is_followed() {
    for (transfer, levels) in [
        (1, [(64, 54), (128, 121), (200, 197)]),
        (4, [(64, 62), (128, 129), (200, 201)]),
        (5, [(64, 40), (128, 106), (200, 189)]),
        (7, [(64, 81), (128, 141), (200, 206)]),
        (8, [(64, 137), (128, 188), (200, 229)]),
        (13, [(64, 64), (128, 128), (200, 200)]),
        (14, [(64, 54), (128, 121), (200, 197)]),
        // HDR, tone-mapped.
        (16, [(64, 30), (128, 132), (180, 242)]),
        (17, [(64, 48), (128, 118), (200, 200)]),
        (18, [(64, 43), (128, 99), (200, 202)]),
    ] {
        for (sample, level) in levels {
            for primaries in [1, 9, 12] {
                let before = [code_points(primaries, transfer)];
                let what = format!("{primaries}, {transfer}: {sample}");
                for (colour_type, pixel) in [
                    (0, vec![sample]),
                    (2, vec![sample; 3]),
                    (4, vec![sample, 255]),
                    (6, vec![sample, sample, sample, 255]),
                ] {
                    let file = file(colour_type, &pixel, &before, &[]);
                    assert_shown(&file, [level; 3], &what);
                }
            }
        }
    }
}

#[test]
fn grey_is_converted_by_its_profile_with_alpha_and_without() {
    let before = [icc(&ColorProfile::new_gray_with_gamma(1.0))];
    let expected = shown(&file(0, &[55], &before, &[]));
    // Linear light of 55/255 is 128 in sRGB.
    assert!(is_close(expected, [128; 3]), "{expected:?}");
    assert_eq!(shown(&file(4, &[55, 255], &before, &[])), expected);
    let half = rgba(&made("a:32:png", &file(4, &[55, 128], &before, &[])).variants[0]);
    let [red, green, blue, alpha] = half.get_pixel(9, 9).0;
    assert!(is_close([red, green, blue], expected), "{half:?}");
    assert_eq!(alpha, 128);
    // It says nothing about colours.
    assert_eq!(shown(&file(2, &WIDE, &before, &[])), WIDE);
}

#[test]
fn what_is_behind_the_pixels_may_be_missing() {
    let whole = file(2, &WIDE, &[], &[]);
    let expected = made("a:32:png", &whole);
    // The end, and the checksums of the pixels: of their chunk, and of their data.
    for missing in 1..=END + 4 + 4 {
        let image = made("a:32:png", &whole[..whole.len() - missing]);
        assert_eq!(
            image.variants[0].bytes, expected.variants[0].bytes,
            "{missing}"
        );
    }
    let junk = [&whole[..whole.len() - END], b"not a chunk"].concat();
    assert_eq!(
        made("a:32:png", &junk).variants[0].bytes,
        expected.variants[0].bytes
    );
}

#[test]
fn wrong_checksums_do_no_harm() {
    let text = png_chunk(*b"tEXt", b"a\0b");
    let whole = file(2, &WIDE, std::slice::from_ref(&text), &[]);
    let expected = made("a:32:png", &whole);
    let pixels = whole.len() - END;
    for at in [
        HEADER + text.len() - 1,
        // Of the chunk, and of its data.
        pixels - 1,
        pixels - 5,
        whole.len() - 1,
    ] {
        let mut wrong = whole.clone();
        wrong[at] ^= 0x55;
        let image = made("a:32:png", &wrong);
        assert_eq!(image.variants[0].bytes, expected.variants[0].bytes, "{at}");
    }
}

#[test]
fn missing_rows_are_corrupt_whatever_stands_behind() {
    let row = [&[0], &WIDE.repeat(EDGE as usize)[..]].concat();
    let rows = row.repeat(EDGE as usize);
    let [header, _, end] = chunks(2, &WIDE);
    let signature = b"\x89PNG\r\n\x1a\n";
    for length in [0, 1, row.len(), rows.len() / 2, rows.len() - 1] {
        let pixels = png_chunk(*b"IDAT", &deflated(&rows[..length]));
        for end in [&end[..], b"", b"junk"] {
            let file = [&signature[..], &header, &pixels, end].concat();
            assert_eq!(failed(LIMITS, &file).code, "corrupt", "{length}");
        }
    }
}

#[test]
fn transparency_of_more_entries_than_the_palette_has_is_cut() {
    let palette = png_chunk(*b"PLTE", &[WIDE, [0, 0, 0]].concat());
    for entries in [1, 2, 3, 256] {
        let transparency = png_chunk(*b"tRNS", &vec![99; entries]);
        let broken = png_chunk(*b"cICP", &[1, 13, 9, 1]);
        for before in [
            vec![palette.clone(), transparency.clone()],
            vec![broken.clone(), palette.clone(), transparency.clone()],
            vec![palette.clone(), transparency, broken],
        ] {
            let file = file(3, &[0], &before, &[]);
            let variant = rgba(&made("a:32:png", &file).variants[0]);
            assert_eq!(variant.get_pixel(9, 9).0[3], 99, "{entries}");
        }
    }
}

/// Found by fuzzing: the decoder panicked, which was a `corrupt` without a reason.
#[test]
fn a_palette_that_ends_within_a_colour_is_corrupt_where_it_is_used() {
    let torn = png_chunk(*b"PLTE", &[9; 68]);
    let failure = failed(LIMITS, &file(3, &[1], std::slice::from_ref(&torn), &[]));
    assert_eq!(failure.code, "corrupt");
    assert!(failure.message.contains("68 bytes"), "{failure:?}");
    // Of other colour types, a palette is a hint.
    made("a:32:png", &file(2, &WIDE, &[torn], &[]));
}
