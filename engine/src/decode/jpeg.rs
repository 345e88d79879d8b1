//! JPEG, decoded at a scale of its own: libjpeg-turbo leaves out what a smaller picture does not show.

mod header;
mod progressive;

use media::failure::{Failure, FailureCode};
use turbojpeg::{Colorspace, Decompressor, Image, PixelFormat, ScalingFactor};

use crate::{
    Limits, Recipe,
    decode::{
        Decoded, general,
        jpeg::{header::Header, progressive::Scale},
    },
    raster::{Layout, Raster, map, multiply},
    shrink::{Cut, Edges, Extent},
    turn::lying,
};

/// More scans than any encoder writes: a small file of many scans could cost minutes.
const MAX_SCANS: u32 = 100;

/// What libjpeg-turbo refuses, or has doubts about, is tried with the general decoder.
pub(super) fn decode(bytes: &[u8], recipe: &Recipe) -> Result<Decoded, Failure> {
    let Some(header) = header::read(bytes) else {
        return general::jpeg(bytes, &recipe.limits);
    };
    let Edges { width, height } = header.edges;
    recipe.limits.check_size(width, height)?;
    let scale = scale(&header, recipe);
    let limits = &recipe.limits;
    let raster = match shortcut(bytes, &header, scale, limits) {
        Some(raster) => raster,
        None => match scaled(bytes, &header, scale, limits) {
            Ok(raster) => raster,
            Err(Refusal::Limit(failure)) => return Err(failure),
            Err(Refusal::Codec) => return general::jpeg(bytes, limits),
        },
    };
    Ok(Decoded {
        raster: raster.ending_at(extent(header.edges, scale)),
        original: header.edges,
        orientation: header.orientation,
        is_animated: false,
        profile: header.profile,
    })
}

#[derive(Debug)]
enum Refusal {
    Limit(Failure),
    /// Its words are not kept: the next decoder has its own.
    Codec,
}

impl From<turbojpeg::Error> for Refusal {
    fn from(_: turbojpeg::Error) -> Self {
        Self::Codec
    }
}

fn shortcut(
    bytes: &[u8],
    header: &Header,
    scale: ScalingFactor,
    limits: &Limits,
) -> Option<Raster> {
    let scale = match scale {
        ScalingFactor::ONE_EIGHTH => Scale::Eighth,
        ScalingFactor::ONE_QUARTER => Scale::Quarter,
        _ => return None,
    };
    // The whole way needs more, so that a limit which this is beyond is told there.
    limits
        .check_memory(progressive::memory(header, scale))
        .ok()?;
    progressive::decode(bytes, header, scale)
}

fn scaled(
    bytes: &[u8],
    header: &Header,
    scale: ScalingFactor,
    limits: &Limits,
) -> Result<Raster, Refusal> {
    let mut decompressor = Decompressor::new()?;
    decompressor.set_scan_limit(MAX_SCANS)?;
    let format = match decompressor.read_header(bytes)?.colorspace {
        Colorspace::Gray => PixelFormat::GRAY,
        Colorspace::RGB | Colorspace::YCbCr => PixelFormat::RGB,
        Colorspace::CMYK | Colorspace::YCCK => PixelFormat::CMYK,
    };
    decompressor.set_scaling_factor(scale)?;
    let edges = scaled_edges(header.edges, scale);
    let (width, height) = (edges.width as usize, edges.height as usize);
    let size = width * height * format.size();
    limits
        .check_memory(size as u64 + coefficient_bytes(header))
        .map_err(Refusal::Limit)?;
    let mut pixels = vec![0; size];
    let image = Image {
        pixels: &mut pixels[..],
        width,
        pitch: width * format.size(),
        height,
        format,
    };
    decompressor.decompress(bytes, image)?;
    raster(edges, format, pixels, header).map_err(Refusal::Limit)
}

/// A progressive picture is complete only with its last scan, so all coefficients are kept until then.
fn coefficient_bytes(header: &Header) -> u64 {
    if !header.is_progressive {
        return 0;
    }
    let Edges { width, height } = header.edges;
    u64::from(width) * u64::from(height) * header.frame.len() as u64 * 2
}

/// The smallest scale that keeps what every variant needs.
fn scale(header: &Header, recipe: &Recipe) -> ScalingFactor {
    let keeps_all = |scale: &ScalingFactor| {
        let edges = scaled_edges(header.edges, *scale);
        recipe.variants.iter().all(|spec| {
            let size = lying(spec.size, header.orientation);
            Cut::new(size, header.edges).has_margin(edges, 1.0)
        })
    };
    [
        ScalingFactor::ONE_EIGHTH,
        ScalingFactor::ONE_QUARTER,
        ScalingFactor::ONE_HALF,
    ]
    .into_iter()
    .find(keeps_all)
    .unwrap_or(ScalingFactor::ONE)
}

/// The last column and row of a scaled picture may hold only a part of the original. Whoever takes them for whole shifts
/// the picture, by half a pixel at its end, which costs 0.017 of SSIM where little is left to shrink.
fn extent(edges: Edges, scale: ScalingFactor) -> Extent {
    let number = |part: usize| u32::try_from(part).map_or(1.0, f64::from);
    let scaled = |edge: u32| f64::from(edge) * number(scale.num()) / number(scale.denom());
    Extent {
        width: scaled(edges.width),
        height: scaled(edges.height),
    }
}

fn scaled_edges(edges: Edges, scale: ScalingFactor) -> Edges {
    let scaled = |edge: u32| u32::try_from(scale.scale(edge as usize)).unwrap_or(edge);
    Edges {
        width: scaled(edges.width),
        height: scaled(edges.height),
    }
}

fn raster(
    edges: Edges,
    format: PixelFormat,
    pixels: Vec<u8>,
    header: &Header,
) -> Result<Raster, Failure> {
    match format {
        PixelFormat::GRAY => Raster::new(edges, Layout::Grey, pixels),
        PixelFormat::RGB => Raster::new(edges, Layout::Rgb, pixels),
        PixelFormat::CMYK => Raster::new(
            edges,
            Layout::Rgb,
            from_cmyk(&pixels, header.adobe.is_some()),
        ),
        _ => Err(Failure::new(
            FailureCode::Corrupt,
            "the picture came out in another layout",
        )),
    }
}

/// Ink to light, without the press's profile: right to the eye, not to a proof.
fn from_cmyk(pixels: &[u8], is_inverted: bool) -> Vec<u8> {
    map(pixels, |pixel: [u8; 4]| {
        let [cyan, magenta, yellow, black] = if is_inverted {
            pixel
        } else {
            pixel.map(|ink| u8::MAX - ink)
        };
        [cyan, magenta, yellow].map(|light| multiply(light, black))
    })
}

#[cfg(test)]
mod tests;
