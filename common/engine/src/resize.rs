//! Cropping and resizing of images.

use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use media::failure::{Failure, FailureCode};
use resample::Samples;

use crate::{
    dimensions::{Dimensions, SubpixelDimensions},
    raster::{Layout, Raster},
    variant_spec::Size,
};

/// A region of an image, and its target size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CropPlan {
    /// Dimensions of the original, to which the region refers; a smaller version is cropped at the
    /// same relative position.
    original: Dimensions,
    left: u32,
    top: u32,
    piece: Dimensions,
    /// Dimensions of the resized region.
    target: Dimensions,
}

impl CropPlan {
    /// Plans the crop of an original with these dimensions. Nothing is enlarged.
    pub(crate) fn new(size: Size, original: Dimensions) -> Self {
        let (piece, target) = match size {
            Size::Inside { max_edge } => (original, fit(max_edge, original)),
            Size::Cover { width, height } => {
                let target = Dimensions { width, height };
                let piece = largest_piece(target, original);
                let is_small = piece.width < width || piece.height < height;
                (piece, if is_small { piece } else { target })
            }
        };
        Self {
            original,
            left: (original.width - piece.width) / 2,
            top: (original.height - piece.height) / 2,
            piece,
            target,
        }
    }

    /// Whether the region has at least `times` the target's pixels along both edges in an image of
    /// these dimensions.
    pub(crate) fn has_margin(&self, image: Dimensions, times: f64) -> bool {
        let has = |edge: u32, piece: u32, original: u32, target: u32| {
            f64::from(edge) * f64::from(piece) >= times * f64::from(target) * f64::from(original)
        };
        has(
            image.width,
            self.piece.width,
            self.original.width,
            self.target.width,
        ) && has(
            image.height,
            self.piece.height,
            self.original.height,
            self.target.height,
        )
    }

    /// Returns the dimensions of the resized region.
    pub(crate) fn target(&self) -> Dimensions {
        self.target
    }

    /// Returns the pixels of the resized region.
    pub(crate) fn target_pixels(&self) -> u64 {
        u64::from(self.target.width) * u64::from(self.target.height)
    }

    fn is_whole(&self) -> bool {
        self.piece == self.original
    }

    /// Returns left, top, width and height of the region in an image in which the original has this
    /// extent.
    fn place(&self, image: SubpixelDimensions) -> (f64, f64, f64, f64) {
        // Rounds down to 1/256 of a pixel, which floats add exactly: rounding must not move the
        // region out of the image.
        let scaled = |at: u32, extent: f64, original: u32| {
            (f64::from(at) * extent / f64::from(original) * 256.0).floor() / 256.0
        };
        (
            scaled(self.left, image.width, self.original.width),
            scaled(self.top, image.height, self.original.height),
            scaled(self.piece.width, image.width, self.original.width),
            scaled(self.piece.height, image.height, self.original.height),
        )
    }
}

/// Crops and resizes. `raster` is the original or any smaller version of it.
pub(crate) fn resize(
    resizer: &mut Resizer,
    raster: &Raster,
    cut: &CropPlan,
) -> Result<Raster, Failure> {
    if cut.is_whole() && cut.target == raster.edges() {
        return Ok(raster.clone());
    }
    let options = options(raster.edges(), raster.extent(), cut, FilterType::Lanczos3);
    let mut samples = resized(
        resizer,
        match raster.layout() {
            Layout::Grey => Samples::One,
            Layout::Rgb => Samples::Three,
            Layout::Rgbx | Layout::Premultiplied => Samples::Four,
        },
        raster.samples(),
        raster.edges(),
        cut.target,
        &options,
    )?;
    if raster.layout() == Layout::Premultiplied {
        keep_below_alpha(&mut samples);
    }
    Raster::new(cut.target, raster.layout(), samples)
}

/// Crops and resizes one plane of an image whose planes have different dimensions.
pub(crate) fn shrink_plane(
    resizer: &mut Resizer,
    samples: &[u8],
    edges: Dimensions,
    extent: SubpixelDimensions,
    cut: &CropPlan,
    target: Dimensions,
    filter: FilterType,
) -> Result<Vec<u8>, Failure> {
    if cut.is_whole() && target == edges && extent == edges.into() {
        return Ok(samples.to_vec());
    }
    let options = options(edges, extent, cut, filter);
    resized(resizer, Samples::One, samples, edges, target, &options)
}

fn options(
    edges: Dimensions,
    extent: SubpixelDimensions,
    cut: &CropPlan,
    filter: FilterType,
) -> ResizeOptions {
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        .use_alpha(false);
    if cut.is_whole() && extent == edges.into() {
        return options;
    }
    let (left, top, width, height) = cut.place(extent);
    options.crop(left, top, width, height)
}

