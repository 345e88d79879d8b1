//! Cropping, rotation and mirroring of an image, as its properties declare them (ISO/IEC 23008-12,
//! 6.5.9 to 6.5.12).

use image::metadata::Orientation;
use media::failure::Failure;

use crate::{decode::heif::container::corrupt, dimensions::Dimensions};

/// A part of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) edges: Dimensions,
}

/// All transformations of an image as one: first a crop, then an orientation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transform {
    /// The part that is shown, in the image as it is coded.
    pub(super) crop: Region,
    is_mirrored: bool,
    /// Clockwise quarter turns after the mirroring from left to right.
    turns: u8,
}

/// Numerator and denominator.
pub(super) type Fraction<N> = (N, u32);

/// Property `clap`: size of the part, and offset of its centre from the centre of the image.
#[derive(Clone, Copy, Debug)]
pub(super) struct CleanAperture {
    pub(super) width: Fraction<u32>,
    pub(super) height: Fraction<u32>,
    pub(super) across: Fraction<i32>,
    pub(super) down: Fraction<i32>,
}

impl Transform {
    pub(super) fn none(edges: Dimensions) -> Self {
        let crop = Region {
            left: 0,
            top: 0,
            edges,
        };
        Self {
            crop,
            is_mirrored: false,
            turns: 0,
        }
    }

    /// Adds counter-clockwise quarter turns (`irot`).
    pub(super) fn rotated(self, quarters: u8) -> Self {
        Self {
            turns: (self.turns + 4 - quarters % 4) % 4,
            ..self
        }
    }

    /// Adds an exchange of top and bottom, or of left and right (`imir`).
    pub(super) fn mirrored(self, is_vertical: bool) -> Self {
        let half = if is_vertical { 2 } else { 0 };
        Self {
            turns: (half + 4 - self.turns) % 4,
            is_mirrored: !self.is_mirrored,
            ..self
        }
    }

    /// Adds a crop. A part that reaches beyond the image is cut to it, as in libheif.
    pub(super) fn cropped(self, aperture: &CleanAperture) -> Result<Self, Failure> {
        let mut shown = self.crop.edges;
        if self.turns % 2 == 1 {
            shown = shown.turned();
        }
        let (left, width) = span(shown.width, aperture.width, aperture.across)?;
        let (top, height) = span(shown.height, aperture.height, aperture.down)?;
        let mut part = Region {
            left,
            top,
            edges: Dimensions { width, height },
        };
        for _ in 0..self.turns {
            // One turn back.
            part = Region {
                left: part.top,
                top: shown.width - part.left - part.edges.width,
                edges: part.edges.turned(),
            };
            shown = shown.turned();
        }
        if self.is_mirrored {
            part.left = shown.width - part.left - part.edges.width;
        }
        part.left += self.crop.left;
        part.top += self.crop.top;
        Ok(Self { crop: part, ..self })
    }

    pub(super) fn orientation(self) -> Orientation {
        match (self.is_mirrored, self.turns) {
            (false, 1) => Orientation::Rotate90,
            (false, 2) => Orientation::Rotate180,
            (false, 3) => Orientation::Rotate270,
            (false, _) => Orientation::NoTransforms,
            // The orientations of EXIF turn first and mirror then.
            (true, 1) => Orientation::Rotate270FlipH,
            (true, 2) => Orientation::FlipVertical,
            (true, 3) => Orientation::Rotate90FlipH,
            (true, _) => Orientation::FlipHorizontal,
        }
    }
}

/// Returns start and length of a part along one edge.
fn span(
    edge: u32,
    (length, per): Fraction<u32>,
    (offset, offset_per): Fraction<i32>,
) -> Result<(u32, u32), Failure> {
    if per == 0 || offset_per == 0 {
        return Err(corrupt("its clean aperture divides by zero"));
    }
    let wanted = f64::from(length / per);
    let offset = f64::from(offset) / f64::from(offset_per);
    let start = ((f64::from(edge) - wanted) / 2.0 + offset).round();
    let end = (start + wanted).min(f64::from(edge));
    let start = start.max(0.0);
    if end - start < 1.0 {
        return Err(corrupt("its clean aperture is outside the image"));
    }
    Ok((whole(start), whole(end - start)))
}

