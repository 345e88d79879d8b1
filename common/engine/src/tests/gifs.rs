//! GIFs that other programs show, whatever the specification says of them.

use weezl::{BitOrder, encode::Encoder};

use super::*;

const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const BLACK: [u8; 3] = [0; 3];
const WHITE: [u8; 3] = [255; 3];

/// The palette: red is the first colour.
const COLOURS: [[u8; 3]; 4] = [RED, BLUE, [0, 255, 0], WHITE];

const TRAILER: &[u8] = b";";

fn screen(width: u16, height: u16, palette: &[[u8; 3]]) -> Vec<u8> {
    let flags = match palette.len() {
        0 => 0,
        colours => 0x80 | u8::try_from(colours.ilog2() - 1).unwrap(),
    };
    let [w0, w1] = width.to_le_bytes();
    let [h0, h1] = height.to_le_bytes();
    let header = [
        &b"GIF89a"[..],
        &[w0, w1, h0, h1, flags, 3, 0],
        palette.as_flattened(),
    ];
    header.concat()
}

/// Builds a frame of one index.
fn frame(place: [u16; 4], index: u8) -> Vec<u8> {
    let pixels = usize::from(place[2]) * usize::from(place[3]);
    frame_of(place, 0, &vec![index; pixels])
}

fn frame_of(place: [u16; 4], flags: u8, indices: &[u8]) -> Vec<u8> {
    let data = Encoder::new(BitOrder::Lsb, 3).encode(indices).unwrap();
    let mut bytes = vec![0x2C];
    bytes.extend(place.into_iter().flat_map(u16::to_le_bytes));
    bytes.extend([flags, 3]);
    for part in data.chunks(255) {
        bytes.push(u8::try_from(part.len()).unwrap());
        bytes.extend(part);
    }
    bytes.push(0);
    bytes
}

fn transparent(index: u8) -> [u8; 8] {
    [0x21, 0xF9, 4, 1, 0, 0, index, 0]
}

/// Decodes the file at its own size, and returns the size and the pixels at these places.
fn shown<const N: usize>(parts: &[&[u8]], places: [[u32; 2]; N]) -> ([u32; 2], [[u8; 4]; N]) {
    let image = made("a:500:png", &parts.concat());
    let variant = rgba(&image.variants[0]);
    assert_eq!(variant.dimensions(), (image.width, image.height));
    let pixels = places.map(|[x, y]| variant.get_pixel(x, y).0);
    ([image.width, image.height], pixels)
}

fn opaque([red, green, blue]: [u8; 3]) -> [u8; 4] {
    [red, green, blue, 255]
}

#[test]
fn the_canvas_holds_the_screen_and_the_whole_frame() {
    for (width, height, place, canvas) in [
        (60, 40, [0, 0, 60, 40], [60, 40]),
        (0, 0, [0, 0, 60, 40], [60, 40]),
        (0, 40, [0, 0, 60, 40], [60, 40]),
        (60, 0, [0, 0, 60, 40], [60, 40]),
        (1, 1, [0, 0, 60, 40], [60, 40]),
        (60, 40, [10, 20, 60, 40], [70, 60]),
        (60, 40, [60, 40, 10, 10], [70, 50]),
        (100, 80, [10, 20, 60, 40], [100, 80]),
    ] {
        let file = [&screen(width, height, &COLOURS), &frame(place, 1), TRAILER];
        let [left, top, w, h] = place.map(u32::from);
        let corners = [[left, top], [left + w - 1, top + h - 1]];
        let (size, pixels) = shown(&file, corners);
        assert_eq!(size, canvas, "{width} {height} {place:?}");
        assert_eq!(pixels, [opaque(BLUE); 2], "{width} {height} {place:?}");
    }
}

#[test]
fn what_the_frame_leaves_open_is_transparent_or_the_first_colour() {
    let (screen, blue) = (screen(60, 40, &COLOURS), frame([10, 10, 20, 20], 1));
    let open = [[0, 0], [59, 39]];
    let (_, pixels) = shown(&[&screen, &blue, TRAILER], open);
    assert_eq!(pixels, [opaque(RED); 2]);
    let (_, pixels) = shown(&[&screen, &transparent(2), &blue, TRAILER], open);
    assert_eq!(pixels, [[0; 4]; 2]);
    // Of a later frame, too.
    let (_, pixels) = shown(&[&screen, &blue, &transparent(2), &blue, TRAILER], open);
    assert_eq!(pixels, [[0; 4]; 2]);
    let (_, [pixel]) = shown(&[&screen, &transparent(1), &blue, TRAILER], [[15, 15]]);
    assert_eq!(pixel, [0; 4]);
    // Of a control extension that is longer than it should be, too.
    let longer = [0x21, 0xF9, 5, 1, 0, 0, 1, 0, 0];
    let (_, [pixel]) = shown(&[&screen, &longer, &blue, TRAILER], [[15, 15]]);
    assert_eq!(pixel, [0; 4]);
}

