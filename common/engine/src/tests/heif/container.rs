//! A builder of containers, for valid ones and for lies.

/// Returns the configuration box and the data of a coded image that `make_samples.py` has made.
fn coded(name: &str) -> (Vec<u8>, Vec<u8>) {
    let sample: &[u8] = match name {
        "av1-420-12" => include_bytes!("av1-420-12.bin"),
        "av1-420-8" => include_bytes!("av1-420-8.bin"),
        "av1-422-8" => include_bytes!("av1-422-8.bin"),
        "av1-444-10" => include_bytes!("av1-444-10.bin"),
        "av1-grey-8" => include_bytes!("av1-grey-8.bin"),
        "av1-hdr-12" => include_bytes!("av1-hdr-12.bin"),
        "hevc-420-10" => include_bytes!("hevc-420-10.bin"),
        "hevc-420-8" => include_bytes!("hevc-420-8.bin"),
        "hevc-422-8" => include_bytes!("hevc-422-8.bin"),
        "hevc-444-8" => include_bytes!("hevc-444-8.bin"),
        "hevc-grey-8" => include_bytes!("hevc-grey-8.bin"),
        "hevc-greys-8" => include_bytes!("hevc-greys-8.bin"),
        "hevc-hdr-10" => include_bytes!("hevc-hdr-10.bin"),
        other => panic!("no sample {other}"),
    };
    let length = u32::from_be_bytes(*sample.first_chunk().unwrap()) as usize;
    let (config, data) = sample.split_at(length);
    (config.to_vec(), data.to_vec())
}

/// All samples that show [`crate::tests::quarters`].
pub(super) const QUARTERS: [&str; 8] = [
    "hevc-420-8",
    "hevc-422-8",
    "hevc-444-8",
    "hevc-420-10",
    "av1-420-8",
    "av1-422-8",
    "av1-444-10",
    "av1-420-12",
];

#[derive(Clone)]
pub(super) struct Item {
    pub(super) kind: [u8; 4],
    pub(super) data: Vec<u8>,
    /// Boxes.
    pub(super) properties: Vec<Vec<u8>>,
}

impl Item {
    /// A coded image of 64 × 64 pixels.
    pub(super) fn coded(name: &str) -> Self {
        let (config, data) = coded(name);
        Self {
            kind: if name.starts_with("hevc") {
                *b"hvc1"
            } else {
                *b"av01"
            },
            data,
            properties: vec![config, ispe(64, 64)],
        }
    }

    pub(super) fn grid(columns: u8, rows: u8, width: u16, height: u16) -> Self {
        let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
        Self {
            kind: *b"grid",
            data: [&[0, 0, rows - 1, columns - 1][..], &size].concat(),
            properties: vec![ispe(width.into(), height.into())],
        }
    }

    pub(super) fn with(mut self, property: Vec<u8>) -> Self {
        self.properties.push(property);
        self
    }
}

/// A file with items, whose ids are their positions, from 1 on.
#[derive(Clone)]
pub(super) struct File {
    pub(super) brands: Vec<[u8; 4]>,
    pub(super) items: Vec<Item>,
    pub(super) references: Vec<([u8; 4], u16, Vec<u16>)>,
    pub(super) primary: u16,
    pub(super) storage: Storage,
}

/// Where the data of items is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    Mdat,
    /// In a box that ends with the file.
    OpenMdat,
    /// In two extents of each item.
    Halves,
    /// Inside `meta`.
    Idat,
}

impl File {
    pub(super) fn of(items: Vec<Item>) -> Self {
        let is_heic = items.iter().any(|item| item.kind == *b"hvc1");
        Self {
            brands: vec![if is_heic { *b"heic" } else { *b"avif" }, *b"mif1"],
            items,
            references: Vec::new(),
            primary: 1,
            storage: Storage::Mdat,
        }
    }

    pub(super) fn referring(mut self, kind: [u8; 4], from: u16, to: &[u16]) -> Self {
        self.references.push((kind, from, to.to_vec()));
        self
    }

    pub(super) fn build(&self) -> Vec<u8> {
        let [major, compatible @ ..] = &self.brands[..] else {
            panic!("no brand")
        };
        let ftyp = boxed(
            *b"ftyp",
            &[&major[..], &[0; 4], &compatible.concat()].concat(),
        );
        let data = self.items.iter().flat_map(|item| item.data.clone());
        let data: Vec<u8> = data.collect();
        if self.storage == Storage::Idat {
            return [ftyp, self.meta(0, &data)].concat();
        }
        let start = ftyp.len() + self.meta(0, &[]).len() + 8;
        let mut mdat = boxed(*b"mdat", &data);
        if self.storage == Storage::OpenMdat {
            mdat[..4].fill(0);
        }
        [ftyp, self.meta(start, &[]), mdat].concat()
    }

