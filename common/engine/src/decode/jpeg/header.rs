//! The segments before the first scan.

use image::metadata::Orientation;

use crate::dimensions::Dimensions;

/// Facts of the header that select the decoder.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) edges: Dimensions,
    /// Components of the frame: 1 for grey, 3 for YCbCr and RGB, 4 for CMYK and YCCK.
    pub(super) frame: Vec<Component>,
    pub(super) is_progressive: bool,
    /// Transform flag of Adobe's APP14 segment. Adobe's programs store CMYK inverted.
    pub(super) adobe: Option<u8>,
    pub(super) orientation: Orientation,
    /// ICC profile, assembled from its APP2 segments.
    pub(super) profile: Option<Vec<u8>>,
}

impl Header {
    /// Whether the image certainly is grey or YCbCr. Three components could also be RGB, which a
    /// file declares in one of two ways.
    pub(super) fn is_grey_or_ycbcr(&self) -> bool {
        match (&self.frame[..], self.adobe) {
            ([_], _) | ([_, _, _], Some(1)) => true,
            ([a, b, c], None) => [a.id, b.id, c.id] != *b"RGB",
            _ => false,
        }
    }
}

/// A component of the frame.
#[derive(Debug)]
pub(super) struct Component {
    /// Component identifier, to which scan headers refer.
    pub(super) id: u8,
    /// Horizontal sampling factor.
    pub(super) across: u32,
    /// Vertical sampling factor.
    pub(super) down: u32,
    /// Index of the quantization table.
    pub(super) quantizer: u8,
}

impl Component {
    fn parse([id, sampling, quantizer]: [u8; 3]) -> Option<Self> {
        let (across, down) = (u32::from(sampling >> 4), u32::from(sampling & 15));
        let is_possible = (1..=4).contains(&across) && (1..=4).contains(&down);
        is_possible.then_some(Self {
            id,
            across,
            down,
            quantizer,
        })
    }
}

/// A marker and the payload of its segment.
#[derive(Debug)]
pub(super) struct Segment<'a> {
    pub(super) marker: u8,
    pub(super) payload: &'a [u8],
    /// Offset of the first byte after the payload.
    pub(super) end: usize,
}

/// Returns the next segment from this offset; `None` if there is none. As libjpeg does, what is no
/// marker is skipped: some writers put bytes between segments, or state a wrong length.
pub(super) fn segment(bytes: &[u8], mut at: usize) -> Option<Segment<'_>> {
    loop {
        at += memchr::memchr(0xFF, bytes.get(at..)?)?;
        match *bytes.get(at + 1)? {
            // A fill byte.
            0xFF => at += 1,
            // A byte of data that is `FF`.
            0x00 => at += 2,
            _ => break,
        }
    }
    let &[_, marker, high, low] = bytes.get(at..at + 4)? else {
        return None;
    };
    let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
    Some(Segment {
        marker,
        payload: bytes.get(at + 4..end)?,
        end,
    })
}

/// Reads the header. Returns `None` for anything but a Huffman-coded image of eight-bit samples:
/// other decoders may accept it.
pub(super) fn read(bytes: &[u8]) -> Option<Header> {
    let mut frame = None;
    let mut adobe = None;
    let mut orientation = None;
    let mut profile = Profile::default();
    let mut at = 2;
    loop {
        let segment = segment(bytes, at)?;
        at = segment.end;
        match (segment.marker, segment.payload) {
            (0xC0..=0xC2, &[8, h0, h1, w0, w1, count, ref components @ ..]) => {
                let edges = Dimensions {
                    width: u16::from_be_bytes([w0, w1]).into(),
                    height: u16::from_be_bytes([h0, h1]).into(),
                };
                let (components, _) = components.as_chunks();
                let components: Option<Vec<_>> =
                    components.iter().copied().map(Component::parse).collect();
                let components = components?;
                let is_empty = edges.width == 0 || edges.height == 0;
                if is_empty || frame.is_some() || components.len() != usize::from(count) {
                    return None;
                }
                frame = Some((edges, components, segment.marker == 0xC2));
            }
            (0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF, _) => return None,
            (0xE1, payload) => {
                if let Some(exif) = payload.strip_prefix(b"Exif\0\0") {
                    orientation = orientation.or_else(|| Orientation::from_exif_chunk(exif));
                }
            }
            (0xE2, payload) => profile.add(payload),
            (0xEE, payload) => {
                if let Some([_, _, _, _, _, _, transform, ..]) = payload.strip_prefix(b"Adobe") {
                    adobe = Some(*transform);
                }
            }
            (0xDA, _) => {
                let (edges, frame, is_progressive) = frame?;
                return Some(Header {
                    edges,
                    frame,
                    is_progressive,
                    adobe,
                    orientation: orientation.unwrap_or(Orientation::NoTransforms),
                    profile: profile.finish(),
                });
            }
            _ => {}
        }
    }
}

/// An ICC profile in parts. It may be larger than a segment; each part states its number and the
/// number of parts.
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
