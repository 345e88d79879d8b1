//! The two forms that a picture is kept in between its decoder and its encoder.

use std::borrow::Cow;

use fast_image_resize::Resizer;
use image::metadata::Orientation;
use media::failure::Failure;

use crate::{
    dimensions::Edges,
    planes::Planes,
    raster::Raster,
    resize::{Cut, resize},
};

#[derive(Clone, Debug)]
pub(crate) enum Pixels {
    /// Pixel by pixel.
    Interleaved(Raster),
    /// From JPEG to JPEG.
    Planar(Planes),
}

impl Pixels {
    pub(crate) fn edges(&self) -> Edges {
        match self {
            Self::Interleaved(raster) => raster.edges(),
            Self::Planar(planes) => planes.edges(),
        }
    }

    /// In bytes.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Interleaved(raster) => raster.samples().len(),
            Self::Planar(planes) => planes.len(),
        }
    }

    /// At most.
    pub(crate) fn samples_per_pixel(&self) -> usize {
        match self {
            Self::Interleaved(raster) => raster.layout().samples(),
            Self::Planar(_) => 3,
        }
    }

    /// The piece, resized. These are the original or any smaller picture of it.
    pub(crate) fn resize(&self, resizer: &mut Resizer, cut: &Cut) -> Result<Self, Failure> {
        match self {
            Self::Interleaved(raster) => resize(resizer, raster, cut).map(Self::Interleaved),
            Self::Planar(planes) => planes.resize(resizer, cut).map(Self::Planar),
        }
    }

    /// Turned and mirrored as the orientation asks for.
    pub(crate) fn upright(&self, orientation: Orientation) -> Result<Self, Failure> {
        match self {
            Self::Interleaved(raster) => raster.clone().upright(orientation).map(Self::Interleaved),
            Self::Planar(planes) => planes.upright(orientation).map(Self::Planar),
        }
    }

    /// Pixel by pixel, good enough for an impression.
    pub(crate) fn to_raster(&self) -> Result<Cow<'_, Raster>, Failure> {
        match self {
            Self::Interleaved(raster) => Ok(Cow::Borrowed(raster)),
            Self::Planar(planes) => planes.to_rgb().map(Cow::Owned),
        }
    }
}
