//! Containers that lie, and what is done with their lies.

use super::{
    container::{boxed, clap, ispe},
    *,
};

fn failure(file: &File) -> Failure {
    generate(&recipe("a:16"), &file.build()).unwrap_err()
}

fn with_size(name: &str, width: u32, height: u32) -> File {
    let mut item = Item::coded(name);
    item.properties[1] = ispe(width, height);
    File::of(vec![item])
}

#[test]
fn a_size_that_is_not_the_tile_s_is_refused() {
    for name in ["hevc-420-8", "av1-420-8"] {
        for (width, height) in [(63, 64), (64, 65), (1, 1), (128, 128), (1500, 1500)] {
            let failure = failure(&with_size(name, width, height));
            assert_eq!(
                failure.code, "corrupt",
                "{name} {width}x{height}: {failure:?}"
            );
        }
        assert_eq!(failure(&with_size(name, 0, 64)).code, "corrupt");
    }
}

/// Limits count by what the container declares, before anything is decoded.
#[test]
fn sizes_beyond_the_limits_are_refused_by_the_limit() {
    for name in ["hevc-420-8", "av1-420-8"] {
        assert_eq!(failure(&with_size(name, 30_001, 1)).code, "too_large_edge");
        assert_eq!(
            failure(&with_size(name, u32::MAX, u32::MAX)).code,
            "too_large_edge"
        );
        assert_eq!(
            failure(&with_size(name, 20_000, 20_000)).code,
            "too_many_pixels"
        );
        // An image in one tile needs its whole frame.
        let limits = Limits {
            max_decoded_bytes: 1 << 23,
            ..LIMITS
        };
        let file = with_size(name, 2000, 2000).build();
        assert_eq!(failed(limits, &file).code, "too_much_memory");
    }
}

#[test]
fn grids_that_do_not_add_up_are_refused() {
    let tile = || Item::coded("av1-420-8");
    for (columns, rows, width, height, tiles) in [
        (2, 2, 128, 128, 3),
        (2, 2, 128, 128, 5),
        (2, 2, 129, 128, 4),
        (2, 2, 64, 128, 4),
        (255, 255, 128, 128, 1),
        (255, 255, 1000, 1000, 65_025),
        (1, 1, 64, 64, 0),
    ] {
        let items = vec![Item::grid(columns, rows, width, height), tile()];
        let file = File::of(items).referring(*b"dimg", 1, &vec![2; tiles]);
        assert_eq!(
            failure(&file).code,
            "corrupt",
            "{columns}x{rows}, {tiles} tiles"
        );
    }
    let mut other = Item::grid(1, 1, 64, 64);
    other.properties = vec![ispe(60, 60)];
    let file = File::of(vec![other, tile()]).referring(*b"dimg", 1, &[2]);
    assert_eq!(failure(&file).code, "corrupt");
    // Tiles of different kinds.
    let items = vec![Item::grid(2, 1, 128, 64), tile(), Item::coded("av1-444-10")];
    let file = File::of(items).referring(*b"dimg", 1, &[2, 3]);
    assert_eq!(failure(&file).code, "corrupt");
}

#[test]
fn loops_of_references_end() {
    let identity = || Item {
        kind: *b"iden",
        data: Vec::new(),
        properties: vec![ispe(64, 64)],
    };
    let own = File::of(vec![identity()]).referring(*b"dimg", 1, &[1]);
    let two = File::of(vec![identity(), identity()])
        .referring(*b"dimg", 1, &[2])
        .referring(*b"dimg", 2, &[1]);
    let grid = File::of(vec![Item::grid(1, 1, 64, 64)]).referring(*b"dimg", 1, &[1]);
    let overlay = Item {
        kind: *b"iovl",
        data: [&[0; 10][..], &[0, 64, 0, 64], &[0; 4]].concat(),
        properties: vec![ispe(64, 64)],
    };
    let overlay = File::of(vec![overlay]).referring(*b"dimg", 1, &[1]);
    for mut file in [own, two, grid, overlay] {
        file.brands = vec![*b"avif"];
        assert_ne!(failure(&file).code, "timed_out");
    }
    // An alpha of itself.
    let items = vec![Item::coded("av1-420-8").with(alpha())];
    let file = File::of(items).referring(*b"auxl", 1, &[1]);
    generate(&recipe("a:16"), &file.build()).unwrap();
}

