//! Tests of the facts of EXIF blocks, sound and broken.

use super::*;
use crate::tests::exif_block::{Block, Entry, bytes, fractions, text};

/// A block with every fact, in both byte orders.
fn whole() -> [Block; 2] {
    [false, true].map(|is_little_endian| Block {
        is_little_endian,
        image: vec![
            text(MAKE, "Apple"),
            text(MODEL, "iPhone 15 Pro"),
            text(CHANGED, "2030:01:01 00:00:00"),
        ],
        photo: vec![
            text(TAKEN, "2026:01:31 12:34:56"),
            text(OFFSET_OF_TAKEN, "+01:00"),
            text(FRACTION_OF_TAKEN, "789"),
        ],
        gps: vec![
            text(LATITUDE_REF, "S"),
            fractions(LATITUDE, &[(33, 1), (51, 1), (2_988, 100)]),
            text(LONGITUDE_REF, "E"),
            fractions(LONGITUDE, &[(151, 1), (12, 1), (3_510, 100)]),
        ],
    })
}

fn with(change: impl Fn(&mut Block)) -> Facts {
    let [mut block, _] = whole();
    change(&mut block);
    Facts::read(&block.write())
}

fn taken(change: impl Fn(&mut Block)) -> Option<String> {
    with(change).taken_at.map(|time| time.to_string())
}

fn set(entries: &mut Vec<Entry>, entry: Entry) {
    entries.retain(|known| known.tag != entry.tag);
    entries.push(entry);
}

fn unset(entries: &mut Vec<Entry>, tag: u16) {
    entries.retain(|known| known.tag != tag);
}

#[test]
fn every_fact_is_read_in_both_byte_orders_and_with_the_prefix_of_a_jpeg() {
    for block in whole().map(|block| block.write()) {
        for block in [block.clone(), [b"Exif\0\0", &block[..]].concat()] {
            let facts = Facts::read(&block);
            assert_eq!(facts.camera_make.as_deref(), Some("Apple"));
            assert_eq!(facts.camera_model.as_deref(), Some("iPhone 15 Pro"));
            let time = facts.taken_at.unwrap().to_string();
            assert_eq!(time, "2026-01-31T12:34:56.789+01:00");
            let place = facts.location.unwrap();
            assert_eq!(
                (place.latitude(), place.longitude()),
                (-33.858_3, 151.209_75)
            );
        }
    }
}

#[test]
fn the_place_is_kept_only_where_it_is_wanted() {
    let facts = Facts::read(&whole()[0].write());
    assert_eq!(facts.clone().kept(KeepLocation::On), facts);
    let without = facts.clone().kept(KeepLocation::Off);
    assert_eq!(without.location, None);
    assert_eq!(without.taken_at, facts.taken_at);
}

#[test]
fn the_time_of_the_photo_comes_before_that_of_its_scan_and_of_its_change() {
    let digitized = |block: &mut Block| {
        set(&mut block.photo, text(DIGITIZED, "2027:01:01 00:00:00"));
        set(&mut block.photo, text(OFFSET_OF_DIGITIZED, "Z"));
    };
    let no_time = |block: &mut Block| set(&mut block.photo, text(TAKEN, "0000:00:00 00:00:00"));
    assert_eq!(
        taken(digitized).as_deref(),
        Some("2026-01-31T12:34:56.789+01:00")
    );
    let scanned = taken(|block| {
        digitized(block);
        no_time(block);
    });
    assert_eq!(scanned.as_deref(), Some("2027-01-01T00:00:00+00:00"));
    assert_eq!(taken(no_time).as_deref(), Some("2030-01-01T00:00:00"));
    // An editor's file without a camera says only when it was saved.
    let saved = taken(|block| {
        no_time(block);
        unset(&mut block.image, MAKE);
        unset(&mut block.image, MODEL);
    });
    assert_eq!(saved, None);
}

#[test]
fn a_time_without_an_offset_stays_local() {
    for offset in [None, Some(""), Some("   :  "), Some("+99:00"), Some("CET")] {
        let taken = taken(|block| {
            unset(&mut block.photo, OFFSET_OF_TAKEN);
            unset(&mut block.photo, FRACTION_OF_TAKEN);
            if let Some(offset) = offset {
                set(&mut block.photo, text(OFFSET_OF_TAKEN, offset));
            }
        });
        assert_eq!(taken.as_deref(), Some("2026-01-31T12:34:56"), "{offset:?}");
    }
}

#[test]
fn years_that_no_camera_had_are_no_time_and_the_last_of_the_calendar_is() {
    let at = |time: &str| {
        taken(|block| {
            block.image.clear();
            block.photo = vec![text(TAKEN, time)];
        })
    };
    assert_eq!(at("0000:01:01 00:00:00"), None);
    assert_eq!(at("0001:01:01 00:00:00"), None);
    assert_eq!(
        at("9999:12:31 23:59:59").as_deref(),
        Some("9999-12-31T23:59:59")
    );
}

