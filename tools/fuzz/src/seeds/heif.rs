//! HEIC and AVIF files: coded images of 64 × 64 pixels in containers of several kinds.

use super::Named;
use crate::mutate::boxes::boxed;

/// Configuration boxes and data, which the engine's tests have, too.
const CODED: [(&str, &[u8]); 12] = [
    (
        "HEVC 4:2:0",
        include_bytes!("../../../../common/engine/src/tests/heif/hevc-420-8.bin"),
    ),
    (
        "HEVC 4:2:2",
        include_bytes!("../../../../common/engine/src/tests/heif/hevc-422-8.bin"),
    ),
    (
        "HEVC 4:4:4",
        include_bytes!("../../../../common/engine/src/tests/heif/hevc-444-8.bin"),
    ),
    (
        "HEVC 10 bits",
        include_bytes!("../../../../common/engine/src/tests/heif/hevc-420-10.bin"),
    ),
    (
        "HEVC grey",
        include_bytes!("../../../../common/engine/src/tests/heif/hevc-grey-8.bin"),
    ),
    (
        "HEVC HDR",
        include_bytes!("../../../../common/engine/src/tests/heif/hevc-hdr-10.bin"),
    ),
    (
        "AV1 4:2:0",
        include_bytes!("../../../../common/engine/src/tests/heif/av1-420-8.bin"),
    ),
    (
        "AV1 4:2:2",
        include_bytes!("../../../../common/engine/src/tests/heif/av1-422-8.bin"),
    ),
    (
        "AV1 4:4:4",
        include_bytes!("../../../../common/engine/src/tests/heif/av1-444-10.bin"),
    ),
    (
        "AV1 12 bits",
        include_bytes!("../../../../common/engine/src/tests/heif/av1-420-12.bin"),
    ),
    (
        "AV1 grey",
        include_bytes!("../../../../common/engine/src/tests/heif/av1-grey-8.bin"),
    ),
    (
        "AV1 HDR",
        include_bytes!("../../../../common/engine/src/tests/heif/av1-hdr-12.bin"),
    ),
];

/// Side of a coded image.
const SIDE: u32 = 64;

/// An item: its type, its data and its properties.
type Item = ([u8; 4], Vec<u8>, Vec<Vec<u8>>);

pub(super) fn all() -> anyhow::Result<Vec<Named>> {
    let mut files = Vec::new();
    for (name, sample) in CODED {
        let length = sample
            .first_chunk::<4>()
            .map_or(0, |length| u32::from_be_bytes(*length));
        let (config, data) = sample.split_at(usize::try_from(length)?);
        let kind = if name.starts_with("HEVC") {
            *b"hvc1"
        } else {
            *b"av01"
        };
        let with = |more: &[Vec<u8>]| -> Item {
            let properties = [&[config.to_vec(), ispe(SIDE, SIDE)], more].concat();
            (kind, data.to_vec(), properties)
        };
        let hdr = colr([9, 16, 9]);
        let shapes: [(&str, Vec<Item>, &[Reference]); 4] = [
            (
                "alone",
                vec![with(&[boxed(*b"irot", &[1]), boxed(*b"imir", &[1])])],
                &[],
            ),
            ("in HDR", vec![with(&[hdr, clap()])], &[]),
            (
                "as a grid with alpha and a thumbnail",
                vec![grid(), with(&[]), with(&[auxc()]), with(&[])],
                &[
                    (*b"dimg", 1, &[2; 4]),
                    (*b"auxl", 3, &[1]),
                    (*b"thmb", 4, &[1]),
                ],
            ),
            (
                "as an overlay",
                vec![overlay(), with(&[]), with(&[])],
                &[(*b"dimg", 1, &[2, 3])],
            ),
        ];
        for (shape, items, references) in shapes {
            files.push((format!("{name}, {shape}"), file(&items, references)?));
        }
    }
    Ok(files)
}

