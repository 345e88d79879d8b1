use super::*;

fn boxed(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(8 + body.len()).unwrap();
    [&length.to_be_bytes()[..], &name, body].concat()
}

fn ftyp(brands: &[&[u8; 4]]) -> Vec<u8> {
    let [major, compatible @ ..] = brands else {
        panic!("no brand")
    };
    let compatible = compatible.iter().flat_map(|brand| **brand);
    let body: Vec<u8> = major
        .iter()
        .copied()
        .chain([0; 4])
        .chain(compatible)
        .collect();
    boxed(*b"ftyp", &body)
}

/// Builds a file with one item of each type, of which the first is the primary one; the data of
/// each is four bytes of `mdat`.
fn file(brands: &[&[u8; 4]], kinds: &[&[u8; 4]]) -> Vec<u8> {
    let ftyp = ftyp(brands);
    let build = |data: u32| {
        let count = u16::try_from(kinds.len()).unwrap().to_be_bytes();
        let mut infos = [&[0; 4][..], &count].concat();
        let mut locations = [&[0, 0, 0, 0, 0x44, 0][..], &count].concat();
        for (id, kind) in (1_u16..).zip(kinds) {
            let info = [&[2, 0, 0, 0][..], &id.to_be_bytes(), &[0, 0], *kind, &[0]].concat();
            infos.extend(boxed(*b"infe", &info));
            locations.extend([&id.to_be_bytes()[..], &[0, 0, 0, 1]].concat());
            locations.extend(data.to_be_bytes());
            locations.extend(4_u32.to_be_bytes());
        }
        let children = [
            boxed(*b"pitm", &[0, 0, 0, 0, 0, 1]),
            boxed(*b"iinf", &infos),
            boxed(*b"iloc", &locations),
        ];
        boxed(*b"meta", &[vec![0; 4], children.concat()].concat())
    };
    let start = u32::try_from(ftyp.len() + build(0).len() + 8).unwrap();
    [ftyp, build(start), boxed(*b"mdat", b"data")].concat()
}

#[test]
fn the_brands_decide() {
    for (brands, expected) in [
        (&[b"heic"][..], Some(MediaType::Heic)),
        (&[b"heix", b"mif1"], Some(MediaType::Heic)),
        (&[b"mif1", b"heic"], Some(MediaType::Heic)),
        (&[b"msf1", b"hevc"], Some(MediaType::Heic)),
        (&[b"avif", b"mif1"], Some(MediaType::Avif)),
        (&[b"avis"], Some(MediaType::Avif)),
        (&[b"mif1", b"avif", b"miaf"], Some(MediaType::Avif)),
        (&[b"mif1", b"abcd"], None),
        (&[b"isom", b"heic"], None),
        (&[b"mp42"], None),
    ] {
        assert_eq!(format(&ftyp(brands)), expected, "{brands:?}");
    }
}

#[test]
fn without_a_brand_the_primary_item_decides() {
    for (kinds, expected) in [
        (&[b"hvc1"][..], Some(MediaType::Heic)),
        (&[b"av01", b"hvc1"], Some(MediaType::Avif)),
        (&[b"grid", b"Exif", b"av01"], Some(MediaType::Avif)),
        (&[b"jpeg"], None),
    ] {
        assert_eq!(format(&file(&[b"mif1"], kinds)), expected, "{kinds:?}");
    }
}

#[test]
fn every_shorter_file_is_cut_off_and_has_its_format() {
    let whole = file(&[b"heic"], &[b"hvc1", b"Exif"]);
    assert!(!is_cut_off(&whole));
    for length in 12..whole.len() {
        assert_eq!(format(&whole[..length]), Some(MediaType::Heic), "{length}");
        assert!(is_cut_off(&whole[..length]), "{length}");
    }
}

#[test]
fn data_to_the_end_of_the_file_is_missing_where_an_item_ends_behind_it() {
    let mut file = file(&[b"heic"], &[b"hvc1"]);
    let mdat = file.len() - 12;
    file[mdat..mdat + 4].fill(0);
    assert!(!is_cut_off(&file));
    assert!(is_cut_off(&file[..file.len() - 1]));
}

#[test]
fn bytes_behind_the_last_box_do_no_harm() {
    let whole = file(&[b"heic"], &[b"hvc1"]);
    for trailer in [&b"\0"[..], b"SEFH\xFF\xFF\xFF\xFF", &[0xFF; 100]] {
        assert!(!is_cut_off(&[&whole[..], trailer].concat()));
    }
}

#[test]
fn locations_without_bytes_are_no_loop() {
    let endless = [
        &[0, 0, 0, 0, 0, 0, 0xFF, 0xFF][..],
        &[0, 1, 0, 0, 0xFF, 0xFF],
    ]
    .concat();
    assert_eq!(extents_end(&endless, 100), None);
}
