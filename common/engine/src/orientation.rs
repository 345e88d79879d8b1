//! Sizes of images that are stored rotated.

use image::metadata::Orientation;

use crate::{dimensions::Dimensions, variant_spec::Size};

/// Converts a size to the orientation of the file: variants are resized first, then rotated.
pub(crate) fn in_file_orientation(size: Size, orientation: Orientation) -> Size {
    match size {
        Size::Inside { .. } => size,
        Size::Cover { width, height } => {
            let Dimensions { width, height } =
                dimensions_in_file(Dimensions { width, height }, orientation);
            Size::Cover { width, height }
        }
    }
}

/// Swaps width and height if the orientation includes a quarter turn; the same in both directions.
pub(crate) fn dimensions_in_file(edges: Dimensions, orientation: Orientation) -> Dimensions {
    match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => edges.turned(),
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => edges,
    }
}
