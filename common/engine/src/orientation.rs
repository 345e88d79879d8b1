//! Sizes of pictures that lie on their side in the file.

use image::metadata::Orientation;

use crate::{dimensions::Dimensions, variant_spec::Size};

/// The size, as the picture lies in the file: a variant is turned after it was made small.
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

/// Swapped where the orientation lays the picture on its side; the same both ways.
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
