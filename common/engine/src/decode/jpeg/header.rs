//! The segments before the first scan.

use std::borrow::Cow;

use image::metadata::Orientation;
use media::failure::{Failure, FailureCode};

use crate::{Facts, dimensions::Dimensions, orientation::of_tiff};

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
    /// Transform flag of Adobe's APP14 segment.
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
    pub(super) start: usize,
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

/// Returns the file with a header that libjpeg-turbo takes without a warning, after which it would
/// decode nothing:
///
/// - what stands between the segments up to the first scan is left out;
/// - the major version of JFIF is 1, whatever the file says;
/// - a transform of Adobe's that is none is the one that libjpeg-turbo takes instead.
///
/// A file without these oddities is not copied.
pub(super) fn normalized(bytes: &[u8]) -> Cow<'_, [u8]> {
    let segments = || Segments { bytes, at: 2 };
    let components = segments()
        .filter(|segment| matches!(segment.marker, 0xC0..=0xC2))
        .find_map(|segment| segment.payload.get(5).copied())
        .map_or(0, usize::from);
    let mut next = 2;
    let is_odd = segments().any(|segment| {
        let is_behind_junk = segment.start != next;
        next = segment.end;
        is_behind_junk
            || segment.has_wrong_length(bytes)
            || segment.correction(components).is_some()
    });
    let scan = segments().find(|segment| segment.marker == 0xDA);
    let Some(scan) = scan.filter(|_| is_odd) else {
        return Cow::Borrowed(bytes);
    };
    let mut clean = bytes[..2].to_vec();
    for segment in segments().take_while(|segment| segment.marker != 0xDA) {
        clean.extend([0xFF, segment.marker]);
        clean.extend(segment.length().to_be_bytes());
        let at = clean.len();
        clean.extend(segment.payload);
        if let Some((offset, value)) = segment.correction(components) {
            clean[at + offset] = value;
        }
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

    /// Returns a byte of the payload about which libjpeg-turbo would warn, as its offset and as the
    /// value that libjpeg-turbo assumes for a frame of this many components.
    fn correction(&self, components: usize) -> Option<(usize, u8)> {
        match (self.marker, self.payload) {
            (0xE0, [b'J', b'F', b'I', b'F', 0, major, rest @ ..]) if rest.len() >= 8 => {
                (*major != 1).then_some((5, 1))
            }
            (
                0xEE,
                [
                    b'A',
                    b'd',
                    b'o',
                    b'b',
                    b'e',
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    transform,
                    ..,
                ],
            ) => {
                let ycc = if components == 4 { 2 } else { 1 };
                (![0, ycc].contains(transform)).then_some((11, ycc))
            }
            _ => None,
        }
    }

    fn has_wrong_length(&self, bytes: &[u8]) -> bool {
        bytes[self.start + 2..self.start + 4] != self.length().to_be_bytes()
    }
}

/// Reads the header.
pub(super) fn read(bytes: &[u8]) -> Result<Header, Failure> {
    let mut frame = None;
    let mut adobe = None;
    let mut orientation = None;
    let mut profile = Profile::default();
    let mut facts = Facts::default();
    let segments = Segments { bytes, at: 2 };
    for segment in segments {
        if let Some(name) = name_of_process(segment.marker) {
            return Err(unsupported(name));
        }
        match (segment.marker, segment.payload) {
            (0xC0..=0xC2, payload) => {
                let found = Frame::parse(segment.marker, payload)?;
                if frame.replace(found).is_some() {
                    return Err(corrupt("it has two frame headers"));
                }
            }
            // Only the first block counts, whether it has an orientation or not.
            (0xE1, [b'E', b'x', b'i', b'f', 0, 0, exif @ ..]) if !exif.is_empty() => {
                orientation = orientation.or_else(|| Some(of_tiff(exif)));
                if facts.is_empty() {
                    facts = Facts::read(exif);
                }
            }
            (0xE2, payload) => profile.add(payload),
            (0xEE, payload) => {
                if let Some([_, _, _, _, _, _, transform, ..]) = payload.strip_prefix(b"Adobe") {
                    adobe = Some(*transform);
                }
            }
            (0xDA, payload) => {
                let frame = frame.ok_or_else(|| corrupt("it has no frame header"))?;
                let in_first_scan = payload.first().copied().map_or(0, usize::from);
                let has_several_scans =
                    frame.is_progressive || in_first_scan < frame.components.len();
                return Ok(Header {
                    edges: frame.edges,
                    has_several_scans,
                    frame: frame.components,
                    is_progressive: frame.is_progressive,
                    adobe,
                    orientation: orientation.unwrap_or(Orientation::NoTransforms),
                    profile: profile.finish(),
                    facts,
                });
            }
            _ => {}
        }
    }
    Err(corrupt("it has no scan"))
}