#[test]
fn an_index_outside_the_palette_is_black() {
    let whole = [0, 0, 60, 40];
    for (palette, index, expected) in [
        (&COLOURS[..], 3, WHITE),
        (&COLOURS[..2], 2, BLACK),
        (&COLOURS[..2], 7, BLACK),
        (&[], 0, BLACK),
        (&[], 3, BLACK),
    ] {
        let file = [&screen(60, 40, palette), &frame(whole, index), TRAILER];
        let (_, [pixel]) = shown(&file, [[30, 20]]);
        assert_eq!(pixel, opaque(expected), "{palette:?} {index}");
    }
}

#[test]
fn a_frame_s_own_palette_comes_first() {
    let green = COLOURS[2];
    let mut own = frame([0, 0, 60, 40], 1);
    own[9] |= 0x80;
    own.splice(10..10, [WHITE, green].concat());
    let (_, [pixel]) = shown(&[&screen(60, 40, &COLOURS), &own, TRAILER], [[30, 20]]);
    assert_eq!(pixel, opaque(green));
}

#[test]
fn the_rows_of_an_interlaced_frame_come_in_their_order() {
    let order = [0, 8, 4, 2, 6, 1, 3, 5, 7];
    let indices: Vec<_> = order.iter().flat_map(|row| [row % 4; 9]).collect();
    let file = [
        &screen(9, 9, &COLOURS)[..],
        &frame_of([0, 0, 9, 9], 0x40, &indices),
        TRAILER,
    ];
    let places = [0, 1, 2, 3, 4, 5, 6, 7, 8].map(|row| [4, row]);
    let (_, pixels) = shown(&file, places);
    let expected = [0, 1, 2, 3, 4, 5, 6, 7, 8].map(|row| opaque(COLOURS[row % 4]));
    assert_eq!(pixels, expected);
}

#[test]
fn what_stands_around_the_frame_does_no_harm() {
    let (screen, blue) = (screen(60, 40, &COLOURS), frame([0, 0, 60, 40], 1));
    let empty = [&b"\x2C"[..], &[0; 9], b"\x03\x00"].concat();
    for (before, behind) in [
        (&b""[..], &b""[..]),
        (b"\0\0\0", TRAILER),
        (b"\x21\x99\x03abc\0", TRAILER),
        (b"\x21\xFE\x05hello\0", b";junk"),
        (b"", b"junk"),
        (&empty, TRAILER),
    ] {
        let (size, [pixel]) = shown(&[&screen, before, &blue, behind], [[30, 20]]);
        assert_eq!(
            (size, pixel),
            ([60, 40], opaque(BLUE)),
            "{before:?} {behind:?}"
        );
    }
    // The empty sub-block behind the frame's data is missing.
    let (_, [pixel]) = shown(&[&screen, &blue[..blue.len() - 1], TRAILER], [[30, 20]]);
    assert_eq!(pixel, opaque(BLUE));
}

#[test]
fn a_file_is_corrupt_exactly_where_pixels_are_missing() {
    let indices: Vec<u8> = (0..60 * 40)
        .map(|at: u32| (at * at / 7 % 4) as u8)
        .collect();
    let screen = screen(60, 40, &COLOURS);
    let whole = [&screen, &frame_of([0, 0, 60, 40], 0, &indices), TRAILER].concat();
    let last = rgba(&made("a:500:png", &whole).variants[0]);
    let mut complete = 0;
    for length in 0..whole.len() {
        match generate(&recipe("a:500:png"), &whole[..length]) {
            Ok(image) => {
                assert_eq!(rgba(&image.variants[0]), last, "{length}");
                complete += 1;
            }
            Err(failure) => assert!(
                ["corrupt", "empty", "unsupported_format"].contains(&failure.code.as_str()),
                "{length}: {failure:?}"
            ),
        }
    }
    // Without the trailer, the empty sub-block and the code of the end.
    assert!((2..=5).contains(&complete), "{complete}");
    for (size, what) in [([60, 41], "too few"), ([61, 40], "too few")] {
        let file = [
            &screen,
            &frame_of([0, 0, size[0], size[1]], 0, &indices),
            TRAILER,
        ]
        .concat();
        assert_eq!(failed(LIMITS, &file).code, "corrupt", "{what}");
    }
    let more = [&screen, &frame_of([0, 0, 60, 30], 0, &indices), TRAILER];
    let (_, pixels) = shown(&more, [[0, 39]]);
    assert_eq!(pixels, [opaque(RED)]);
}
