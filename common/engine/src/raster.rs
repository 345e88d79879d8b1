//! Interleaved images in memory.

use std::borrow::Cow;

use fast_image_resize::{MulDiv, images::TypedImage, pixels::U8x4};
use image::{DynamicImage, GrayImage, RgbImage, RgbaImage, metadata::Orientation};
use media::failure::{Failure, FailureCode};

use crate::dimensions::{Dimensions, SubpixelDimensions};

/// Rows of eight-bit samples, from top to bottom, without padding.
#[derive(Clone, Debug)]
pub(crate) struct Raster {
    edges: Dimensions,
    extent: SubpixelDimensions,
    layout: Layout,
    samples: Vec<u8>,
}

/// Samples of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One sample.
    Grey,
    /// Three samples.
    Rgb,
    /// Four samples, of which the last is ignored: the form of an image with alpha that turns out
    /// to be opaque. It is resized in this form, because removing the fourth sample from the large
    /// image takes longer.
    Rgbx,
    /// Four samples, colours *premultiplied by alpha*: so resizing does not mix in colours of
    /// transparent pixels, and compositing on white is an addition.
    Premultiplied,
}

impl Layout {
    pub(crate) fn samples(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Rgbx | Self::Premultiplied => 4,
        }
    }
}

impl Raster {
    /// Creates a raster. The number of `samples` must match the dimensions.
    pub(crate) fn new(
        edges: Dimensions,
        layout: Layout,
        samples: Vec<u8>,
    ) -> Result<Self, Failure> {
        let expected = edges.width as usize * edges.height as usize * layout.samples();
        if edges.width == 0 || edges.height == 0 || samples.len() != expected {
            return Err(Failure::new(
                FailureCode::Corrupt,
                "the samples do not match the image's size",
            ));
        }
        Ok(Self {
            edges,
            extent: edges.into(),
            layout,
            samples,
        })
    }

    /// Creates a raster from straight RGBA.
    pub(crate) fn from_rgba(edges: Dimensions, mut rgba: Vec<u8>) -> Result<Self, Failure> {
        let layout = premultiply(edges, &mut rgba)?;
        Self::new(edges, layout, rgba)
    }

    pub(crate) fn edges(&self) -> Dimensions {
        self.edges
    }

    /// Sets the extent of the original, which may end within the last column and the last row.
    pub(crate) fn ending_at(self, extent: SubpixelDimensions) -> Self {
        Self { extent, ..self }
    }

    /// Returns the extent of the original in this image.
    pub(crate) fn extent(&self) -> SubpixelDimensions {
        self.extent
    }

    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    pub(crate) fn samples(&self) -> &[u8] {
        &self.samples
    }

    /// Rotates and mirrors according to the orientation.
    pub(crate) fn apply_orientation(self, orientation: Orientation) -> Result<Self, Failure> {
        if orientation == Orientation::NoTransforms {
            return Ok(self);
        }
        let layout = self.layout;
        let mut image = self.into_image()?;
        image.apply_orientation(orientation);
        let edges = Dimensions {
            width: image.width(),
            height: image.height(),
        };
        Self::new(edges, layout, image.into_bytes())
    }

    /// Converts to RGB; transparent pixels are composited on white, the usual background of
    /// galleries and mail.
    pub(crate) fn to_rgb(&self) -> Cow<'_, [u8]> {
        match self.layout {
            Layout::Grey => map(&self.samples, |[grey]| [grey; 3]).into(),
            Layout::Rgb => (&self.samples).into(),
            Layout::Rgbx => map(&self.samples, |[red, green, blue, _]| [red, green, blue]).into(),
            Layout::Premultiplied => map(&self.samples, |[red, green, blue, alpha]| {
                [red, green, blue].map(|channel: u8| channel.saturating_add(u8::MAX - alpha))
            })
            .into(),
        }
    }

    /// Converts to straight RGBA, which encoders with alpha require.
    pub(crate) fn to_rgba(&self) -> Result<Vec<u8>, Failure> {
        Ok(match self.layout {
            Layout::Grey => map(&self.samples, |[grey]| [grey, grey, grey, u8::MAX]),
            Layout::Rgb => map(&self.samples, |[red, green, blue]| {
                [red, green, blue, u8::MAX]
            }),
            Layout::Rgbx => map(&self.samples, |[red, green, blue, _]| {
                [red, green, blue, u8::MAX]
            }),
            Layout::Premultiplied => {
                let mut straight = self.samples.clone();
                let Dimensions { width, height } = self.edges;
                TypedImage::<U8x4>::from_buffer(width, height, &mut straight)
                    .map_err(|error| broken(&error))
                    .and_then(|mut image| {
                        MulDiv::new()
                            .divide_alpha_inplace_typed(&mut image)
                            .map_err(|error| broken(&error))
                    })?;
                straight
            }
        })
    }

    fn into_image(self) -> Result<DynamicImage, Failure> {
        let Dimensions { width, height } = self.edges;
        match self.layout {
            Layout::Grey => GrayImage::from_raw(width, height, self.samples).map(Into::into),
            Layout::Rgb => RgbImage::from_raw(width, height, self.samples).map(Into::into),
            Layout::Rgbx | Layout::Premultiplied => {
                RgbaImage::from_raw(width, height, self.samples).map(Into::into)
            }
        }
        .ok_or_else(|| Failure::new(FailureCode::Corrupt, "the image can't be rotated"))
    }
}

