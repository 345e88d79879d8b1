//! Images as floating-point numbers, for measurements.

use std::io::Cursor;

use fast_image_resize::{
    FilterType, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::F32x4,
};
use image::{DynamicImage, ImageDecoder as _, ImageReader};

/// Red, green, blue and alpha from 0 to 1, the colours premultiplied by alpha.
#[derive(Clone, Debug)]
pub(crate) struct FloatImage {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<[f32; 4]>,
}

impl FloatImage {
    /// Decodes a file at full size and applies its orientation.
    pub(crate) fn decode(file: &[u8]) -> anyhow::Result<Self> {
        let reader = ImageReader::new(Cursor::new(file)).with_guessed_format()?;
        let mut decoder = reader.into_decoder()?;
        let orientation = decoder.orientation()?;
        let mut image = DynamicImage::from_decoder(decoder)?;
        image.apply_orientation(orientation);
        Ok(Self::from_image(&image))
    }

    fn from_image(image: &DynamicImage) -> Self {
        let image = image.to_rgba8();
        let pixels = image
            .pixels()
            .map(|pixel| {
                let [red, green, blue, alpha] = pixel.0.map(|channel| f32::from(channel) / 255.0);
                [red * alpha, green * alpha, blue * alpha, alpha]
            })
            .collect();
        Self {
            width: image.width() as usize,
            height: image.height() as usize,
            pixels,
        }
    }

    /// Resizes to the reference: Lanczos3 over the full image, without intermediate rounding.
    pub(crate) fn resized(&self, width: usize, height: usize) -> anyhow::Result<Self> {
        let pixels: Vec<F32x4> = self.pixels.iter().map(|pixel| F32x4::new(*pixel)).collect();
        let source = TypedImageRef::new(
            u32::try_from(self.width)?,
            u32::try_from(self.height)?,
            &pixels,
        )?;
        let mut target = TypedImage::new(u32::try_from(width)?, u32::try_from(height)?);
        // The colours are premultiplied already.
        let lanczos = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
            .use_alpha(false);
        // The untyped function compiles for minutes, for every pixel type.
        Resizer::new().resize_typed::<F32x4>(&source, &mut target, &lanczos)?;
        let pixels = target.pixels().iter();
        let pixels = pixels
            .map(|pixel| pixel.0.map(|channel| channel.clamp(0.0, 1.0)))
            .collect();
        Ok(Self {
            width,
            height,
            pixels,
        })
    }

    /// Composites on a grey; all values are from 0 to 255.
    pub(crate) fn over(&self, grey: f32) -> impl Iterator<Item = [f32; 3]> {
        self.pixels.iter().map(move |[red, green, blue, alpha]| {
            [red, green, blue].map(|channel| 255.0 * channel + grey * (1.0 - alpha))
        })
    }
}