type Reference = ([u8; 4], u16, &'static [u16]);

/// Writes a file whose data is inside `meta`: its positions stay right if boxes come and go.
fn file(items: &[Item], references: &[Reference]) -> anyhow::Result<Vec<u8>> {
    let is_heic = items.iter().any(|(kind, ..)| kind == b"hvc1");
    let brand = if is_heic { b"heic" } else { b"avif" };
    let count = u16::try_from(items.len())?.to_be_bytes();
    let mut infos = [&[0; 4][..], &count].concat();
    let mut locations = [&[1, 0, 0, 0, 0x44, 0][..], &count].concat();
    let mut associations = [&[0; 6][..], &count].concat();
    let (mut properties, mut idat, mut index) = (Vec::new(), Vec::new(), 0_u8);
    for (id, (kind, data, own)) in (1_u16..).zip(items) {
        let id = id.to_be_bytes();
        infos.extend(boxed(
            *b"infe",
            &[&[2, 0, 0, 0][..], &id, &[0; 2], kind, &[0]].concat(),
        ));
        locations.extend([&id[..], &[0, 1, 0, 0, 0, 1]].concat());
        locations.extend(u32::try_from(idat.len())?.to_be_bytes());
        locations.extend(u32::try_from(data.len())?.to_be_bytes());
        idat.extend_from_slice(data);
        associations.extend([&id[..], &[u8::try_from(own.len())?]].concat());
        for property in own {
            properties.extend_from_slice(property);
            index += 1;
            associations.push(index);
        }
    }
    let mut iref = vec![0; 4];
    for (kind, from, to) in references {
        let mut body = [from.to_be_bytes(), u16::try_from(to.len())?.to_be_bytes()].concat();
        body.extend(to.iter().flat_map(|to| to.to_be_bytes()));
        iref.extend(boxed(*kind, &body));
    }
    let iprp = [boxed(*b"ipco", &properties), boxed(*b"ipma", &associations)].concat();
    let children = [
        boxed(*b"hdlr", &[&[0; 8][..], b"pict", &[0; 13]].concat()),
        boxed(*b"pitm", &[0, 0, 0, 0, 0, 1]),
        boxed(*b"iinf", &infos),
        boxed(*b"iloc", &locations),
        boxed(*b"iref", &iref),
        boxed(*b"iprp", &iprp),
        boxed(*b"idat", &idat),
    ];
    let ftyp = boxed(*b"ftyp", &[&brand[..], &[0; 4], b"mif1"].concat());
    Ok([
        ftyp,
        boxed(*b"meta", &[vec![0; 4], children.concat()].concat()),
    ]
    .concat())
}

fn grid() -> Item {
    (
        *b"grid",
        vec![0, 0, 1, 1, 0, 100, 0, 97],
        vec![ispe(100, 97)],
    )
}

fn overlay() -> Item {
    let data = [
        &[0; 2][..],
        &[0x80; 8],
        &[0, 90, 0, 80],
        &[0, 8, 0, 4, 0xFF, 0xF0, 0, 40],
    ];
    (*b"iovl", data.concat(), vec![ispe(90, 80)])
}

fn ispe(width: u32, height: u32) -> Vec<u8> {
    let size = [[0; 4], width.to_be_bytes(), height.to_be_bytes()].concat();
    boxed(*b"ispe", &size)
}

fn clap() -> Vec<u8> {
    let numbers = [40_u32, 1, 30, 1, 1, 2, 1, 2].map(u32::to_be_bytes);
    boxed(*b"clap", &numbers.concat())
}

fn colr(points: [u16; 3]) -> Vec<u8> {
    let points = points.map(u16::to_be_bytes).concat();
    boxed(*b"colr", &[&b"nclx"[..], &points, &[0x80]].concat())
}

fn auxc() -> Vec<u8> {
    let kind = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0";
    boxed(*b"auxC", &[&[0; 4][..], kind].concat())
}
