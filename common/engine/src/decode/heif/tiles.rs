//! Decoding of an image: its tiles, one after the other, and its alpha.

use heifer_isobmff::HeifFile;
use media::{failure::Failure, variant_format::VariantFormat};

use crate::{
    Recipe,
    decode::heif::{
        av1,
        canvas::Canvas,
        check_hevc,
        colour::{to_grey, to_planes, to_rgb},
        container::corrupt,
        frame::{Cicp, Frame, SampleFormat},
        hdr,
        item::{Codec, Image},
        memory::needed,
        transform::Transform,
    },
    dimensions::{Dimensions, SubpixelDimensions},
    limits::Deadline,
    orientation::in_file_orientation,
    pixels::Pixels,
    planes::{ChromaScale, Subsampling, YcbcrPlanes},
    raster::{Layout, Raster},
    resize::CropPlan,
};

/// Margin of a reduced image over the variants: the mean of a block is a poorer filter than the one
/// of the variants, which needs some pixels to work with.
const MARGIN: f64 = 1.5;

/// A file that is decoded, and for what.
pub(super) struct Job<'j> {
    pub(super) file: &'j HeifFile<'j>,
    pub(super) recipe: &'j Recipe,
    pub(super) deadline: &'j Deadline,
}

/// The planes of an image, and the meaning of their samples.
struct Painted {
    planes: Planes,
    cicp: Cicp,
    format: SampleFormat,
}

enum Planes {
    Eight(Canvas<u8>, ChromaScale),
    Deep(Canvas<u16>),
}

