//! Encoding of variants, without any metadata.

use std::borrow::Cow;

use media::{
    failure::{Failure, FailureCode},
    variant_format::VariantFormat,
};
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp, YuvImage};

use crate::{
    dimensions::Dimensions,
    pixels::Pixels,
    planes::YcbcrPlanes,
    raster::{Layout, Raster},
};

/// Largest image, in pixels, that gets its own Huffman tables: they take 6 to 10 % off a file of
/// this size and 1 to 2 % off a large one, whose encoding would take three times as long.
const MAX_PIXELS_OF_OWN_TABLES: u32 = 256 * 256;

/// Encodes a variant. `quality` goes from 1 to 100; PNG ignores it.
pub(crate) fn encode(
    pixels: &Pixels,
    format: VariantFormat,
    quality: u8,
) -> Result<Vec<u8>, Failure> {
    let raster = || pixels.to_raster();
    match (format, pixels) {
        (VariantFormat::Jpeg, Pixels::Planar(planes)) => jpeg_of_planes(planes, quality),
        (VariantFormat::Jpeg, Pixels::Interleaved(raster)) => jpeg(raster, quality),
        (VariantFormat::WebP, _) => webp(&*raster()?, quality),
        (VariantFormat::Png, _) => png(&*raster()?),
        (VariantFormat::Avif, _) => avif(&*raster()?, quality),
    }
}

fn jpeg(raster: &Raster, quality: u8) -> Result<Vec<u8>, Failure> {
    let rgb;
    let (format, subsampling, pixels) = if raster.layout() == Layout::Grey {
        (PixelFormat::GRAY, Subsamp::Gray, raster.samples())
    } else {
        rgb = raster.to_rgb();
        (PixelFormat::RGB, Subsamp::Sub2x2, &rgb[..])
    };
    let Dimensions { width, height } = raster.edges();
    let image = Image {
        pixels,
        width: width as usize,
        pitch: width as usize * format.size(),
        height: height as usize,
        format,
    };
    let encode = || {
        let mut compressor = compressor(raster.edges(), quality)?;
        compressor.set_subsamp(subsampling)?;
        compressor.compress_to_vec(image)
    };
    encode().map_err(|error: turbojpeg::Error| broken(&error))
}

fn jpeg_of_planes(planes: &YcbcrPlanes, quality: u8) -> Result<Vec<u8>, Failure> {
    let pixels = planes
        .unpadded()
        .map_or_else(|| planes.padded().into(), Cow::Borrowed);
    let Dimensions { width, height } = planes.edges();
    let image = YuvImage {
        pixels: &pixels[..],
        width: width as usize,
        align: 1,
        height: height as usize,
        subsamp: Subsamp::Sub2x2,
    };
    compressor(planes.edges(), quality)
        .and_then(|mut compressor| compressor.compress_yuv_to_vec(image))
        .map_err(|error| broken(&error))
}

fn compressor(
    Dimensions { width, height }: Dimensions,
    quality: u8,
) -> turbojpeg::Result<Compressor> {
    let mut compressor = Compressor::new()?;
    compressor.set_quality(quality.into())?;
    compressor.set_optimize(width * height <= MAX_PIXELS_OF_OWN_TABLES)?;
    Ok(compressor)
}

fn webp(raster: &Raster, quality: u8) -> Result<Vec<u8>, Failure> {
    let Dimensions { width, height } = raster.edges();
    let (rgba, rgb);
    let encoder = if raster.layout() == Layout::Premultiplied {
        rgba = raster.to_rgba()?;
        webp::Encoder::from_rgba(&rgba, width, height)
    } else {
        rgb = raster.to_rgb();
        webp::Encoder::from_rgb(&rgb, width, height)
    };
    encoder
        .encode_simple(false, quality.into())
        .map(|file| file.to_vec())
        .map_err(|error| broken(&format!("{error:?}")))
}

fn png(raster: &Raster) -> Result<Vec<u8>, Failure> {
    let Dimensions { width, height } = raster.edges();
    let (color, samples) = match raster.layout() {
        Layout::Grey => (png::ColorType::Grayscale, raster.samples().into()),
        Layout::Rgb | Layout::Rgbx => (png::ColorType::Rgb, raster.to_rgb()),
        Layout::Premultiplied => (png::ColorType::Rgba, raster.to_rgba()?.into()),
    };
    let row_length = samples.len() / height.max(1) as usize;
    let filter = better_filter(color, width, &samples, row_length)?;
    deflated(
        color,
        Dimensions { width, height },
        &samples,
        filter,
        PNG_LEVEL,
    )
}

/// Compression level, on zlib's scale; the default of other tools.
const PNG_LEVEL: u8 = 6;

/// Selects the row filter. Difference filters make photographs smaller by a third and drawings
/// larger by as much; a quick test on a tenth of the rows decides.
fn better_filter(
    color: png::ColorType,
    width: u32,
    samples: &[u8],
    row_length: usize,
) -> Result<png::Filter, Failure> {
    const RUN: usize = 16;
    let runs = samples.chunks(row_length.max(1) * RUN).skip(4).step_by(10);
    let trial: Vec<u8> = runs.flatten().copied().collect();
    let height = u32::try_from(trial.len() / row_length.max(1)).unwrap_or(0);
    if height == 0 {
        return Ok(png::Filter::Adaptive);
    }
    let size = |filter| {
        deflated(color, Dimensions { width, height }, &trial, filter, 1).map(|file| file.len())
    };
    let is_drawing = size(png::Filter::NoFilter)? < size(png::Filter::Adaptive)?;
    Ok(if is_drawing {
        png::Filter::NoFilter
    } else {
        png::Filter::Adaptive
    })
}

fn deflated(
    color: png::ColorType,
    Dimensions { width, height }: Dimensions,
    samples: &[u8],
    filter: png::Filter,
    level: u8,
) -> Result<Vec<u8>, Failure> {
    let mut file = Vec::new();
    let mut encode = || {
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(color);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_deflate_compression(png::DeflateCompression::Level(level));
        encoder.set_filter(filter);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(samples)?;
        writer.finish()
    };
    encode().map_err(|error| broken(&error))?;
    Ok(file)
}

#[cfg(feature = "avif")]
fn avif(raster: &Raster, quality: u8) -> Result<Vec<u8>, Failure> {
    use image::ImageEncoder;
    let Dimensions { width, height } = raster.edges();
    let mut file = Vec::new();
    image::codecs::avif::AvifEncoder::new_with_speed_quality(&mut file, 8, quality)
        .with_num_threads(Some(1))
        .write_image(
            &raster.to_rgba()?,
            width,
            height,
            image::ExtendedColorType::Rgba8,
        )
        .map_err(|error| broken(&error))?;
    Ok(file)
}

#[cfg(not(feature = "avif"))]
fn avif(_: &Raster, _: u8) -> Result<Vec<u8>, Failure> {
    Err(Failure::new(
        FailureCode::UnsupportedFormat,
        "this build does not support AVIF: it lacks the cargo feature `avif`",
    ))
}

/// Maps an error that only a defect of the engine or of a codec causes: the sizes were checked
/// before.
fn broken(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        FailureCode::Corrupt,
        format!("the variant can't be encoded: {error}"),
    )
}
