//! Similarity of a variant to the reference.

use super::float_image::FloatImage;

/// Two measures of one variant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quality {
    /// Structural similarity of the luma; 1 for identical images.
    pub ssim: f64,
    /// Peak signal-to-noise ratio over red, green and blue, in dB.
    pub psnr: f64,
}

/// Radius of the Gaussian window of 11 pixels with a deviation of 1.5, as in the paper that defines
/// SSIM.
const RADIUS: usize = 5;
const DEVIATION: f64 = 1.5;

/// Compares an encoded variant with a Lanczos3 resize of the whole original to the variant's size.
///
/// Images with transparency are compared over black and over white, and the lower result counts.
pub(crate) fn measure(original: &FloatImage, variant: &[u8]) -> anyhow::Result<Quality> {
    let variant = FloatImage::decode(variant)?;
    let reference = original.resized(variant.width, variant.height)?;
    let over = |grey: f32| compare(&reference, &variant, grey);
    let (white, black) = (over(255.0), over(0.0));
    Ok(Quality {
        ssim: white.ssim.min(black.ssim),
        psnr: white.psnr.min(black.psnr),
    })
}

fn compare(reference: &FloatImage, variant: &FloatImage, grey: f32) -> Quality {
    let luma = |image: &FloatImage| {
        let values = image
            .over(grey)
            .map(|[red, green, blue]| {
                0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue)
            })
            .collect();
        Plane {
            width: image.width,
            height: image.height,
            values,
        }
    };
    let squares: Vec<f64> = reference
        .over(grey)
        .zip(variant.over(grey))
        .flat_map(|(a, b)| [a[0] - b[0], a[1] - b[1], a[2] - b[2]])
        .map(|difference| f64::from(difference).powi(2))
        .collect();
    Quality {
        ssim: ssim(&luma(reference), &luma(variant)),
        psnr: 10.0 * (255.0_f64.powi(2) / mean(&squares)).log10(),
    }
}

/// A matrix of numbers.
struct Plane {
    width: usize,
    height: usize,
    values: Vec<f64>,
}

/// Computes the mean SSIM over all pixels; at the edges, the last pixel is repeated.
fn ssim(a: &Plane, b: &Plane) -> f64 {
    let (c1, c2) = ((0.01_f64 * 255.0).powi(2), (0.03_f64 * 255.0).powi(2));
    let (mean_a, mean_b) = (a.blurred(), b.blurred());
    let (square_a, square_b) = (a.times(a).blurred(), b.times(b).blurred());
    let product = a.times(b).blurred();
    let similarities: Vec<f64> = (0..a.values.len())
        .map(|at| {
            let (ma, mb) = (mean_a.values[at], mean_b.values[at]);
            let variance_a = square_a.values[at] - ma * ma;
            let variance_b = square_b.values[at] - mb * mb;
            let covariance = product.values[at] - ma * mb;
            ((2.0 * ma * mb + c1) * (2.0 * covariance + c2))
                / ((ma * ma + mb * mb + c1) * (variance_a + variance_b + c2))
        })
        .collect();
    mean(&similarities)
}

impl Plane {
    fn times(&self, other: &Self) -> Self {
        let products = self.values.iter().zip(&other.values).map(|(a, b)| a * b);
        self.with(products.collect())
    }

    fn with(&self, values: Vec<f64>) -> Self {
        Self {
            width: self.width,
            height: self.height,
            values,
        }
    }

    fn blurred(&self) -> Self {
        let weights = gaussian();
        let across = (0..self.values.len()).map(|at| {
            let (x, row) = (at % self.width, at - at % self.width);
            weighted(&weights, x, self.width, |x| self.values[row + x])
        });
        let across = self.with(across.collect());
        let down = (0..self.values.len()).map(|at| {
            let (x, y) = (at % self.width, at / self.width);
            weighted(&weights, y, self.height, |y| {
                across.values[y * self.width + x]
            })
        });
        self.with(down.collect())
    }
}

