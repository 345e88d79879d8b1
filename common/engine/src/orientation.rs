//! EXIF orientation, and sizes of images that are stored rotated.

use image::metadata::Orientation;

use crate::{dimensions::Dimensions, exif::Exif, variant_spec::Size};

/// Tag of the orientation.
const ORIENTATION: u16 = 0x0112;

/// Returns the orientation that a TIFF structure states, which is what an EXIF block contains.
///
/// Everything that is broken counts as upright: the image itself may be valid. The first entry of
/// the tag counts, with its first value. Its type should be SHORT; what other programs turn by is
/// taken, too.
pub(crate) fn of_tiff(tiff: &[u8]) -> Orientation {
    let value = Exif::of_tiff(tiff)
        .and_then(Exif::image)
        .and_then(|image| image.value(ORIENTATION));
    value
        .and_then(|value| value.integer())
        .and_then(|value| Orientation::from_exif(u8::try_from(value).ok()?))
        .unwrap_or(Orientation::NoTransforms)
}

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
