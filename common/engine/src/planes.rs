//! Images in planes of luma and chroma, as JPEG stores them.

use fast_image_resize::{FilterType, Resizer};
use image::metadata::Orientation;
use media::failure::{Failure, FailureCode};

use crate::{
    dimensions::{Dimensions, SubpixelDimensions},
    raster::{Layout, Raster},
    resize::{CropPlan, shrink_plane},
};

/// Planes of Y, Cb and Cr, as JFIF defines them.
///
/// From a JPEG decoder to a JPEG encoder, RGB is not needed: without it, two conversions of every
/// pixel and half of the samples to resize are saved.
#[derive(Clone, Debug)]
pub(crate) struct YcbcrPlanes {
    edges: Dimensions,
    /// Samples of one plane after the other.
    samples: Vec<u8>,
    /// Shape of the luma plane, and of both chroma planes.
    shapes: [Shape; 2],
    /// Chroma of the resized versions.
    resized: Subsampling,
}

/// Resize filter for chroma. It takes two thirds of the time of Lanczos, and the eye resolves a
/// third of the detail in colours.
const COLOURS: FilterType = FilterType::CatmullRom;

/// Dimensions of a plane, and the extent of the original in it.
#[derive(Clone, Copy, Debug)]
struct Shape {
    edges: Dimensions,
    extent: SubpixelDimensions,
}

impl Shape {
    fn whole(edges: Dimensions) -> Self {
        Self {
            edges,
            extent: edges.into(),
        }
    }

    fn len(self) -> usize {
        self.edges.width as usize * self.edges.height as usize
    }
}

/// Chroma subsampling: columns and rows of pixels that share a chroma sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subsampling {
    pub(crate) across: u32,
    pub(crate) down: u32,
}

impl Subsampling {
    /// Subsampling of every variant (4:2:0): invisible, and the default of other tools.
    pub(crate) const HALVES: Self = Self { across: 2, down: 2 };

    /// As many chroma samples as pixels (4:4:4).
    const NONE: Self = Self { across: 1, down: 1 };

    fn colours(self, Dimensions { width, height }: Dimensions) -> Dimensions {
        Dimensions {
            width: width.div_ceil(self.across),
            height: height.div_ceil(self.down),
        }
    }

    /// Rounds up to whole chroma samples, which codecs require of the luma plane.
    pub(crate) fn padded(self, Dimensions { width, height }: Dimensions) -> Dimensions {
        Dimensions {
            width: width.next_multiple_of(self.across),
            height: height.next_multiple_of(self.down),
        }
    }
}

/// Resolution of the chroma planes that a decoder makes at a reduced scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChromaScale {
    /// As much smaller than luma as in the image, for an encoder that takes planes.
    AsInImage,
    /// As large as luma if the image has the samples, for conversion to RGB.
    Largest,
}

impl YcbcrPlanes {
    /// Returns the dimensions of the planes of a decoder's output.
    pub(crate) fn shapes(edges: Dimensions, subsampling: Subsampling) -> [Dimensions; 3] {
        let colours = subsampling.colours(edges);
        [subsampling.padded(edges), colours, colours]
    }

    /// Creates the planes from a decoder's output, in which luma is padded to whole chroma samples.
    /// `extent` is the extent of the original in the luma plane.
    pub(crate) fn decoded(
        edges: Dimensions,
        extent: SubpixelDimensions,
        subsampling: Subsampling,
        samples: Vec<u8>,
    ) -> Result<Self, Failure> {
        let chroma_shape = Shape {
            edges: subsampling.colours(edges),
            extent: SubpixelDimensions {
                width: extent.width / f64::from(subsampling.across),
                height: extent.height / f64::from(subsampling.down),
            },
        };
        let luma_shape = Shape {
            edges: subsampling.padded(edges),
            extent,
        };
        let mut planes = Self::new(edges, [luma_shape, chroma_shape], samples)?;
        planes.repeat_last();
        Ok(planes)
    }

    /// Repeats the last column and row into the padding. A decoder may leave any value there, and a
    /// resize filter would use it.
    fn repeat_last(&mut self) {
        let [Shape { edges: padded, .. }, _] = self.shapes;
        let (width, height) = (self.edges.width as usize, self.edges.height as usize);
        let row_length = padded.width as usize;
        for row in self
            .samples
            .chunks_exact_mut(row_length)
            .take(padded.height as usize)
        {
            let last = row[width - 1];
            row[width..].fill(last);
        }
        for row in height..padded.height as usize {
            let last = (height - 1) * row_length;
            self.samples
                .copy_within(last..last + row_length, row * row_length);
        }
    }