/// The frame header.
struct Frame {
    edges: Dimensions,
    components: Vec<Component>,
    is_progressive: bool,
}

impl Frame {
    fn parse(marker: u8, payload: &[u8]) -> Result<Self, Failure> {
        let &[precision, h0, h1, w0, w1, count, ref components @ ..] = payload else {
            return Err(corrupt("its frame header is too short"));
        };
        if precision != 8 {
            return Err(unsupported("JPEG with more than 8 bits per sample"));
        }
        let edges = Dimensions {
            width: u16::from_be_bytes([w0, w1]).into(),
            height: u16::from_be_bytes([h0, h1]).into(),
        };
        if edges.width == 0 || edges.height == 0 {
            return Err(corrupt("it has no pixels"));
        }
        let (components, _) = components.as_chunks();
        let components: Option<Vec<_>> = components
            .iter()
            .take(count.into())
            .copied()
            .map(Component::parse)
            .collect();
        components
            .filter(|components| components.len() == usize::from(count))
            .map(|components| Self {
                edges,
                components,
                is_progressive: marker == 0xC2,
            })
            .ok_or_else(|| corrupt("its frame header is broken"))
    }
}

/// Names what only few decoders read.
fn name_of_process(marker: u8) -> Option<&'static str> {
    match marker {
        0xC3 => Some("lossless JPEG"),
        0xC5..=0xC7 | 0xCD..=0xCF => Some("hierarchical JPEG"),
        0xC9 | 0xCA => Some("JPEG with arithmetic coding"),
        0xCB => Some("lossless JPEG with arithmetic coding"),
        0xF7 => Some("JPEG-LS"),
        _ => None,
    }
}

fn unsupported(name: &str) -> Failure {
    Failure::new(
        FailureCode::UnsupportedFormat,
        format!("{name} is not supported"),
    )
}

fn corrupt(why: &str) -> Failure {
    Failure::new(
        FailureCode::Corrupt,
        format!("the image can't be decoded: {why}"),
    )
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

    use super::normalized;

    const FILE: &[u8] = b"\xFF\xD8\xFF\xE1\x00\x04ab\xFF\xDA\x00\x02data\xFF\xD9";

    #[test]
    fn a_file_normalized_is_not_copied() {
        assert!(matches!(normalized(FILE), Cow::Borrowed(FILE)));
        // Nor is one without a scan, whatever it has.
        for other in [&b""[..], b"\xFF\xD8", b"\xFF\xD8junk", &FILE[..8]] {
            assert!(matches!(normalized(other), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn what_is_no_segment_is_left_out_up_to_the_first_scan() {
        for junk in [&b"\0"[..], b"junk", b"\xFF", b"\xFF\x00"] {
            let file = [&FILE[..8], junk, &FILE[8..]].concat();
            assert_eq!(normalized(&file), FILE, "{junk:?}");
        }
        let of_no_length = [&FILE[..2], b"\xFF\xFE\x00\x00", &FILE[2..]].concat();
        let clean = [&FILE[..2], b"\xFF\xFE\x00\x02", &FILE[2..]].concat();
        assert_eq!(normalized(&of_no_length), clean);
    }
}