/// Converts a number that is a `u32` already.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded, and within the edge of an image"
)]
fn whole(number: f64) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, GrayImage, Luma};

    use super::*;

    const EDGES: Dimensions = Dimensions {
        width: 5,
        height: 3,
    };

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Turn(u8),
        Mirror(bool),
        /// Width, height, and the offset of the left and the upper edge, in quarters of pixels.
        Crop(u32, u32, i32, i32),
    }

    /// Applies the steps one by one to an image in which every pixel differs.
    fn step_by_step(steps: &[Step]) -> GrayImage {
        let pixel = |x, y| Luma([u8::try_from(10 * y + x).unwrap()]);
        let mut image = DynamicImage::from(GrayImage::from_fn(5, 3, pixel));
        for step in steps {
            image = match *step {
                Step::Turn(0) => image,
                Step::Turn(1) => image.rotate270(),
                Step::Turn(2) => image.rotate180(),
                Step::Turn(_) => image.rotate90(),
                Step::Mirror(true) => image.flipv(),
                Step::Mirror(false) => image.fliph(),
                Step::Crop(width, height, left, top) => {
                    let (left, top) = (left.cast_unsigned(), top.cast_unsigned());
                    image.crop_imm(left, top, width, height)
                }
            };
        }
        image.into_luma8()
    }

    fn at_once(steps: &[Step]) -> GrayImage {
        let mut transform = Transform::none(EDGES);
        let mut shown = EDGES;
        for step in steps {
            transform = match *step {
                Step::Turn(quarters) => transform.rotated(quarters),
                Step::Mirror(is_vertical) => transform.mirrored(is_vertical),
                Step::Crop(width, height, left, top) => {
                    let offset = |edge: u32, length: u32, start: i32| {
                        (2 * start - (edge - length).cast_signed(), 2)
                    };
                    transform
                        .cropped(&CleanAperture {
                            width: (width, 1),
                            height: (height, 1),
                            across: offset(shown.width, width, left),
                            down: offset(shown.height, height, top),
                        })
                        .unwrap()
                }
            };
            shown = transform.crop.edges;
            if transform.turns % 2 == 1 {
                shown = shown.turned();
            }
        }
        let pixel = |x, y| Luma([u8::try_from(10 * y + x).unwrap()]);
        let Region { left, top, edges } = transform.crop;
        let mut image = DynamicImage::from(GrayImage::from_fn(5, 3, pixel)).crop_imm(
            left,
            top,
            edges.width,
            edges.height,
        );
        image.apply_orientation(transform.orientation());
        image.into_luma8()
    }

    #[test]
    fn all_steps_at_once_are_all_steps_in_their_order() {
        let steps = [
            Step::Turn(1),
            Step::Turn(2),
            Step::Turn(3),
            Step::Mirror(true),
            Step::Mirror(false),
        ];
        for first in steps {
            assert_eq!(at_once(&[first]), step_by_step(&[first]), "{first:?}");
            for second in steps {
                for third in steps {
                    let all = [first, second, third];
                    assert_eq!(at_once(&all), step_by_step(&all), "{all:?}");
                    for crop in [Step::Crop(2, 1, 1, 0), Step::Crop(1, 2, 2, 1)] {
                        for all in [
                            [crop, first, second],
                            [first, crop, second],
                            [first, second, crop],
                        ] {
                            assert_eq!(at_once(&all), step_by_step(&all), "{all:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_crop_beyond_the_image_is_cut_and_one_outside_is_refused() {
        let whole = Transform::none(EDGES);
        let aperture = |width, across| CleanAperture {
            width,
            height: (3, 1),
            across,
            down: (0, 1),
        };
        let cut = whole.cropped(&aperture((4, 1), (2, 1))).unwrap();
        assert_eq!((cut.crop.left, cut.crop.edges.width), (3, 2));
        for (width, across) in [
            ((0, 1), (0, 1)),
            ((4, 0), (0, 1)),
            ((4, 1), (1, 0)),
            ((1, 1), (100, 1)),
            ((1, 1), (i32::MIN, 1)),
        ] {
            whole.cropped(&aperture(width, across)).unwrap_err();
        }
    }
}