    fn new(edges: Dimensions, shapes: [Shape; 2], samples: Vec<u8>) -> Result<Self, Failure> {
        let [luma_shape, chroma_shape] = shapes;
        if edges.width == 0
            || edges.height == 0
            || samples.len() != luma_shape.len() + 2 * chroma_shape.len()
        {
            return Err(Failure::new(
                FailureCode::Corrupt,
                "the samples do not match the image's size",
            ));
        }
        Ok(Self {
            edges,
            samples,
            shapes,
            resized: Subsampling::HALVES,
        })
    }

    /// Lets the resized versions have chroma for every pixel, for a conversion of their colours: it
    /// would make errors of chroma visible in luma.
    pub(crate) fn resized_with_whole_chroma(self) -> Self {
        Self {
            resized: Subsampling::NONE,
            ..self
        }
    }

    pub(crate) fn edges(&self) -> Dimensions {
        self.edges
    }

    /// Returns the size in bytes.
    pub(crate) fn len(&self) -> usize {
        self.samples.len()
    }

    /// Returns the planes: Y, Cb, Cr.
    fn planes(&self) -> [(Shape, &[u8]); 3] {
        let [luma_shape, chroma_shape] = self.shapes;
        let (luma, chroma) = self.samples.split_at(luma_shape.len());
        let (blue, red) = chroma.split_at(chroma_shape.len());
        [
            (luma_shape, luma),
            (chroma_shape, blue),
            (chroma_shape, red),
        ]
    }

    /// Crops and resizes. The result has chroma in half of the columns and rows, unless all of it
    /// is wanted.
    ///
    /// If an edge is odd, the last chroma sample is stretched over the pixel that does not exist,
    /// by half a pixel at the far end.
    pub(crate) fn resize(&self, resizer: &mut Resizer, cut: &CropPlan) -> Result<Self, Failure> {
        let edges = cut.target();
        let chroma_shape = self.resized.colours(edges);
        let mut samples = Vec::new();
        for ((shape, plane), (target, filter)) in self.planes().into_iter().zip([
            (edges, FilterType::Lanczos3),
            (chroma_shape, COLOURS),
            (chroma_shape, COLOURS),
        ]) {
            let Shape { edges, extent } = shape;
            let shrunk = shrink_plane(resizer, plane, edges, extent, cut, target, filter)?;
            if samples.is_empty() {
                samples = shrunk;
            } else {
                samples.extend(shrunk);
            }
        }
        let planes = Self::new(
            edges,
            [Shape::whole(edges), Shape::whole(chroma_shape)],
            samples,
        )?;
        Ok(Self {
            resized: self.resized,
            ..planes
        })
    }

    /// Rotates and mirrors according to the orientation.
    pub(crate) fn apply_orientation(&self, orientation: Orientation) -> Result<Self, Failure> {
        let turned = |(shape, plane): (Shape, &[u8])| {
            Raster::new(shape.edges, Layout::Grey, plane.to_vec())?.apply_orientation(orientation)
        };
        let [luma, blue, red] = self.planes();
        let [luma, blue, red] = [turned(luma)?, turned(blue)?, turned(red)?];
        let shapes = [&luma, &blue].map(|plane| Shape::whole(plane.edges()));
        Self::new(
            luma.edges(),
            shapes,
            [luma.samples(), blue.samples(), red.samples()].concat(),
        )
    }

    /// Returns the samples for a 4:2:0 encoder: luma is padded to whole chroma samples by
    /// repetition of its last column and row.
    pub(crate) fn padded(&self) -> Vec<u8> {
        let [(_, luma), (_, blue), (_, red)] = self.planes();
        let padded = Subsampling::HALVES.padded(self.edges);
        let mut samples = Vec::with_capacity(padded.width as usize * padded.height as usize * 2);
        let mut rows = luma.chunks_exact(self.edges.width as usize);
        let mut last = rows.clone().next_back().unwrap_or_default();
        for _ in 0..padded.height {
            let row = rows.next().unwrap_or(last);
            samples.extend_from_slice(row);
            if padded.width > self.edges.width {
                samples.extend(row.last());
            }
            last = row;
        }
        samples.extend_from_slice(blue);
        samples.extend_from_slice(red);
        samples
    }

    /// Returns the samples if they need no padding.
    pub(crate) fn unpadded(&self) -> Option<&[u8]> {
        (Subsampling::HALVES.padded(self.edges) == self.edges).then_some(&self.samples)
    }

