//! Synthetic images of the kinds and sizes of the benchmark, for use without its files.
//!
//! They resemble photographs in what costs time: gradients, edges, and noise of several sizes, so
//! that there are coefficients at every frequency. The result is deterministic.

use image::{ExtendedColorType, ImageEncoder as _, codecs::png::PngEncoder};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Kind of a synthetic image.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Baseline JPEG, 4:2:0.
    BaselineJpeg,
    /// Progressive JPEG, 4:4:4, with many scans and high quality.
    ProgressiveJpeg,
    /// PNG with transparency.
    Png,
}

/// Draws and encodes a complete file.
pub(crate) fn draw(kind: Kind, width: u16, height: u16) -> anyhow::Result<Vec<u8>> {
    let scene = Scene::new(width, height);
    let mut file = Vec::new();
    match kind {
        Kind::BaselineJpeg => {
            let mut encoder = Encoder::new(&mut file, 88);
            encoder.set_sampling_factor(SamplingFactor::F_2_2);
            encoder.encode(&scene.rgb(), width, height, ColorType::Rgb)?;
        }
        Kind::ProgressiveJpeg => {
            let mut encoder = Encoder::new(&mut file, 97);
            encoder.set_sampling_factor(SamplingFactor::F_1_1);
            encoder.set_progressive(true);
            encoder.encode(&scene.rgb(), width, height, ColorType::Rgb)?;
        }
        Kind::Png => PngEncoder::new(&mut file).write_image(
            &scene.rgba(),
            width.into(),
            height.into(),
            ExtendedColorType::Rgba8,
        )?,
    }
    Ok(file)
}

/// Discs before a sky, under noise.
struct Scene {
    width: u16,
    height: u16,
    discs: Vec<Disc>,
    noise: Noise,
}

struct Disc {
    x: f32,
    y: f32,
    radius: f32,
    colour: [f32; 3],
}

impl Scene {
    fn new(width: u16, height: u16) -> Self {
        let mut random = fastrand::Rng::with_seed(7);
        let (w, h) = (f32::from(width), f32::from(height));
        let discs = (0..40)
            .map(|_| Disc {
                x: random.f32() * w,
                y: random.f32() * h,
                radius: (0.01 + random.f32().powi(3) * 0.25) * w,
                colour: [(); 3].map(|()| random.f32() * 255.0),
            })
            .collect();
        let noise = Noise::new(&mut random);
        Self {
            width,
            height,
            discs,
            noise,
        }
    }

    fn rgb(&self) -> Vec<u8> {
        self.pixels().flatten().collect()
    }

    /// Returns pixels that become transparent towards one corner.
    fn rgba(&self) -> Vec<u8> {
        let full = f32::from(self.width) + f32::from(self.height);
        self.places()
            .zip(self.pixels())
            .flat_map(|((x, y), [red, green, blue])| {
                let alpha = to_byte(600.0 * (x + y) / full);
                [red, green, blue, alpha]
            })
            .collect()
    }

    fn places(&self) -> impl Iterator<Item = (f32, f32)> {
        let width = self.width;
        (0..self.height).flat_map(move |y| (0..width).map(move |x| (f32::from(x), f32::from(y))))
    }

    fn pixels(&self) -> impl Iterator<Item = [u8; 3]> {
        self.places().map(|(x, y)| {
            let down = y / f32::from(self.height);
            let sky = [
                90.0 + 120.0 * down,
                140.0 + 60.0 * down,
                230.0 - 90.0 * down,
            ];
            let seen = self.discs.iter().find(|disc| disc.covers(x, y));
            let base = seen.map_or(sky, |disc| disc.colour);
            let grain = self.noise.at(x, y);
            base.map(|channel| to_byte(channel + grain))
        })
    }
}

impl Disc {
    fn covers(&self, x: f32, y: f32) -> bool {
        (x - self.x).powi(2) + (y - self.y).powi(2) < self.radius.powi(2)
    }
}

/// Smooth noise of three sizes, from one table.
struct Noise {
    table: Vec<f32>,
}

const SIDE: usize = 256;

impl Noise {
    fn new(random: &mut fastrand::Rng) -> Self {
        let table = (0..SIDE * SIDE).map(|_| random.f32() - 0.5).collect();
        Self { table }
    }

    fn at(&self, x: f32, y: f32) -> f32 {
        40.0 * self.smooth(x / 23.0, y / 23.0)
            + 20.0 * self.smooth(x / 5.0, y / 5.0)
            + 9.0 * self.smooth(x, y)
    }

    fn smooth(&self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (across, down) = (x - left, y - top);
        let mix = |a: f32, b: f32, part: f32| a + (b - a) * part;
        mix(
            mix(self.cell(left, top), self.cell(left + 1.0, top), across),
            mix(
                self.cell(left, top + 1.0),
                self.cell(left + 1.0, top + 1.0),
                across,
            ),
            down,
        )
    }

    fn cell(&self, x: f32, y: f32) -> f32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "pixels of an image, whole and not negative"
        )]
        let (x, y) = (x as usize % SIDE, y as usize % SIDE);
        self.table[y * SIDE + x]
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte before"
)]
fn to_byte(value: f32) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use image::ImageFormat;

    use super::*;

    #[test]
    fn a_synthetic_image_has_its_kind_and_size_and_is_deterministic() {
        for (kind, format) in [
            (Kind::BaselineJpeg, ImageFormat::Jpeg),
            (Kind::ProgressiveJpeg, ImageFormat::Jpeg),
            (Kind::Png, ImageFormat::Png),
        ] {
            let file = draw(kind, 64, 48).unwrap();
            assert_eq!(image::guess_format(&file).unwrap(), format);
            let image = image::load_from_memory(&file).unwrap();
            assert_eq!((image.width(), image.height()), (64, 48));
            assert_eq!(file, draw(kind, 64, 48).unwrap());
        }
    }

    #[test]
    fn only_the_progressive_image_has_the_frame_marker_of_one() {
        let has = |file: &[u8], marker| file.windows(2).any(|pair| pair == [0xFF, marker]);
        let progressive = draw(Kind::ProgressiveJpeg, 64, 48).unwrap();
        let baseline = draw(Kind::BaselineJpeg, 64, 48).unwrap();
        assert!(has(&progressive, 0xC2) && !has(&progressive, 0xC0));
        assert!(has(&baseline, 0xC0) && !has(&baseline, 0xC2));
    }
}
