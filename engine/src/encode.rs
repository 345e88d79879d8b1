//! Encoding variants, without any metadata.

use media::failure::{Failure, FailureCode};
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

use crate::{
    raster::{Layout, Raster},
    shrink::Edges,
    spec::VariantFormat,
};

/// A file of the format. `quality` goes from 1 to 100; PNG does not ask for it.
pub(crate) fn encode(
    raster: Raster,
    format: VariantFormat,
    quality: u8,
) -> Result<Vec<u8>, Failure> {
    match format {
        VariantFormat::Jpeg => jpeg(&raster.flattened()?, quality),
        VariantFormat::WebP => webp(&raster, quality),
        VariantFormat::Png => png(&raster),
        VariantFormat::Avif => avif(&raster, quality),
    }
}

fn jpeg(raster: &Raster, quality: u8) -> Result<Vec<u8>, Failure> {
    let (format, subsampling) = match raster.layout() {
        Layout::Grey => (PixelFormat::GRAY, Subsamp::Gray),
        Layout::Rgb | Layout::Premultiplied => (PixelFormat::RGB, Subsamp::Sub2x2),
    };
    let width = raster.edges().width as usize;
    let image = Image {
        pixels: raster.samples(),
        width,
        pitch: width * format.size(),
        height: raster.edges().height as usize,
        format,
    };
    let encode = || {
        let mut compressor = Compressor::new()?;
        compressor.set_quality(quality.into())?;
        compressor.set_subsamp(subsampling)?;
        compressor.set_optimize(true)?;
        compressor.compress_to_vec(image)
    };
    encode().map_err(|error: turbojpeg::Error| broken(&error))
}

fn webp(raster: &Raster, quality: u8) -> Result<Vec<u8>, Failure> {
    let has_alpha = raster.layout() == Layout::Premultiplied;
    let Edges { width, height } = raster.edges();
    let samples = if has_alpha {
        raster.to_rgba()
    } else {
        raster.to_rgb()
    };
    let encoder = if has_alpha {
        webp::Encoder::from_rgba(&samples, width, height)
    } else {
        webp::Encoder::from_rgb(&samples, width, height)
    };
    encoder
        .encode_simple(false, quality.into())
        .map(|file| file.to_vec())
        .map_err(|error| broken(&format!("{error:?}")))
}

fn png(raster: &Raster) -> Result<Vec<u8>, Failure> {
    let Edges { width, height } = raster.edges();
    let straight;
    let (color, samples) = match raster.layout() {
        Layout::Grey => (png::ColorType::Grayscale, raster.samples()),
        Layout::Rgb => (png::ColorType::Rgb, raster.samples()),
        Layout::Premultiplied => {
            straight = raster.to_rgba();
            (png::ColorType::Rgba, &straight[..])
        }
    };
    let mut file = Vec::new();
    let mut encode = || {
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(color);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_deflate_compression(png::DeflateCompression::Level(6));
        encoder.set_filter(png::Filter::Adaptive);
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
    let Edges { width, height } = raster.edges();
    let mut file = Vec::new();
    image::codecs::avif::AvifEncoder::new_with_speed_quality(&mut file, 8, quality)
        .with_num_threads(Some(1))
        .write_image(
            &raster.to_rgba(),
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
        "this build makes no AVIF: it lacks the cargo feature `avif`",
    ))
}

/// What only a defect of ours or of a codec brings about: the sizes are checked before.
fn broken(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        FailureCode::Corrupt,
        format!("the variant can't be encoded: {error}"),
    )
}
