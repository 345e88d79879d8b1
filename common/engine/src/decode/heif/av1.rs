//! Decoding of tiles in AV1.

mod sequence;

use heifer_isobmff::HeifFile;
use media::failure::Failure;
use re_rav1d::dav1d::{Decoder, Error, Picture, PixelLayout, PlanarImageComponent, Settings};

use crate::{
    decode::heif::{
        container::{corrupt, failure, raw_property, unsupported},
        frame::{Cicp, Frame, Plane, SampleFormat, Samples},
        item::Tiles,
    },
    dimensions::Dimensions,
    planes::Subsampling,
};

/// Maximum frames of an item. A still image has one, and one more for each layer of four.
const MAX_FRAMES: usize = 8;

/// Decodes the frame that an item shows.
pub(super) fn decode(
    file: &HeifFile<'_>,
    id: u32,
    tiles: &Tiles,
    mut visit: impl FnMut(&Frame<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let data = file.item_data(id).map_err(|error| failure(&error))?;
    if data.is_empty() {
        return Err(corrupt("a tile has no data"));
    }
    if frames(&data) > MAX_FRAMES {
        return Err(unsupported("more frames than a still image has"));
    }
    let signalled = signalled(&data);
    let Dimensions { width, height } = tiles.edges;
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    // Of the layers of an image, only the last is shown.
    settings.set_all_layers(false);
    settings.set_frame_size_limit(width.saturating_mul(height));
    if let Some([operating_point @ 0..32, ..]) = raw_property(file, id, *b"a1op") {
        settings.set_operating_point((*operating_point).into());
    }
    let mut decoder = Decoder::with_settings(&settings).map_err(refusal)?;
    let shown = match decoder.send_data(data.into_owned(), None, None, None) {
        Ok(()) | Err(Error::Again) => shown(&mut decoder),
        Err(error) => Err(error),
    };
    visit_picture(&shown.map_err(refusal)?, signalled, &mut visit)
}

/// Returns the first picture. Each turn consumes data.
fn shown(decoder: &mut Decoder) -> Result<Picture, Error> {
    for _ in 0..=MAX_FRAMES {
        match decoder.get_picture() {
            Err(Error::Again) => match decoder.send_pending_data() {
                Ok(()) | Err(Error::Again) => {}
                Err(error) => return Err(error),
            },
            done => return done,
        }
    }
    Err(Error::Again)
}

fn visit_picture(
    picture: &Picture,
    signalled: Cicp,
    visit: &mut impl FnMut(&Frame<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let depth = picture.bit_depth();
    let chroma = match picture.pixel_layout() {
        PixelLayout::I400 => None,
        PixelLayout::I420 => Some(Subsampling { across: 2, down: 2 }),
        PixelLayout::I422 => Some(Subsampling { across: 2, down: 1 }),
        PixelLayout::I444 => Some(Subsampling { across: 1, down: 1 }),
    };
    let components = [
        PlanarImageComponent::Y,
        PlanarImageComponent::U,
        PlanarImageComponent::V,
    ];
    let planes: Vec<_> = components
        .into_iter()
        .take(if chroma.is_some() { 3 } else { 1 })
        .map(|component| (component, picture.plane(component)))
        .collect();
    let whole = Dimensions {
        width: picture.width(),
        height: picture.height(),
    };
    let planes = planes
        .iter()
        .map(|(component, samples)| {
            let stride = picture.stride(*component) as usize;
            let (stride, samples) = if depth == 8 {
                (stride, Samples::Bytes(samples))
            } else {
                (stride / 2, Samples::WordBytes(samples.as_chunks().0))
            };
            Plane {
                edges: match (component, chroma) {
                    (PlanarImageComponent::Y, _) | (_, None) => whole,
                    (_, Some(Subsampling { across, down })) => Dimensions {
                        width: whole.width.div_ceil(across),
                        height: whole.height.div_ceil(down),
                    },
                },
                stride,
                samples,
            }
        })
        .collect();
    visit(&Frame {
        format: SampleFormat {
            depth: u8::try_from(depth).unwrap_or(u8::MAX),
            chroma,
        },
        planes,
        signalled,
    })
}

fn refusal(error: Error) -> Failure {
    corrupt(&match error {
        Error::Again => "its data has no picture".to_owned(),
        Error::UnsupportedBitstream => return unsupported("a kind of AV1 bitstream"),
        Error::InvalidArgument => "its data is damaged".to_owned(),
        error => error.to_string().to_lowercase(),
    })
}

/// Counts the headers of frames, up to one more than the limit.
fn frames(data: &[u8]) -> usize {
    units(data)
        .filter(|(kind, _)| matches!(*kind, FRAME_HEADER | FRAME))
        .take(MAX_FRAMES + 1)
        .count()
}

/// Reads the meaning of samples from the first sequence header.
fn signalled(data: &[u8]) -> Cicp {
    let header = units(data).find(|(kind, _)| *kind == SEQUENCE_HEADER);
    header
        .and_then(|(_, content)| sequence::cicp(content))
        .unwrap_or(Cicp {
            primaries: 2,
            transfer: 2,
            matrix: 2,
            is_full_range: false,
        })
}

/// Types of units (AV1 specification, 6.2.2).
const SEQUENCE_HEADER: u8 = 1;
const FRAME_HEADER: u8 = 3;
const FRAME: u8 = 6;

/// Iterates over the units of a bitstream, as type and content (AV1 specification, 5.3).
fn units(mut data: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (&header, rest) = data.split_first()?;
        let rest = rest.get(usize::from(header >> 2 & 1)..)?;
        // A unit without a length is the last.
        let (length, rest) = if header & 2 == 0 {
            (rest.len(), rest)
        } else {
            leb128(rest)?
        };
        let (content, rest) = rest.split_at_checked(length)?;
        data = rest;
        Some((header >> 3 & 0xF, content))
    })
}

/// Reads a number in groups of seven bits.
fn leb128(data: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0_u64;
    for (at, byte) in data.iter().enumerate().take(8) {
        number |= u64::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(number).ok()?, data.get(at + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::frames;

    #[test]
    fn frames_are_counted_whatever_stands_between_them() {
        let delimiter = [0x12, 0];
        let frame = [0x32, 2, 9, 9];
        let long = [&[0x32, 0x82, 0x01][..], &[9; 130]].concat();
        let with_extension = [0x36, 0, 1, 9];
        let without_length = [0x30, 9, 9, 9];
        let all = [
            &delimiter[..],
            &frame,
            &long,
            &with_extension,
            &without_length,
        ]
        .concat();
        assert_eq!(frames(&all), 4);
        assert_eq!(frames(&all[..all.len() - 5]), 2);
        assert_eq!(frames(&[0x32, 0xFF, 0xFF]), 0);
    }
}
