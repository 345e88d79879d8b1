//! A picture in memory.

use image::{DynamicImage, GrayImage, RgbImage, RgbaImage, metadata::Orientation};
use media::failure::{Failure, FailureCode};

use crate::shrink::Edges;

/// Rows of eight-bit samples, from the top, without gaps.
#[derive(Clone, Debug)]
pub(crate) struct Raster {
    edges: Edges,
    layout: Layout,
    samples: Vec<u8>,
}

/// What a pixel is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One sample.
    Grey,
    /// Three samples.
    Rgb,
    /// Four samples, colours *multiplied by alpha*: so resizing mixes no colour of what can't be seen, and putting the
    /// picture on white is an addition.
    Premultiplied,
}

impl Layout {
    pub(crate) fn samples(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Premultiplied => 4,
        }
    }
}

impl Raster {
    /// `samples` must be exactly as many as the size says.
    pub(crate) fn new(edges: Edges, layout: Layout, samples: Vec<u8>) -> Result<Self, Failure> {
        let expected = edges.width as usize * edges.height as usize * layout.samples();
        if edges.width == 0 || edges.height == 0 || samples.len() != expected {
            return Err(Failure::new(
                FailureCode::Corrupt,
                "the picture has another size than it says",
            ));
        }
        Ok(Self {
            edges,
            layout,
            samples,
        })
    }

    /// From straight RGBA. Without a transparent pixel it becomes plain RGB, which all that follows handles faster.
    pub(crate) fn from_rgba(edges: Edges, mut rgba: Vec<u8>) -> Result<Self, Failure> {
        let (pixels, _) = rgba.as_chunks_mut::<4>();
        if pixels.iter().all(|pixel| pixel[3] == u8::MAX) {
            let rgb = pixels
                .iter()
                .flat_map(|&[red, green, blue, _]| [red, green, blue]);
            return Self::new(edges, Layout::Rgb, rgb.collect());
        }
        for [red, green, blue, alpha] in pixels {
            for channel in [red, green, blue] {
                *channel = multiply(*channel, *alpha);
            }
        }
        Self::new(edges, Layout::Premultiplied, rgba)
    }

    pub(crate) fn edges(&self) -> Edges {
        self.edges
    }

    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    pub(crate) fn samples(&self) -> &[u8] {
        &self.samples
    }

    pub(crate) fn samples_mut(&mut self) -> &mut [u8] {
        &mut self.samples
    }

    /// Turned and mirrored as the orientation asks for.
    pub(crate) fn upright(self, orientation: Orientation) -> Result<Self, Failure> {
        if orientation == Orientation::NoTransforms {
            return Ok(self);
        }
        let layout = self.layout;
        let mut picture = self.into_image()?;
        picture.apply_orientation(orientation);
        let edges = Edges {
            width: picture.width(),
            height: picture.height(),
        };
        Self::new(edges, layout, picture.into_bytes())
    }

    /// On white: what galleries and mail show behind pictures. Grey stays grey.
    pub(crate) fn flattened(self) -> Result<Self, Failure> {
        if self.layout != Layout::Premultiplied {
            return Ok(self);
        }
        let (pixels, _) = self.samples.as_chunks::<4>();
        let rgb = pixels.iter().flat_map(|&[red, green, blue, alpha]| {
            [red, green, blue].map(|channel| channel.saturating_add(u8::MAX - alpha))
        });
        Self::new(self.edges, Layout::Rgb, rgb.collect())
    }

    /// Straight RGBA, which encoders with alpha want.
    pub(crate) fn to_rgba(&self) -> Vec<u8> {
        match self.layout {
            Layout::Grey => self
                .samples
                .iter()
                .flat_map(|&grey| [grey, grey, grey, u8::MAX])
                .collect(),
            Layout::Rgb => {
                let (pixels, _) = self.samples.as_chunks::<3>();
                pixels
                    .iter()
                    .flat_map(|&[red, green, blue]| [red, green, blue, u8::MAX])
                    .collect()
            }
            Layout::Premultiplied => {
                let (pixels, _) = self.samples.as_chunks::<4>();
                pixels
                    .iter()
                    .flat_map(|&[red, green, blue, alpha]| {
                        let [red, green, blue] =
                            [red, green, blue].map(|channel| divide(channel, alpha));
                        [red, green, blue, alpha]
                    })
                    .collect()
            }
        }
    }

    /// Plain RGB of an opaque picture.
    pub(crate) fn to_rgb(&self) -> Vec<u8> {
        match self.layout {
            Layout::Grey => self.samples.iter().flat_map(|&grey| [grey; 3]).collect(),
            Layout::Rgb => self.samples.clone(),
            Layout::Premultiplied => {
                let (pixels, _) = self.samples.as_chunks::<4>();
                pixels
                    .iter()
                    .flat_map(|&[red, green, blue, _]| [red, green, blue])
                    .collect()
            }
        }
    }

    fn into_image(self) -> Result<DynamicImage, Failure> {
        let Edges { width, height } = self.edges;
        match self.layout {
            Layout::Grey => GrayImage::from_raw(width, height, self.samples).map(Into::into),
            Layout::Rgb => RgbImage::from_raw(width, height, self.samples).map(Into::into),
            Layout::Premultiplied => {
                RgbaImage::from_raw(width, height, self.samples).map(Into::into)
            }
        }
        .ok_or_else(|| Failure::new(FailureCode::Corrupt, "the picture can't be turned"))
    }
}

/// `channel × alpha`, rounded.
fn multiply(channel: u8, alpha: u8) -> u8 {
    let product = u16::from(channel) * u16::from(alpha) + 128;
    // Exact division by 255, without a division.
    ((product + (product >> 8)) >> 8).to_le_bytes()[0]
}

/// `channel ÷ alpha`, rounded; rounding before may have left the colour above its alpha.
fn divide(channel: u8, alpha: u8) -> u8 {
    if alpha == 0 {
        return 0;
    }
    let (channel, alpha) = (u32::from(channel), u32::from(alpha));
    u8::try_from((channel * 255 + alpha / 2) / alpha).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Edges = Edges {
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
        let [red, green, blue, alpha] = raster.to_rgba()[..] else {
            panic!("not one pixel")
        };
        assert!(red.abs_diff(200) <= 1 && green.abs_diff(100) <= 1);
        assert_eq!((blue, alpha), (0, 128));
    }

    #[test]
    fn an_opaque_picture_needs_no_alpha() {
        let raster = Raster::from_rgba(ONE, vec![1, 2, 3, 255]).unwrap();
        assert_eq!(raster.layout(), Layout::Rgb);
        assert_eq!(raster.samples(), [1, 2, 3]);
    }
}
