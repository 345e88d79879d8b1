//! Images laid over each other (ISO/IEC 23008-12, 6.6.2.2).

use heifer_isobmff::HeifFile;
use media::failure::Failure;

use crate::{
    decode::heif::{
        container::{corrupt, failure},
        item::{Image, colours, edges, transform},
        memory::needed,
        tiles::Job,
        transform::{Region, Transform},
    },
    dimensions::Dimensions,
    pixels::Pixels,
    raster::{Raster, multiply},
};

/// Maximum images of an overlay.
const MAX_LAYERS: usize = 16;

pub(super) struct Overlay {
    /// Dimensions before the transformations.
    pub(super) edges: Dimensions,
    pub(super) transform: Transform,
    background: [u8; 4],
    layers: Vec<Layer>,
    profile: Option<Vec<u8>>,
}

struct Layer {
    image: Image,
    left: i64,
    top: i64,
}

impl Overlay {
    pub(super) fn read(file: &HeifFile<'_>, id: u32) -> Result<Self, Failure> {
        let ids = file.referenced_items(id, b"dimg");
        if ids.is_empty() || ids.len() > MAX_LAYERS {
            return Err(corrupt(&format!("an overlay has 1 to {MAX_LAYERS} images")));
        }
        let data = file.item_data(id).map_err(|error| failure(&error))?;
        let cut = || corrupt("the description of its overlay is cut off");
        let [0, flags, rest @ ..] = &*data else {
            return Err(corrupt("the version of its overlay is unknown"));
        };
        let (background, mut rest) = rest.split_first_chunk::<8>().ok_or_else(cut)?;
        let (channels, _) = background.as_chunks::<2>();
        let size = if flags & 1 == 0 { 2 } else { 4 };
        let mut number = || -> Result<i64, Failure> {
            let (bytes, after) = rest.split_at_checked(size).ok_or_else(cut)?;
            rest = after;
            Ok(bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | i64::from(*byte)))
        };
        let declared = edges(file, id)?;
        if (number()?, number()?) != (declared.width.into(), declared.height.into()) {
            return Err(corrupt("the size of its overlay is not its own"));
        }
        // Positions are signed.
        let sign = 1_i64 << (8 * size - 1);
        let mut position = || number().map(|number| (number ^ sign) - sign);
        let mut layers = Vec::with_capacity(ids.len());
        for id in ids {
            layers.push(Layer {
                image: Image::read(file, *id)?,
                left: position()?,
                top: position()?,
            });
        }
        let mut colour = [u8::MAX; 4];
        for (sample, [high, _]) in colour.iter_mut().zip(channels) {
            *sample = *high;
        }
        Ok(Self {
            edges: declared,
            transform: transform(file, id, Transform::none(declared))?,
            background: colour,
            layers,
            profile: colours(file, id)?.profile,
        })
    }

    /// Decodes the images at full size and lays them over each other.
    pub(super) fn decode(self, job: &Job<'_>) -> Result<(Pixels, Option<Vec<u8>>), Failure> {
        let limits = &job.recipe.limits;
        let Dimensions { width, height } = self.edges;
        // The overlay, and its part that is shown.
        let own = u64::from(width) * u64::from(height) * 8;
        for layer in &self.layers {
            let Dimensions { width, height } = layer.image.edges;
            limits.check_size(width, height)?;
            // Straight RGBA, besides what decoding needs.
            let beside = u64::from(width) * u64::from(height) * 4;
            limits.check_memory(own + beside + needed(&layer.image, 1))?;
        }
        let mut rgba = self.background.repeat(width as usize * height as usize);
        for layer in &self.layers {
            let raster = job
                .raster(&layer.image)?
                .apply_orientation(layer.image.transform.orientation())?;
            paint(&mut rgba, self.edges, &raster, layer)?;
        }
        let shown = cut(rgba, self.edges, self.transform.crop);
        let raster = Raster::from_rgba(self.transform.crop.edges, shown)?;
        Ok((Pixels::Interleaved(raster), self.profile))
    }
}

fn paint(
    rgba: &mut [u8],
    Dimensions { width, height }: Dimensions,
    raster: &Raster,
    layer: &Layer,
) -> Result<(), Failure> {
    let samples = raster.to_rgba()?;
    let (pixels, _) = samples.as_chunks::<4>();
    let (canvas, _) = rgba.as_chunks_mut::<4>();
    let rows = pixels.chunks_exact(raster.edges().width as usize);
    for (y, row) in (layer.top..).zip(rows) {
        if !(0..i64::from(height)).contains(&y) {
            continue;
        }
        for (x, pixel) in (layer.left..).zip(row) {
            if !(0..i64::from(width)).contains(&x) {
                continue;
            }
            let at = usize::try_from(y * i64::from(width) + x).unwrap_or(usize::MAX);
            if let Some(below) = canvas.get_mut(at) {
                *below = over(*pixel, *below);
            }
        }
    }
    Ok(())
}

/// Lays a straight colour over another.
fn over(above: [u8; 4], below: [u8; 4]) -> [u8; 4] {
    match above[3] {
        u8::MAX => above,
        0 => below,
        alpha => {
            let rest = multiply(below[3], u8::MAX - alpha);
            let sum = u16::from(alpha) + u16::from(rest);
            let mut mixed = [0; 4];
            for ((mixed, above), below) in mixed.iter_mut().zip(above).zip(below) {
                let weighed =
                    u32::from(above) * u32::from(alpha) + u32::from(below) * u32::from(rest);
                let mean = (weighed + u32::from(sum) / 2) / u32::from(sum);
                *mixed = u8::try_from(mean).unwrap_or(u8::MAX);
            }
            mixed[3] = u8::try_from(sum).unwrap_or(u8::MAX);
            mixed
        }
    }
}

fn cut(rgba: Vec<u8>, edges: Dimensions, part: Region) -> Vec<u8> {
    if part.edges == edges {
        return rgba;
    }
    let row = |length: u32| length as usize * 4;
    rgba.chunks_exact(row(edges.width))
        .skip(part.top as usize)
        .take(part.edges.height as usize)
        .flat_map(|line| &line[row(part.left)..row(part.left + part.edges.width)])
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::over;

    #[test]
    fn a_half_transparent_colour_is_mixed() {
        assert_eq!(over([200, 0, 0, 128], [0, 0, 0, 255]), [100, 0, 0, 255]);
        assert_eq!(over([200, 0, 0, 128], [9, 9, 9, 0]), [200, 0, 0, 128]);
        assert_eq!(over([1, 2, 3, 255], [9; 4]), [1, 2, 3, 255]);
        assert_eq!(over([1, 2, 3, 0], [9; 4]), [9; 4]);
    }
}