fn resized(
    resizer: &mut Resizer,
    samples: Samples,
    source: &[u8],
    edges: Dimensions,
    target: Dimensions,
    options: &ResizeOptions,
) -> Result<Vec<u8>, Failure> {
    let pair = |edges: Dimensions| (edges.width, edges.height);
    resample::resize(resizer, samples, source, pair(edges), pair(target), options)
        .map_err(|error| broken(&error))
}

/// Clamps colours to alpha. A sharpening filter can raise a premultiplied colour above its alpha,
/// which is no valid colour.
fn keep_below_alpha(samples: &mut [u8]) {
    let (pixels, _) = samples.as_chunks_mut::<4>();
    for [red, green, blue, alpha] in pixels {
        for channel in [red, green, blue] {
            *channel = (*channel).min(*alpha);
        }
    }
}

/// Fits dimensions into a square. Keeps the aspect ratio, to the nearest pixel and never below one.
fn fit(max_edge: u32, Dimensions { width, height }: Dimensions) -> Dimensions {
    let longest = width.max(height);
    if longest <= max_edge {
        return Dimensions { width, height };
    }
    Dimensions {
        width: scaled(width, max_edge, longest),
        height: scaled(height, max_edge, longest),
    }
}

/// Returns the largest region of an image with the aspect ratio of the target.
fn largest_piece(target: Dimensions, Dimensions { width, height }: Dimensions) -> Dimensions {
    let is_wide =
        u64::from(width) * u64::from(target.height) > u64::from(height) * u64::from(target.width);
    if is_wide {
        Dimensions {
            width: scaled(target.width, height, target.height).min(width),
            height,
        }
    } else {
        Dimensions {
            width,
            height: scaled(target.height, width, target.width).min(height),
        }
    }
}

/// Computes `edge × numerator ÷ denominator`, to the nearest pixel and never below one.
fn scaled(edge: u32, numerator: u32, denominator: u32) -> u32 {
    let scaled = (u64::from(edge) * u64::from(numerator) * 2 + u64::from(denominator))
        / (2 * u64::from(denominator));
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
}

/// Maps an error that only a defect of the engine or of the resizer causes: the sizes were checked
/// before.
fn broken(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        FailureCode::Corrupt,
        format!("the image can't be resized: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(width: u32, height: u32) -> Dimensions {
        Dimensions { width, height }
    }

    const COVER: Size = Size::Cover {
        width: 320,
        height: 240,
    };

    #[test]
    fn the_ratio_is_kept_and_no_edge_vanishes() {
        for (max_edge, original, fitted) in [
            (1024, edges(2725, 2225), edges(1024, 836)),
            (160, edges(100, 50), edges(100, 50)),
            (160, edges(1, 20000), edges(1, 160)),
            (160, edges(u32::MAX, u32::MAX), edges(160, 160)),
        ] {
            assert_eq!(fit(max_edge, original), fitted);
        }
    }

    #[test]
    fn a_cover_takes_the_middle_in_its_own_ratio() {
        let cut = CropPlan::new(COVER, edges(4000, 2000));
        assert_eq!(
            (cut.piece, cut.target),
            (edges(2667, 2000), edges(320, 240))
        );
        let cut = CropPlan::new(COVER, edges(1000, 4000));
        assert_eq!((cut.piece, cut.target), (edges(1000, 750), edges(320, 240)));
        assert_eq!((cut.left, cut.top), (0, 1625));
    }

    #[test]
    fn a_cover_of_a_small_image_keeps_the_ratio_and_enlarges_nothing() {
        for (original, piece) in [
            (edges(100, 100), edges(100, 75)),
            (edges(1000, 100), edges(133, 100)),
            (edges(1, 1), edges(1, 1)),
        ] {
            let cut = CropPlan::new(COVER, original);
            assert_eq!((cut.piece, cut.target), (piece, piece));
        }
    }

    #[test]
    fn a_region_stays_inside_every_smaller_image() {
        for original in [edges(2725, 2225), edges(333, 7777), edges(7, 3)] {
            let cut = CropPlan::new(COVER, original);
            for parts in 1..=8 {
                let image = edges(
                    (original.width * parts).div_ceil(8),
                    (original.height * parts).div_ceil(8),
                );
                let (left, top, width, height) = cut.place(image.into());
                assert!(left + width <= f64::from(image.width));
                assert!(top + height <= f64::from(image.height));
            }
        }
    }
}
