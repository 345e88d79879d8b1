//! The segments before the first scan.

use std::borrow::Cow;

use image::metadata::Orientation;

use crate::{Facts, dimensions::Dimensions};

/// Facts of the header that select the decoder.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) edges: Dimensions,
    /// Components of the frame: 1 for grey, 3 for YCbCr and RGB, 4 for CMYK and YCCK.
    pub(super) frame: Vec<Component>,
    pub(super) is_progressive: bool,
    /// Whether the image comes in more than one scan, so that a decoder keeps all of it until the
    /// last one.
    pub(super) has_several_scans: bool,
    /// Transform flag of Adobe's APP14 segment. Adobe's programs store CMYK inverted.
    pub(super) adobe: Option<u8>,
    pub(super) orientation: Orientation,
    /// ICC profile, assembled from its APP2 segments.
    pub(super) profile: Option<Vec<u8>>,
    pub(super) facts: Facts,
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
    /// Offset of the marker.
    start: usize,
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
    // The length counts itself. Of a smaller one, libjpeg skips nothing.
    let length = u16::from_be_bytes([high, low]).max(2);
    let end = at + 2 + usize::from(length);
    Some(Segment {
        start: at,
        marker,
        payload: bytes.get(at + 4..end)?,
        end,
    })
}

/// Returns the file without what stands between its segments up to the first scan. libjpeg-turbo
/// skips that too, but counts it as a damage. A file without such bytes is not copied.
pub(super) fn without_junk(bytes: &[u8]) -> Cow<'_, [u8]> {
    let segments = || Segments { bytes, at: 2 };
    let mut next = 2;
    let has_junk = segments().any(|segment| {
        let is_behind_junk = segment.start != next;
        next = segment.end;
        is_behind_junk || segment.has_wrong_length(bytes)
    });
    let scan = segments().find(|segment| segment.marker == 0xDA);
    let Some(scan) = scan.filter(|_| has_junk) else {
        return Cow::Borrowed(bytes);
    };
    let mut clean = bytes[..2].to_vec();
    for segment in segments().take_while(|segment| segment.marker != 0xDA) {
        clean.extend([0xFF, segment.marker]);
        clean.extend(segment.length().to_be_bytes());
        clean.extend(segment.payload);
    }
    clean.extend(&bytes[scan.start..]);
    Cow::Owned(clean)
}

/// The segments up to the first scan.
struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        let segment = segment(self.bytes, self.at)?;
        // Behind a scan's header are its data.
        self.at = if segment.marker == 0xDA {
            self.bytes.len()
        } else {
            segment.end
        };
        Some(segment)
    }
}

impl Segment<'_> {
    /// Returns the length of the segment, which counts itself.
    fn length(&self) -> u16 {
        u16::try_from(self.payload.len() + 2).unwrap_or(u16::MAX)
    }

    fn has_wrong_length(&self, bytes: &[u8]) -> bool {
        bytes[self.start + 2..self.start + 4] != self.length().to_be_bytes()
    }
}

/// Reads the header. Returns `None` for anything but a Huffman-coded image of eight-bit samples:
/// other decoders may accept it.
pub(super) fn read(bytes: &[u8]) -> Option<Header> {
    let mut frame = None;
    let mut adobe = None;
    let mut orientation = None;
    let mut profile = Profile::default();
    let mut facts = Facts::default();
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
                    if facts.is_empty() {
                        facts = Facts::read(exif);
                    }
                }
            }
            (0xE2, payload) => profile.add(payload),
            (0xEE, payload) => {
                if let Some([_, _, _, _, _, _, transform, ..]) = payload.strip_prefix(b"Adobe") {
                    adobe = Some(*transform);
                }
            }
            (0xDA, payload) => {
                let (edges, frame, is_progressive) = frame?;
                let in_first_scan = payload.first().copied().map_or(0, usize::from);
                return Some(Header {
                    edges,
                    has_several_scans: is_progressive || in_first_scan < frame.len(),
                    frame,
                    is_progressive,
                    adobe,
                    orientation: orientation.unwrap_or(Orientation::NoTransforms),
                    profile: profile.finish(),
                    facts,
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

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::without_junk;

    const FILE: &[u8] = b"\xFF\xD8\xFF\xE1\x00\x04ab\xFF\xDA\x00\x02data\xFF\xD9";

    #[test]
    fn a_file_without_junk_is_not_copied() {
        assert!(matches!(without_junk(FILE), Cow::Borrowed(FILE)));
        // Nor is one without a scan, whatever it has.
        for other in [&b""[..], b"\xFF\xD8", b"\xFF\xD8junk", &FILE[..8]] {
            assert!(matches!(without_junk(other), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn what_is_no_segment_is_left_out_up_to_the_first_scan() {
        for junk in [&b"\0"[..], b"junk", b"\xFF", b"\xFF\x00"] {
            let file = [&FILE[..8], junk, &FILE[8..]].concat();
            assert_eq!(without_junk(&file), FILE, "{junk:?}");
        }
        let of_no_length = [&FILE[..2], b"\xFF\xFE\x00\x00", &FILE[2..]].concat();
        let clean = [&FILE[..2], b"\xFF\xFE\x00\x02", &FILE[2..]].concat();
        assert_eq!(without_junk(&of_no_length), clean);
    }
}
