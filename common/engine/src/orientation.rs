//! Sizes of pictures that lie on their side in the file.

use image::metadata::Orientation;

use crate::{dimensions::Edges, variant_spec::Size};

/// The size, as the picture lies in the file: a variant is turned after it was made small.
pub(crate) fn lying(size: Size, orientation: Orientation) -> Size {
    match size {
        Size::Inside { .. } => size,
        Size::Cover { width, height } => {
            let Edges { width, height } = lying_edges(Edges { width, height }, orientation);
            Size::Cover { width, height }
        }
    }
}

/// Swapped where the orientation lays the picture on its side; the same both ways.
pub(crate) fn lying_edges(edges: Edges, orientation: Orientation) -> Edges {
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
