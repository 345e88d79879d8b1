//! Decoding of tiles in HEVC.

use heifer_hevc_dec::{
    Error,
    decoder::{DecodeOptions, decode_picture},
    nal::{NalUnit, split_annex_b},
    params::ParameterSets,
};
use heifer_isobmff::HeifFile;
use media::failure::Failure;

use crate::{
    decode::heif::{
        container::{corrupt, failure, unsupported},
        frame::{Cicp, Frame, Plane, SampleFormat, Samples},
        item::{Tiles, hevc_chroma},
    },
    dimensions::Dimensions,
};

/// Decodes the first picture of an item.
pub(super) fn decode(
    file: &HeifFile<'_>,
    id: u32,
    tiles: &Tiles,
    skip_loop_filters: bool,
    mut visit: impl FnMut(&Frame<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let stream = file.hevc_bitstream(id).map_err(|error| failure(&error))?;
    let options = DecodeOptions {
        skip_loop_filters,
        verify_hash: false,
        max_pixels: coded_pixels(tiles.edges),
    };
    let decoded = decode_picture(&stream, options).map_err(|error| refusal(&error))?;
    let [luma_depth, chroma_depth] = decoded.bit_depth;
    let chroma = hevc_chroma(decoded.chroma_format);
    if chroma.is_some() && luma_depth != chroma_depth {
        return Err(unsupported("luma and chroma of different depths"));
    }
    let planes = decoded
        .planes
        .iter()
        .zip(decoded.widths.iter().zip(decoded.heights));
    let planes = planes
        .take(if chroma.is_some() { 3 } else { 1 })
        .map(|(samples, (&width, height))| Plane {
            edges: Dimensions { width, height },
            stride: width as usize,
            samples: Samples::Words(samples),
        })
        .collect();
    visit(&Frame {
        format: SampleFormat {
            depth: luma_depth,
            chroma,
        },
        planes,
        signalled: signalled(&stream),
    })
}

/// Returns the pixels of a tile whose coded size is rounded up to whole blocks, of at most 64.
fn coded_pixels(Dimensions { width, height }: Dimensions) -> u64 {
    (u64::from(width) + 64) * (u64::from(height) + 64)
}

/// Reads the meaning of samples from the parameter sets. Where they are silent, the defaults of
/// ITU-T H.265, annex E.
fn signalled(stream: &[u8]) -> Cicp {
    let mut sets = ParameterSets::default();
    for nal in split_annex_b(stream) {
        match NalUnit::parse(nal) {
            Ok(nal) if nal.header.unit_type.is_slice() => break,
            Ok(nal) => {
                // Decoding has read them without an error.
                let _is_set = sets.add(&nal);
            }
            Err(_) => {}
        }
    }
    let usability = sets.sps.iter().flatten().find_map(|set| set.vui.as_ref());
    Cicp {
        primaries: usability.map_or(2, |vui| vui.colour_primaries.into()),
        transfer: usability.map_or(2, |vui| vui.transfer_characteristics.into()),
        matrix: usability.map_or(2, |vui| vui.matrix_coeffs.into()),
        is_full_range: usability.is_some_and(|vui| vui.video_full_range_flag),
    }
}

fn refusal(error: &Error) -> Failure {
    match error {
        Error::Unimplemented(what) => unsupported(what),
        error => corrupt(&error.to_string()),
    }
}
