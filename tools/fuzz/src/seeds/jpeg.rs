//! JPEGs from two encoders: libjpeg-turbo writes refinement scans and arithmetic coding, the other
//! one writes restart markers.

use jpeg_encoder::{ColorType, Encoder};
use turbojpeg::{Colorspace, Compressor, Image, PixelFormat, Subsamp};

use super::{Named, scene};

pub(super) fn all() -> anyhow::Result<Vec<Named>> {
    let mut files = Vec::new();
    for (width, height) in [(1, 1), (64, 48), (131, 97), (257, 33)] {
        for subsampling in [
            Subsamp::None,
            Subsamp::Sub2x1,
            Subsamp::Sub2x2,
            Subsamp::Gray,
        ] {
            for is_progressive in [false, true] {
                let kind = if is_progressive {
                    "progressive"
                } else {
                    "baseline"
                };
                let name = format!("{kind} JPEG, {width}x{height}, {subsampling:?}");
                let mut compressor = Compressor::new()?;
                compressor.set_quality(85)?;
                compressor.set_subsamp(subsampling)?;
                compressor.set_progressive(is_progressive)?;
                let file = turbo(&mut compressor, width, height, PixelFormat::RGB)?;
                files.push((name, file));
            }
        }
    }
    for is_progressive in [false, true] {
        for space in [Colorspace::CMYK, Colorspace::YCCK] {
            let mut compressor = Compressor::new()?;
            compressor.set_colorspace(space)?;
            compressor.set_progressive(is_progressive)?;
            let file = turbo(&mut compressor, 64, 48, PixelFormat::CMYK)?;
            files.push((
                format!("JPEG, {space:?}, progressive: {is_progressive}"),
                file,
            ));
        }
        let mut arithmetic = Compressor::new()?;
        arithmetic.set_arithmetic(true)?;
        arithmetic.set_progressive(is_progressive)?;
        let file = turbo(&mut arithmetic, 64, 48, PixelFormat::RGB)?;
        files.push((
            format!("arithmetic JPEG, progressive: {is_progressive}"),
            file,
        ));
        files.push((
            format!("JPEG with restarts, progressive: {is_progressive}"),
            plain(|encoder| {
                encoder.set_restart_interval(3);
                encoder.set_progressive(is_progressive);
                Ok(())
            })?,
        ));
    }
    for orientation in 1..=8 {
        let file = plain(|encoder| Ok(encoder.add_exif_metadata(&scene::exif(orientation))?))?;
        files.push((format!("JPEG with orientation {orientation}"), file));
    }
    let profile = scene::profile()?;
    let file = plain(|encoder| Ok(encoder.add_icc_profile(&profile)?))?;
    files.push(("JPEG with a profile".to_owned(), file));
    Ok(files)
}

/// Encodes with libjpeg-turbo.
pub(super) fn turbo(
    compressor: &mut Compressor,
    width: u32,
    height: u32,
    format: PixelFormat,
) -> anyhow::Result<Vec<u8>> {
    let channels = u32::try_from(format.size())?;
    let pixels = scene::pixels(width, height, channels);
    Ok(compressor.compress_to_vec(Image {
        pixels: pixels.as_slice(),
        width: width as usize,
        pitch: (width * channels) as usize,
        height: height as usize,
        format,
    })?)
}

fn plain(
    configure: impl FnOnce(&mut Encoder<&mut Vec<u8>>) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 85);
    configure(&mut encoder)?;
    encoder.encode(&scene::pixels(100, 70, 3), 100, 70, ColorType::Rgb)?;
    Ok(file)
}