#[test]
fn what_is_missing_or_unknown_is_named() {
    let missing = |position: usize| {
        let mut item = Item::coded("hevc-420-8");
        item.properties.remove(position);
        failure(&File::of(vec![item]))
    };
    assert!(missing(0).message.contains("header"), "{:?}", missing(0));
    assert!(missing(1).message.contains("size"), "{:?}", missing(1));
    let mut jpeg = Item::coded("hevc-420-8");
    jpeg.kind = *b"jpeg";
    let mut file = File::of(vec![jpeg]);
    file.brands = vec![*b"heic"];
    assert_eq!(failure(&file).code, "unsupported_format");
    let mut file = File::of(vec![Item::coded("hevc-420-8")]);
    file.primary = 9;
    assert_eq!(failure(&file).code, "corrupt");
    let nothing = File::of(vec![Item::coded("hevc-420-8").with(clap(0, 0, 0, 0))]);
    assert_eq!(failure(&nothing).code, "corrupt");
    let matrix = File::of(vec![Item::coded("hevc-420-8").with(nclx(1, 13, 14, true))]);
    assert_eq!(failure(&matrix).code, "unsupported_format");
}

#[test]
fn tables_beyond_any_photo_s_are_refused() {
    let mut file = File::of(vec![Item::coded("av1-420-8"); 5_000]);
    let message = failure(&file).message;
    assert!(message.contains("more than"), "{message}");
    file = File::of(vec![Item::coded("av1-420-8")]);
    for _ in 0..250 {
        file.items[0].properties.push(boxed(*b"free", &[]));
    }
    generate(&recipe("a:16"), &file.build()).unwrap();
    for _ in 0..10 {
        file = file.referring(*b"dimg", 1, &vec![1; 20_000]);
    }
    let message = failure(&file).message;
    assert!(message.contains("iref"), "{message}");
}

#[test]
fn a_tile_without_data_is_refused() {
    for name in ["hevc-420-8", "av1-420-8"] {
        let mut item = Item::coded(name);
        item.data.clear();
        let mut file = File::of(vec![item]);
        file.storage = Storage::Idat;
        assert_eq!(failure(&file).code, "corrupt", "{name}");
    }
}

#[test]
fn many_hidden_frames_are_refused() {
    let mut item = Item::coded("av1-420-8");
    // Headers of frames without data.
    item.data.extend([0x1A, 0].repeat(100));
    assert_eq!(failure(&File::of(vec![item])).code, "unsupported_format");
}

/// Wherever a file is cut, it is never shown.
#[test]
fn a_file_that_is_cut_off_is_corrupt() {
    for name in ["hevc-420-8", "av1-420-8"] {
        let file = File::of(vec![Item::coded(name)]).build();
        for length in 24..file.len() {
            let failure = generate(&recipe("a:16"), &file[..length]).unwrap_err();
            assert_eq!(failure.code, "corrupt", "{name}: {length}");
        }
    }
}

/// Every byte is broken in three ways. The codes say that no decoder panicked in between.
#[test]
fn a_broken_byte_is_survived() {
    for name in ["hevc-420-8", "av1-420-8"] {
        let items = vec![
            Item::grid(1, 1, 64, 64),
            Item::coded(name),
            Item::coded("av1-grey-8").with(alpha()),
        ];
        let whole = File::of(items)
            .referring(*b"dimg", 1, &[2])
            .referring(*b"auxl", 3, &[1])
            .build();
        for at in 0..whole.len() {
            for change in [0x01, 0x80, 0xFF] {
                let mut file = whole.clone();
                file[at] ^= change;
                if let Err(failure) = generate(&recipe("a:16"), &file) {
                    let is_panic = failure.message.contains("panicked");
                    assert!(!is_panic, "{name}, byte {at}: {failure:?}");
                    assert_ne!(failure.code, "timed_out", "{name}, byte {at}");
                }
            }
        }
    }
}
