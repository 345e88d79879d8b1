//! The two forms of an image between its decoder and its encoder.

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
    /// Interleaved samples.
    Interleaved(Raster),
    /// Planes of Y, Cb and Cr, from a JPEG decoder to a JPEG encoder.
    Planar(YcbcrPlanes),
}

impl Pixels {
    pub(crate) fn edges(&self) -> Dimensions {
        match self {
            Self::Interleaved(raster) => raster.edges(),
            Self::Planar(planes) => planes.edges(),
        }
    }

    /// Returns the size in bytes.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Interleaved(raster) => raster.samples().len(),
            Self::Planar(planes) => planes.len(),
        }
    }

    /// Returns the maximum number of samples per pixel.
    pub(crate) fn samples_per_pixel(&self) -> usize {
        match self {
            Self::Interleaved(raster) => raster.layout().samples(),
            Self::Planar(_) => 3,
        }
    }

    /// Crops and resizes. `self` is the original or any smaller version of it.
    pub(crate) fn resize(&self, resizer: &mut Resizer, cut: &CropPlan) -> Result<Self, Failure> {
        match self {
            Self::Interleaved(raster) => resize(resizer, raster, cut).map(Self::Interleaved),
            Self::Planar(planes) => planes.resize(resizer, cut).map(Self::Planar),
        }
    }

    /// Rotates and mirrors according to the orientation.
    pub(crate) fn apply_orientation(&self, orientation: Orientation) -> Result<Self, Failure> {
        match self {
            Self::Interleaved(raster) => raster
                .clone()
                .apply_orientation(orientation)
                .map(Self::Interleaved),
            Self::Planar(planes) => planes.apply_orientation(orientation).map(Self::Planar),
        }
    }

    /// Converts to interleaved pixels. Subsampled planes, in sufficient quality for a placeholder.
    pub(crate) fn to_raster(&self) -> Result<Cow<'_, Raster>, Failure> {
        match self {
            Self::Interleaved(raster) => Ok(Cow::Borrowed(raster)),
            Self::Planar(planes) => planes.to_rgb().map(Cow::Owned),
        }
    }
}