/// Maps every pixel to a pixel with another number of samples. Collecting an iterator of single
/// samples takes five times as long.
pub(crate) fn map<const FROM: usize, const TO: usize>(
    samples: &[u8],
    pixel: impl Fn([u8; FROM]) -> [u8; TO],
) -> Vec<u8> {
    let (from, _) = samples.as_chunks::<FROM>();
    let mut mapped = vec![0; from.len() * TO];
    let (to, _) = mapped.as_chunks_mut::<TO>();
    for (to, from) in to.iter_mut().zip(from) {
        *to = pixel(*from);
    }
    mapped
}

/// Multiplies the colours of straight RGBA by alpha, unless every pixel is opaque. Returns the
/// layout.
pub(crate) fn premultiply(edges: Dimensions, rgba: &mut [u8]) -> Result<Layout, Failure> {
    let (pixels, _) = rgba.as_chunks::<4>();
    if is_opaque(pixels) {
        return Ok(Layout::Rgbx);
    }
    TypedImage::<U8x4>::from_buffer(edges.width, edges.height, rgba)
        .map_err(|error| broken(&error))
        .and_then(|mut image| {
            MulDiv::new()
                .multiply_alpha_inplace_typed(&mut image)
                .map_err(|error| broken(&error))
        })?;
    Ok(Layout::Premultiplied)
}

/// Whether every pixel is opaque. Checks runs of pixels, which the compiler vectorizes.
fn is_opaque(pixels: &[[u8; 4]]) -> bool {
    pixels.chunks(1024).all(|run| {
        let least = run.iter().fold(u8::MAX, |least, pixel| least & pixel[3]);
        least == u8::MAX
    })
}

/// Computes `channel × alpha`, rounded.
pub(crate) fn multiply(channel: u8, alpha: u8) -> u8 {
    let product = u16::from(channel) * u16::from(alpha) + 128;
    // Exact division by 255, without a division.
    ((product + (product >> 8)) >> 8).to_le_bytes()[0]
}

/// Maps an error that only a defect of the engine causes: the size was checked with the samples.
fn broken(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        FailureCode::Corrupt,
        format!("the image's transparency can't be applied: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Dimensions = Dimensions {
        width: 1,
        height: 1,
    };

    #[test]
    fn multiplying_by_alpha_is_exact() {
        for (channel, alpha) in (0..=255).flat_map(|c| (0..=255).map(move |a| (c, a))) {
            let exact = (u32::from(channel) * u32::from(alpha) + 127) / 255;
            assert_eq!(u32::from(multiply(channel, alpha)), exact);
        }
    }

    #[test]
    fn a_colour_survives_its_alpha() {
        let pixel = vec![200, 100, 0, 128];
        let raster = Raster::from_rgba(ONE, pixel).unwrap();
        let [red, green, blue, alpha] = raster.to_rgba().unwrap()[..] else {
            panic!("not one pixel")
        };
        assert!(red.abs_diff(200) <= 1 && green.abs_diff(100) <= 1);
        assert_eq!((blue, alpha), (0, 128));
    }

    #[test]
    fn a_pixel_that_is_not_opaque_is_found_wherever_it_is() {
        let edges = Dimensions {
            width: 3000,
            height: 1,
        };
        let opaque = vec![255; 12_000];
        let layout = |rgba| Raster::from_rgba(edges, rgba).unwrap().layout();
        assert_eq!(layout(opaque.clone()), Layout::Rgbx);
        for at in [3, 4 * 1024 + 3, 11_999] {
            let mut rgba = opaque.clone();
            rgba[at] = 254;
            assert_eq!(layout(rgba), Layout::Premultiplied, "{at}");
        }
    }
}