#[test]
fn a_name_is_kept_without_its_padding_and_left_out_where_it_is_none() {
    let make = |kind: u16, value: &[u8]| {
        with(|block| set(&mut block.image, bytes(MAKE, kind, value))).camera_make
    };
    for (kind, value) in [
        (2, &b"Canon\0"[..]),
        (2, b"Canon"),
        (2, b"  Canon   \0\0\0"),
        (2, b"Canon\0garbage\xFF"),
        (1, b"Canon\0"),
        (7, b"Canon\0"),
        (129, b"Canon\0"),
    ] {
        assert_eq!(
            make(kind, value).as_deref(),
            Some("Canon"),
            "{kind} {value:?}"
        );
    }
    let long = "x".repeat(MAX_NAME);
    assert_eq!(make(2, long.as_bytes()), Some(long.clone()));
    assert_eq!(make(129, "Caméra".as_bytes()).as_deref(), Some("Caméra"));
    for (kind, value) in [
        (2, &b""[..]),
        (2, b"\0"),
        (2, b"   \0"),
        (2, b"Can\x1Bon\0"),
        (2, b"Can\non\0"),
        (2, "Can\u{85}on\0".as_bytes()),
        (2, b"Can\xFFon\0"),
        (2, &[b'x'; MAX_NAME + 1]),
        (3, b"Canon\0"),
        (4, b"Canon\0"),
    ] {
        assert_eq!(make(kind, value), None, "{kind} {value:?}");
    }
}

#[test]
fn a_place_that_is_none_is_left_out() {
    let place = |change: &dyn Fn(&mut Vec<Entry>)| with(|block| change(&mut block.gps)).location;
    let sound = place(&|_| {});
    assert!(sound.is_some());
    let decimal_minutes = [(33, 1), (51_498, 1_000), (0, 1)];
    let same = place(&|gps| set(gps, fractions(LATITUDE, &decimal_minutes)));
    assert_eq!(same, sound);
    assert_eq!(place(&|gps| set(gps, text(STATUS, "A"))), sound);
    for latitude in [
        &[(33, 0), (51, 1), (29, 1)][..],
        &[(33, 1), (51, 0), (29, 1)],
        &[(0, 0), (0, 0), (0, 0)],
        &[(91, 1), (0, 1), (0, 1)],
        &[(u32::MAX, 1), (0, 1), (0, 1)],
        &[(33, 1), (51, 1)],
        &[],
    ] {
        assert_eq!(
            place(&|gps| set(gps, fractions(LATITUDE, latitude))),
            None,
            "{latitude:?}"
        );
    }
    for change in [
        &(|gps: &mut Vec<Entry>| unset(gps, LATITUDE_REF)) as &dyn Fn(&mut Vec<Entry>),
        &|gps| set(gps, text(LATITUDE_REF, "X")),
        &|gps| set(gps, text(LONGITUDE_REF, "N")),
        &|gps| unset(gps, LONGITUDE),
        &|gps| set(gps, text(STATUS, "V")),
        &|gps| set(gps, text(LATITUDE, "33.85")),
        &|gps| {
            // A signed fraction may not be negative beside a reference.
            let numbers = vec![(-33_i32).cast_unsigned(), 1, 0, 1, 0, 1];
            set(
                gps,
                Entry {
                    tag: LATITUDE,
                    kind: 10,
                    numbers,
                },
            );
        },
    ] {
        assert_eq!(place(change), None);
    }
}

#[test]
fn a_block_that_is_cut_anywhere_has_fewer_facts_and_nothing_else_happens() {
    for block in whole().map(|block| block.write()) {
        let all = Facts::read(&block);
        for end in 0..block.len() {
            let facts = Facts::read(&block[..end]);
            assert!(facts.camera_make.is_none() || facts.camera_make == all.camera_make);
            assert!(facts.location.is_none() || facts.location == all.location);
        }
        assert_eq!(Facts::read(&block[..8]), Facts::default());
    }
}

#[test]
fn a_block_with_any_byte_changed_is_read_without_harm() {
    let [block, _] = whole();
    let block = block.write();
    for at in 0..block.len() {
        for value in [0, 1, 0x7F, 0xFF] {
            let mut broken = block.clone();
            broken[at] = value;
            let facts = Facts::read(&broken);
            let names = [&facts.camera_make, &facts.camera_model];
            assert!(
                names
                    .into_iter()
                    .flatten()
                    .all(|name| name.len() <= MAX_NAME)
            );
        }
    }
}

#[test]
fn directories_that_point_at_themselves_or_beyond_the_block_have_no_facts() {
    for pointer in [8, 0, 4, 1 << 20, u32::MAX] {
        let facts = with(|block| {
            let entry = Entry {
                tag: PHOTO,
                kind: 4,
                numbers: vec![pointer],
            };
            // Before the pointer that the writer adds.
            block.image.insert(0, entry);
        });
        assert_eq!(facts.camera_make.as_deref(), Some("Apple"), "{pointer}");
        assert_eq!(facts.taken_at.unwrap().to_string(), "2030-01-01T00:00:00");
    }
}

#[test]
fn a_block_of_64_mb_and_one_of_65535_entries_are_read_as_any_other() {
    let [mut block, _] = whole();
    let mut large = block.write();
    large.resize(64 << 20, 0xFF);
    assert_eq!(Facts::read(&large), Facts::read(&block.write()));
    // The entries that the writer adds are the last.
    let filler = (0..65_000).map(|_| text(0xABCD, "x"));
    block.image.splice(0..0, filler);
    assert!(Facts::read(&block.write()).location.is_some());
}

#[test]
fn what_is_no_block_has_no_facts() {
    for block in [
        &b""[..],
        b"II",
        b"MM\0*",
        b"II*\0\0\0\0\0",
        b"Exif\0\0",
        b"Exif\0\0Exif\0\0MM\0*",
        b"http://ns.adobe.com/xap",
    ] {
        assert!(Facts::read(block).is_empty(), "{block:?}");
    }
}
