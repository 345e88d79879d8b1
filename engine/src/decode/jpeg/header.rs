//! The segments before the first scan.

use image::metadata::Orientation;

use crate::shrink::Edges;

/// What the decoder's choice depends on.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) edges: Edges,
    /// Grey 1, YCbCr and RGB 3, CMYK and YCCK 4.
    pub(super) components: u8,
    pub(super) is_progressive: bool,
    /// Adobe's programs store CMYK inverted, and their segment tells.
    pub(super) is_adobe: bool,
    pub(super) orientation: Orientation,
    /// The colour profile, put together from its segments.
    pub(super) profile: Option<Vec<u8>>,
    /// Where the first scan's marker is.
    pub(super) first_scan: usize,
}

/// A marker and the payload of its segment.
#[derive(Debug)]
pub(super) struct Segment<'a> {
    pub(super) marker: u8,
    /// Where the marker is.
    pub(super) start: usize,
    pub(super) payload: &'a [u8],
    /// Behind the payload.
    pub(super) end: usize,
}

/// The segment whose marker is at this place, fill bytes allowed. `None` for anything else.
pub(super) fn segment(bytes: &[u8], mut at: usize) -> Option<Segment<'_>> {
    while bytes.get(at..at + 2)? == [0xFF, 0xFF] {
        at += 1;
    }
    let &[0xFF, marker, high, low] = bytes.get(at..at + 4)? else {
        return None;
    };
    let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
    Some(Segment {
        marker,
        start: at,
        payload: bytes.get(at + 4..end)?,
        end,
    })
}

/// `None` for whatever is no ordinary, Huffman-coded picture of eight bits: other decoders may know what to do.
pub(super) fn read(bytes: &[u8]) -> Option<Header> {
    let mut frame = None;
    let mut is_adobe = false;
    let mut orientation = None;
    let mut profile = Profile::default();
    let mut at = 2;
    loop {
        let segment = segment(bytes, at)?;
        at = segment.end;
        match (segment.marker, segment.payload) {
            (0xC0..=0xC2, &[8, h0, h1, w0, w1, components, ..]) => {
                let edges = Edges {
                    width: u16::from_be_bytes([w0, w1]).into(),
                    height: u16::from_be_bytes([h0, h1]).into(),
                };
                frame = Some((edges, components, segment.marker == 0xC2));
            }
            (0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF, _) => return None,
            (0xE1, payload) => {
                if let Some(exif) = payload.strip_prefix(b"Exif\0\0") {
                    orientation = orientation.or_else(|| Orientation::from_exif_chunk(exif));
                }
            }
            (0xE2, payload) => profile.add(payload),
            (0xEE, payload) => is_adobe |= payload.starts_with(b"Adobe"),
            (0xDA, _) => {
                let (edges, components, is_progressive) = frame?;
                return Some(Header {
                    edges,
                    components,
                    is_progressive,
                    is_adobe,
                    orientation: orientation.unwrap_or(Orientation::NoTransforms),
                    profile: profile.finish(),
                    first_scan: segment.start,
                });
            }
            _ => {}
        }
    }
}

/// A profile may be larger than a segment; each part says its number and how many there are.
#[derive(Default)]
struct Profile<'a> {
    parts: Vec<(u8, &'a [u8])>,
}

impl<'a> Profile<'a> {
    fn add(&mut self, payload: &'a [u8]) {
        if let Some([number, _, part @ ..]) = payload.strip_prefix(b"ICC_PROFILE\0") {
            self.parts.push((*number, part));
        }
    }

    fn finish(mut self) -> Option<Vec<u8>> {
        self.parts.sort_by_key(|(number, _)| *number);
        let profile: Vec<u8> = self
            .parts
            .into_iter()
            .flat_map(|(_, part)| part)
            .copied()
            .collect();
        (!profile.is_empty()).then_some(profile)
    }
}
