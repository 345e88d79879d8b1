//! The two forms that a picture is kept in between its decoder and its encoder.

use std::borrow::Cow;

use fast_image_resize::Resizer;
use image::metadata::Orientation;
use media::failure::Failure;

use crate::{
    dimensions::Dimensions,
    planes::YcbcrPlanes,
    raster::Raster,
    resize::{CropPlan, resize},
};

#[derive(Clone, Debug)]
pub(crate) enum Pixels {
    /// Pixel by pixel.
    Interleaved(Raster),
    /// From JPEG to JPEG.
    Planar(YcbcrPlanes),
}

impl Pixels {
    pub(crate) fn edges(&self) -> Dimensions {
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
    pub(crate) fn resize(&self, resizer: &mut Resizer, cut: &CropPlan) -> Result<Self, Failure> {
        match self {
            Self::Interleaved(raster) => resize(resizer, raster, cut).map(Self::Interleaved),
            Self::Planar(planes) => planes.resize(resizer, cut).map(Self::Planar),
        }
    }

    /// Turned and mirrored as the orientation asks for.
    pub(crate) fn apply_orientation(&self, orientation: Orientation) -> Result<Self, Failure> {
        match self {
            Self::Interleaved(raster) => raster
                .clone()
                .apply_orientation(orientation)
                .map(Self::Interleaved),
            Self::Planar(planes) => planes.apply_orientation(orientation).map(Self::Planar),
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