    /// Converts to RGB; each pixel takes the nearest chroma sample. For placeholders, and for
    /// variants of whole chroma.
    pub(crate) fn to_rgb(&self) -> Result<Raster, Failure> {
        let [(shape, luma), (chroma_shape, blue), (_, red)] = self.planes();
        let (columns, rows) = (self.edges.width as usize, self.edges.height as usize);
        let (across, down) = (
            chroma_shape.edges.width as usize,
            chroma_shape.edges.height as usize,
        );
        let mut samples = vec![0; columns * rows * 3];
        let (pixels, _) = samples.as_chunks_mut::<3>();
        let luma_rows = luma.chunks_exact(shape.edges.width as usize);
        for (y, (pixels, luma)) in pixels.chunks_exact_mut(columns).zip(luma_rows).enumerate() {
            let start = y * down / rows * across;
            let [blue, red] = [blue, red].map(|plane| &plane[start..start + across]);
            if across == columns {
                let colours = luma.iter().zip(blue).zip(red);
                for (pixel, ((luma, blue), red)) in pixels.iter_mut().zip(colours) {
                    *pixel = rgb(*luma, *blue, *red);
                }
            } else {
                for (x, (pixel, luma)) in pixels.iter_mut().zip(luma).enumerate() {
                    let at = x * across / columns;
                    *pixel = rgb(*luma, blue[at], red[at]);
                }
            }
        }
        Raster::new(self.edges, Layout::Rgb, samples)
    }
}

/// Converts YCbCr to RGB, as JFIF defines it, in fixed point with 16 fractional bits.
fn rgb(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    let luma = i32::from(luma) << 16;
    let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
    let sample = |sum: i32| {
        u8::try_from((sum + (1 << 15)) >> 16).unwrap_or(if sum < 0 { 0 } else { u8::MAX })
    };
    [
        sample(luma + 91_881 * red),
        sample(luma - 22_554 * blue - 46_802 * red),
        sample(luma + 116_130 * blue),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(width: u32, height: u32) -> Dimensions {
        Dimensions { width, height }
    }

    fn planes(width: u32, height: u32, samples: Vec<u8>) -> YcbcrPlanes {
        let whole = edges(width, height);
        let chroma_shape = Subsampling::HALVES.colours(whole);
        YcbcrPlanes::new(
            whole,
            [Shape::whole(whole), Shape::whole(chroma_shape)],
            samples,
        )
        .unwrap()
    }

    #[test]
    fn the_corners_of_the_colour_cube_are_converted() {
        for (ycbcr, expected) in [
            ([0, 128, 128], [0, 0, 0]),
            ([255, 128, 128], [255, 255, 255]),
            ([76, 85, 255], [254, 0, 0]),
            ([150, 44, 21], [0, 255, 1]),
            ([29, 255, 107], [0, 0, 254]),
        ] {
            let [luma, blue, red] = ycbcr;
            assert_eq!(rgb(luma, blue, red), expected, "{ycbcr:?}");
        }
    }

    #[test]
    fn odd_edges_are_padded_with_their_neighbours() {
        let odd = planes(3, 1, vec![1, 2, 3, 10, 11, 20, 21]);
        assert!(odd.unpadded().is_none());
        assert_eq!(odd.padded(), [1, 2, 3, 3, 1, 2, 3, 3, 10, 11, 20, 21]);
        let even = planes(2, 2, vec![1, 2, 3, 4, 10, 20]);
        assert_eq!(even.unpadded(), Some(&[1, 2, 3, 4, 10, 20][..]));
        assert_eq!(even.padded(), [1, 2, 3, 4, 10, 20]);
    }

    #[test]
    fn samples_outside_the_image_are_ignored() {
        let samples = vec![1, 2, 3, 99, 99, 99, 99, 99, 10, 11, 20, 21];
        let extent = edges(3, 1).into();
        let planes =
            YcbcrPlanes::decoded(edges(3, 1), extent, Subsampling::HALVES, samples).unwrap();
        assert_eq!(planes.samples, [1, 2, 3, 3, 1, 2, 3, 3, 10, 11, 20, 21]);
    }

    #[test]
    fn a_quarter_turn_turns_all_planes() {
        let in_file_orientation = planes(4, 2, vec![1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 20, 21]);
        let apply_orientation = in_file_orientation
            .apply_orientation(Orientation::Rotate90)
            .unwrap();
        assert_eq!(apply_orientation.edges(), edges(2, 4));
        assert_eq!(
            apply_orientation.unpadded(),
            Some(&[5, 1, 6, 2, 7, 3, 8, 4, 10, 11, 20, 21][..])
        );
    }

    #[test]
    fn samples_that_do_not_fill_the_planes_are_refused() {
        let extent = edges(3, 3).into();
        for len in [0, 16 + 7, 16 + 9] {
            let samples = vec![0; len];
            YcbcrPlanes::decoded(edges(3, 3), extent, Subsampling::HALVES, samples).unwrap_err();
        }
        let samples = vec![0; 16 + 8];
        YcbcrPlanes::decoded(edges(3, 3), extent, Subsampling::HALVES, samples).unwrap();
    }
}