fn weighted(weights: &[f64], centre: usize, length: usize, value: impl Fn(usize) -> f64) -> f64 {
    let place = |tap: usize| (centre + tap).saturating_sub(RADIUS).min(length - 1);
    let taps = weights.iter().enumerate();
    taps.map(|(tap, weight)| weight * value(place(tap))).sum()
}

fn gaussian() -> [f64; 2 * RADIUS + 1] {
    let mut weights = [1.0; 2 * RADIUS + 1];
    let mut distance = 0.0;
    for step in 0..=RADIUS {
        let weight = (-distance * distance / (2.0 * DEVIATION * DEVIATION)).exp();
        weights[RADIUS - step] = weight;
        weights[RADIUS + step] = weight;
        distance += 1.0;
    }
    let sum: f64 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

fn mean(values: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "the pixels of an image")]
    let count = values.len() as f64;
    values.iter().sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(pixel: impl Fn(u16, u16) -> f32) -> FloatImage {
        let (width, height) = (64, 48);
        let pixels = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .map(|(x, y)| [pixel(x, y), pixel(x, y), pixel(x, y), 1.0])
            .collect();
        FloatImage {
            width: width.into(),
            height: height.into(),
            pixels,
        }
    }

    fn checks(x: u16, y: u16) -> f32 {
        if (x / 4 + y / 4).is_multiple_of(2) {
            0.7
        } else {
            0.3
        }
    }

    #[test]
    fn identical_images_are_perfect() {
        let same = compare(&image(checks), &image(checks), 255.0);
        assert!((same.ssim - 1.0).abs() < 1e-9, "{same:?}");
        assert!(same.psnr.is_infinite());
    }

    #[test]
    fn one_tenth_off_everywhere_is_twenty_decibels() {
        let brighter = image(|x, y| checks(x, y) + 0.1);
        let shifted = compare(&image(checks), &brighter, 255.0);
        assert!((shifted.psnr - 20.0).abs() < 0.01, "{shifted:?}");
        assert!(shifted.ssim > 0.9, "the structure is the same: {shifted:?}");
    }

    /// Without variance, only the averages count: (2ab + c1) / (a² + b² + c1).
    #[test]
    fn two_flat_greys_are_as_similar_as_their_means() {
        let flat = compare(&image(|_, _| 0.4), &image(|_, _| 0.8), 255.0);
        let (a, b, c1) = (102.0, 204.0, 6.5025);
        let expected = (2.0 * a * b + c1) / (a * a + b * b + c1);
        assert!((flat.ssim - expected).abs() < 1e-5, "{flat:?} {expected}");
    }

    #[test]
    fn a_blurred_image_is_worse_than_a_sharp_one_and_better_than_a_flat_one() {
        let blurred = image(|x, y| {
            let around = [
                (0, 0),
                (1, 0),
                (0, 1),
                (1, 1),
                (2, 0),
                (0, 2),
                (2, 2),
                (2, 1),
                (1, 2),
            ];
            around
                .iter()
                .map(|(dx, dy)| checks(x + dx, y + dy))
                .sum::<f32>()
                / 9.0
        });
        let against = |other: &FloatImage| compare(&image(checks), other, 255.0).ssim;
        let flat = against(&image(|_, _| 0.5));
        assert!(against(&blurred) < 0.95 && against(&blurred) > flat);
        assert!(flat < 0.1, "{flat}");
    }

    #[test]
    fn an_inverted_image_is_the_opposite() {
        let inverted = image(|x, y| 1.0 - checks(x, y));
        assert!(compare(&image(checks), &inverted, 255.0).ssim < -0.5);
    }

    #[test]
    fn a_difference_only_behind_transparency_is_measured() {
        let mut clear = image(|_, _| 0.0);
        clear.pixels.fill([0.0; 4]);
        let white = image(|_, _| 1.0);
        assert!(compare(&clear, &white, 255.0).ssim > 0.999);
        assert!(compare(&clear, &white, 0.0).ssim < 0.1);
    }
}
