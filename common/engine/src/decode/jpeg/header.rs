//! What the segments before the first scan say.

use image::metadata::Orientation;
use media::failure::{Failure, FailureCode};

use super::segments::Segments;
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
    /// Returns the number of MCUs of a scan with all components.
    pub(super) fn mcus(&self) -> u64 {
        let (across, down) = match &self.frame[..] {
            // The blocks of a single component are not interleaved.
            [_] => (1, 1),
            frame => frame.iter().fold((1, 1), |(across, down), part| {
                (part.across.max(across), part.down.max(down))
            }),
        };
        let units = |edge: u32, factor: u32| u64::from(edge.div_ceil(8 * factor));
        units(self.edges.width, across) * units(self.edges.height, down)
    }

    /// Returns the bytes of all coefficients. An image of several scans is complete only with the
    /// last, so the decoder keeps them until then.
    pub(super) fn coefficient_bytes(&self) -> u64 {
        if !self.has_several_scans {
            return 0;
        }
        let blocks = match &self.frame[..] {
            [_] => 1,
            frame => frame.iter().map(|part| part.across * part.down).sum(),
        };
        self.mcus() * u64::from(blocks) * 64 * 2
    }

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

/// Reads the header.
pub(super) fn read(bytes: &[u8]) -> Result<Header, Failure> {
    let mut frame = None;
    let mut adobe = None;
    let mut orientation = None;
    let mut profile = Profile::default();
    let mut facts = Facts::default();
    let segments = Segments::of(bytes);
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