impl Job<'_> {
    /// Decodes at the scale that the variants need. Returns the pixels, and the ICC profile of
    /// their colours unless they are sRGB.
    pub(super) fn decode(&self, image: &Image) -> Result<(Pixels, Option<Vec<u8>>), Failure> {
        let thumbnail = self.thumbnail(image);
        let image = thumbnail.as_ref().unwrap_or(image);
        let scale = self.scale(image);
        self.recipe.limits.check_memory(needed(image, scale))?;
        let Painted {
            planes,
            cicp,
            format,
        } = self.painted(image, scale, self.takes_planes(image))?;
        let profile = match &image.colours.profile {
            Some(profile) => Some(profile.clone()),
            None => cicp.profile(),
        };
        let extent = SubpixelDimensions::of_scaled(image.transform.crop.edges, 1, scale);
        let pixels = match planes {
            Planes::Eight(canvas, ChromaScale::AsInImage) => {
                let subsampling = format.chroma.unwrap_or(Subsampling::HALVES);
                let edges = canvas.edges;
                let samples = to_planes(canvas, cicp);
                let planes = YcbcrPlanes::decoded(edges, extent, subsampling, samples)?;
                return Ok((Pixels::Planar(planes), profile));
            }
            Planes::Eight(canvas, _) if format.chroma.is_none() => to_grey(canvas, cicp)?,
            Planes::Eight(canvas, _) => to_rgb(&canvas, cicp)?,
            Planes::Deep(canvas) => hdr::to_rgb(&canvas, cicp, format.depth, image.peak)?,
        };
        let raster = self.with_alpha(image, scale, pixels)?.ending_at(extent);
        Ok((Pixels::Interleaved(raster), profile))
    }

    /// Decodes at full size to sRGB or grey, in the orientation of the file.
    pub(super) fn raster(&self, image: &Image) -> Result<Raster, Failure> {
        let Painted {
            planes,
            cicp,
            format,
        } = self.painted(image, 1, false)?;
        let raster = match planes {
            Planes::Eight(canvas, _) if format.chroma.is_none() => to_grey(canvas, cicp)?,
            Planes::Eight(canvas, _) => to_rgb(&canvas, cicp)?,
            Planes::Deep(canvas) => hdr::to_rgb(&canvas, cicp, format.depth, image.peak)?,
        };
        self.with_alpha(image, 1, raster)
    }

    /// Whether the pixels can stay planes of YCbCr from here to the encoder.
    fn takes_planes(&self, image: &Image) -> bool {
        let mut formats = self.recipe.variants.iter().map(|spec| spec.format);
        let is_subsampled = |subsampling: Subsampling| subsampling.across > 1;
        formats.all(|format| format == VariantFormat::Jpeg)
            && image.alpha.is_none()
            && image.coding.format.chroma.is_some_and(is_subsampled)
    }

    /// Returns the embedded thumbnail, if it shows the same and is large enough for every variant.
    fn thumbnail(&self, image: &Image) -> Option<Image> {
        let shown = image.transform.crop.edges;
        if image.alpha.is_some() || shown != image.edges {
            return None;
        }
        let ids = self.file.referencing_items(image.id, b"thmb");
        ids.into_iter()
            .filter_map(|id| image.thumbnail(self.file, id).ok())
            .filter(|thumbnail| {
                let edges = thumbnail.edges;
                let skew = (u64::from(edges.width) * u64::from(shown.height))
                    .abs_diff(u64::from(edges.height) * u64::from(shown.width));
                thumbnail.alpha.is_none()
                    && thumbnail.coding.codec == image.coding.codec
                    && edges.width <= shown.width
                    && edges.height <= shown.height
                    // Not half a pixel of the thumbnail.
                    && 2 * skew <= u64::from(shown.width.max(shown.height))
                    && thumbnail.transform.crop.edges == edges
                    && thumbnail.transform.orientation() == image.transform.orientation()
                    && self.has_margin(image, edges, 1.0)
            })
            .min_by_key(|thumbnail| thumbnail.edges.width)
    }

    fn has_margin(&self, image: &Image, reduced: Dimensions, margin: f64) -> bool {
        let shown = image.transform.crop.edges;
        self.recipe.variants.iter().all(|spec| {
            let size = in_file_orientation(spec.size, image.transform.orientation());
            CropPlan::new(size, shown).has_margin(reduced, margin)
        })
    }

    /// Returns the reduction that is large enough for every variant and at which no block of pixels
    /// is in two tiles. Straight colours must not be mixed with those of transparent pixels, so an
    /// image of such colours is not reduced.
    fn scale(&self, image: &Image) -> u32 {
        if image.alpha.is_some() && !image.is_premultiplied {
            return 1;
        }
        let crop = image.transform.crop;
        let tiles = &image.tiles;
        let is_apart = |scale: u32| {
            let block = 2 * scale;
            crop.left.is_multiple_of(block)
                && crop.top.is_multiple_of(block)
                && (tiles.columns == 1 || tiles.edges.width.is_multiple_of(block))
                && (tiles.rows == 1 || tiles.edges.height.is_multiple_of(block))
        };
        let is_enough = |scale: u32| self.has_margin(image, crop.edges.scaled(1, scale), MARGIN);
        let mut scales = [8, 4, 2].into_iter();
        scales
            .find(|scale| is_apart(*scale) && is_enough(*scale))
            .unwrap_or(1)
    }

    /// Decodes the tiles and paints them.
    fn painted(&self, image: &Image, scale: u32, takes_planes: bool) -> Result<Painted, Failure> {
        let mut painted: Option<Painted> = None;
        let crop = image.transform.crop;
        self.each_tile(image, scale, |frame, left, top| {
            let found = painted.get_or_insert_with(|| {
                let cicp = image.colours.cicp.unwrap_or(frame.signalled);
                let planes = if cicp.is_hdr() && image.colours.profile.is_none() {
                    let chroma = ChromaScale::Largest;
                    Planes::Deep(Canvas::new(crop, scale, frame.format, chroma))
                } else {
                    let stays = takes_planes && cicp.has_jfif_matrix();
                    let chroma = if stays {
                        ChromaScale::AsInImage
                    } else {
                        ChromaScale::Largest
                    };
                    Planes::Eight(Canvas::new(crop, scale, frame.format, chroma), chroma)
                };
                Painted {
                    planes,
                    cicp,
                    format: frame.format,
                }
            });
            match &mut found.planes {
                Planes::Eight(canvas, _) => canvas.paint(frame, left, top),
                Planes::Deep(canvas) => canvas.paint(frame, left, top),
            }
        })?;
        painted.ok_or_else(|| corrupt("it has no tiles"))
    }

    /// Decodes each tile that is at least partly shown, and hands it on with its position.
    fn each_tile(
        &self,
        image: &Image,
        scale: u32,
        mut visit: impl FnMut(&Frame<'_>, u32, u32) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let tiles = &image.tiles;
        let Dimensions { width, height } = tiles.edges;
        for (index, id) in (0_u32..).zip(&tiles.ids) {
            self.deadline.check()?;
            let (left, top) = (
                index % tiles.columns * width,
                index / tiles.columns * height,
            );
            let mut checked = |frame: &Frame<'_>| {
                let is_whole = frame
                    .planes
                    .first()
                    .is_some_and(|luma| luma.edges == tiles.edges);
                if !is_whole {
                    return Err(corrupt("the size of a tile is not what it declares"));
                }
                if frame.format != image.coding.format {
                    return Err(corrupt("the samples of a tile are not what it declares"));
                }
                visit(frame, left, top)
            };
            match image.coding.codec {
                Codec::Hevc => {
                    check_hevc(self.recipe)?;
                    #[cfg(feature = "heic")]
                    super::hevc::decode(self.file, *id, tiles, scale > 1, &mut checked)?;
                }
                Codec::Av1 => av1::decode(self.file, *id, tiles, &mut checked)?,
            }
        }
        Ok(())
    }

    /// Adds alpha from its own image.
    fn with_alpha(&self, image: &Image, scale: u32, raster: Raster) -> Result<Raster, Failure> {
        let Some(id) = image.alpha else {
            return Ok(raster);
        };
        let alpha = Image::read(self.file, id)?;
        let Dimensions { width, height } = alpha.edges;
        let limits = &self.recipe.limits;
        limits.check_size(width, height)?;
        let canvas = 4 * u64::from(width) * u64::from(height);
        let beside = raster.samples().len() as u64 * 3 + canvas;
        limits.check_memory(beside + needed(&alpha, 1))?;
        let whole = Transform::none(alpha.edges).crop;
        let mut painted: Option<Canvas<u8>> = None;
        self.each_tile(&alpha, 1, |frame, left, top| {
            let canvas = painted
                .get_or_insert_with(|| Canvas::new(whole, 1, frame.format, ChromaScale::AsInImage));
            canvas.paint(frame, left, top)
        })?;
        let Some(plane) = painted.and_then(|canvas| canvas.planes.into_iter().next()) else {
            return Err(corrupt("its alpha has no tiles"));
        };
        let mut rgba = raster.to_rgba()?;
        let (pixels, _) = rgba.as_chunks_mut::<4>();
        let crop = image.transform.crop;
        let at = |reduced: usize, start: u32, whole: u32, edge: u32| {
            let original = u64::from(start) + reduced as u64 * u64::from(scale);
            let scaled = original * u64::from(edge) / u64::from(whole);
            usize::try_from(scaled.min(u64::from(edge - 1))).unwrap_or_default()
        };
        let rows = pixels.chunks_exact_mut(raster.edges().width as usize);
        for (y, row) in rows.enumerate() {
            let y = at(y, crop.top, image.edges.height, height);
            let start = y * plane.padded.width as usize;
            for (x, pixel) in row.iter_mut().enumerate() {
                let x = at(x, crop.left, image.edges.width, width);
                pixel[3] = plane.samples.get(start + x).copied().unwrap_or(u8::MAX);
            }
        }
        if image.is_premultiplied {
            for pixel in pixels {
                let alpha = pixel[3];
                pixel[..3]
                    .iter_mut()
                    .for_each(|colour| *colour = (*colour).min(alpha));
            }
            return Raster::new(raster.edges(), Layout::Premultiplied, rgba);
        }
        Raster::from_rgba(raster.edges(), rgba)
    }
}