    fn meta(&self, mut at: usize, idat: &[u8]) -> Vec<u8> {
        let count = number(self.items.len());
        let mut infos = [&[0; 4][..], &count].concat();
        let mut locations = [&[1, 0, 0, 0, 0x44, 0][..], &count].concat();
        let mut properties = Vec::new();
        let mut associations = [&[0, 0, 0, 1, 0, 0][..], &count].concat();
        let mut index = 0;
        for (id, item) in (1_u16..).zip(&self.items) {
            let info = [
                &[2, 0, 0, 0][..],
                &id.to_be_bytes(),
                &[0; 2],
                &item.kind,
                &[0],
            ];
            infos.extend(boxed(*b"infe", &info.concat()));
            let method = u8::from(self.storage == Storage::Idat);
            locations.extend([&id.to_be_bytes()[..], &[0, method, 0, 0]].concat());
            let half = item.data.len() / 2;
            let extents = match self.storage {
                Storage::Halves => vec![(at, half), (at + half, item.data.len() - half)],
                _ => vec![(at, item.data.len())],
            };
            locations.extend(number(extents.len()));
            for (offset, length) in extents {
                locations.extend([offset, length].map(long).concat());
            }
            at += item.data.len();
            let count = u8::try_from(item.properties.len()).unwrap();
            associations.extend([&id.to_be_bytes()[..], &[count]].concat());
            for property in &item.properties {
                properties.extend_from_slice(property);
                index += 1;
                associations.extend(number(index));
            }
        }
        let references = self.references.iter().flat_map(|(kind, from, to)| {
            let to = to.iter().flat_map(|to| to.to_be_bytes());
            let body = from
                .to_be_bytes()
                .into_iter()
                .chain(number(self.count(*kind, *from)));
            boxed(*kind, &body.chain(to).collect::<Vec<_>>())
        });
        let references: Vec<u8> = [0; 4].into_iter().chain(references).collect();
        let hdlr = [&[0; 8][..], b"pict", &[0; 13]].concat();
        let iprp = [boxed(*b"ipco", &properties), boxed(*b"ipma", &associations)];
        let children = [
            boxed(*b"hdlr", &hdlr),
            boxed(
                *b"pitm",
                &[&[0; 4][..], &self.primary.to_be_bytes()].concat(),
            ),
            boxed(*b"iinf", &infos),
            boxed(*b"iloc", &locations),
            boxed(*b"iref", &references),
            boxed(*b"iprp", &iprp.concat()),
            boxed(*b"idat", idat),
        ];
        boxed(*b"meta", &[vec![0; 4], children.concat()].concat())
    }

    fn count(&self, kind: [u8; 4], from: u16) -> usize {
        let mut same = self.references.iter();
        let found = same.find(|(other, id, _)| *other == kind && *id == from);
        found.map_or(0, |(_, _, to)| to.len())
    }
}

pub(super) fn boxed(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    [&long(8 + body.len())[..], &name, body].concat()
}

pub(super) fn ispe(width: u32, height: u32) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    boxed(*b"ispe", &[vec![0; 4], size].concat())
}

/// Counter-clockwise quarter turns.
pub(super) fn irot(quarters: u8) -> Vec<u8> {
    boxed(*b"irot", &[quarters])
}

/// 0 exchanges top and bottom, 1 left and right.
pub(super) fn imir(axis: u8) -> Vec<u8> {
    boxed(*b"imir", &[axis])
}

/// A part whose centre is this far from that of the image, in halves of pixels.
pub(super) fn clap(width: u32, height: u32, across: i32, down: i32) -> Vec<u8> {
    let mut body = Vec::new();
    for edge in [width, height] {
        body.extend([edge, 1].map(u32::to_be_bytes).concat());
    }
    for offset in [across, down] {
        body.extend(offset.to_be_bytes());
        body.extend(2_u32.to_be_bytes());
    }
    boxed(*b"clap", &body)
}

pub(super) fn nclx(primaries: u16, transfer: u16, matrix: u16, is_full_range: bool) -> Vec<u8> {
    let points = [primaries, transfer, matrix].map(u16::to_be_bytes).concat();
    let range = if is_full_range { 0x80 } else { 0 };
    boxed(*b"colr", &[&b"nclx"[..], &points, &[range]].concat())
}

pub(super) fn profile(icc: &[u8]) -> Vec<u8> {
    boxed(*b"colr", &[&b"prof"[..], icc].concat())
}

pub(super) fn alpha() -> Vec<u8> {
    let kind = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0";
    boxed(*b"auxC", &[&[0; 4][..], kind].concat())
}

fn number(count: usize) -> [u8; 2] {
    u16::try_from(count).unwrap().to_be_bytes()
}

fn long(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap().to_be_bytes()
}
