//! Decoding with libjpeg-turbo.

use media::failure::{Failure, FailureCode};
use turbojpeg::{
    Colorspace, DecompressHeader, Decompressor, Image, PixelFormat, ScalingFactor, Subsamp,
    YuvImage, yuv_pixels_len,
};

use crate::{
    Limits,
    decode::jpeg::{
        damage::{self, failure},
        header::Header,
    },
    dimensions::{Dimensions, SubpixelDimensions},
    icc::cmyk_to_rgb,
    planes::{Subsampling, YcbcrPlanes},
    raster::{Layout, Raster, map, multiply},
};

/// Limit of scans, higher than any encoder writes: a small file with many scans could cost minutes.
const MAX_SCANS: u32 = 100;

/// A file that is about to be decoded.
pub(super) struct File<'a> {
    bytes: &'a [u8],
    header: &'a Header,
    scaled: Scaled,
    limits: &'a Limits,
    decompressor: Decompressor,
    /// The header, as libjpeg-turbo reads it.
    found: DecompressHeader,
}

/// Size and scale of the decoded image.
#[derive(Clone, Copy)]
pub(super) struct Scaled {
    pub(super) edges: Dimensions,
    /// Extent of the original in the decoded image.
    pub(super) extent: SubpixelDimensions,
    pub(super) scale: ScalingFactor,
}

impl<'a> File<'a> {
    pub(super) fn open(
        bytes: &'a [u8],
        header: &'a Header,
        scaled: Scaled,
        limits: &'a Limits,
    ) -> Result<Self, Failure> {
        let mut decompressor = Decompressor::new().map_err(failure)?;
        decompressor.set_scan_limit(MAX_SCANS).map_err(failure)?;
        let found = decompressor.read_header(bytes).map_err(failure)?;
        let set = decompressor.set_scaling_factor(scaled.scale);
        set.map_err(failure)?;
        Ok(Self {
            bytes,
            header,
            scaled,
            limits,
            decompressor,
            found,
        })
    }

    /// Returns the chroma subsampling; `None` for anything but YCbCr with one of the usual
    /// subsamplings. At 4:4:4, resizing three planes takes longer than resizing pixels.
    pub(super) fn subsampling(&self) -> Option<Subsampling> {
        let (across, down) = match (self.found.colorspace, self.found.subsamp) {
            (Colorspace::YCbCr, Subsamp::Sub2x1) => (2, 1),
            (Colorspace::YCbCr, Subsamp::Sub1x2) => (1, 2),
            (Colorspace::YCbCr, Subsamp::Sub2x2) => (2, 2),
            _ => return None,
        };
        Some(Subsampling { across, down })
    }

    /// Decodes to planes, without conversion of colours.
    pub(super) fn planes(mut self, subsampling: Subsampling) -> Result<YcbcrPlanes, Failure> {
        let (width, height) = self.size();
        let subsamp = self.found.subsamp;
        let length = yuv_pixels_len(width, 1, height, subsamp).map_err(failure)?;
        let mut samples = self.memory(length)?;
        self.decode(&mut samples, |decompressor, bytes, samples| {
            let image = YuvImage {
                pixels: samples,
                width,
                align: 1,
                height,
                subsamp,
            };
            decompressor.decompress_to_yuv(bytes, image)
        })?;
        YcbcrPlanes::decoded(self.scaled.edges, self.scaled.extent, subsampling, samples)
    }

    /// Decodes to interleaved pixels, in grey or RGB.
    pub(super) fn raster(mut self) -> Result<Raster, Failure> {
        let format = match self.found.colorspace {
            Colorspace::Gray => PixelFormat::GRAY,
            Colorspace::RGB | Colorspace::YCbCr => PixelFormat::RGB,
            Colorspace::CMYK | Colorspace::YCCK => PixelFormat::CMYK,
        };
        let (width, height) = self.size();
        let mut samples = self.memory(width * height * format.size())?;
        self.decode(&mut samples, |decompressor, bytes, samples| {
            let image = Image {
                pixels: samples,
                width,
                pitch: width * format.size(),
                height,
                format,
            };
            decompressor.decompress(bytes, image)
        })?;
        raster(self.scaled.edges, format, samples, self.header)
            .map(|raster| raster.ending_at(self.scaled.extent))
    }

    fn decode(
        &mut self,
        samples: &mut [u8],
        decode: impl Fn(&mut Decompressor, &[u8], &mut [u8]) -> turbojpeg::Result<()>,
    ) -> Result<(), Failure> {
        let decompressor = &mut self.decompressor;
        let decode = |bytes: &[u8], samples: &mut [u8]| decode(decompressor, bytes, samples);
        damage::decode(self.bytes, self.header, self.limits, samples, decode)
    }

    fn size(&self) -> (usize, usize) {
        let Dimensions { width, height } = self.scaled.edges;
        (width as usize, height as usize)
    }

    /// Allocates memory for this number of samples, if that and the decoder's own memory are within
    /// the limits.
    fn memory(&self, size: usize) -> Result<Vec<u8>, Failure> {
        let coefficients = self.header.coefficient_bytes();
        self.limits
            .check_memory(size as u64 + coefficients)
            .map_err(|failure| {
                if coefficients > 0 {
                    with_advice(failure)
                } else {
                    failure
                }
            })?;
        Ok(vec![0; size])
    }
}

/// Adds what the owner of the image can do.
fn with_advice(failure: Failure) -> Failure {
    Failure {
        message: format!(
            "{}; an image that is smaller, or a baseline JPEG instead of a progressive one, needs less",
            failure.message
        ),
        ..failure
    }
}

fn raster(
    edges: Dimensions,
    format: PixelFormat,
    pixels: Vec<u8>,
    header: &Header,
) -> Result<Raster, Failure> {
    match format {
        PixelFormat::GRAY => Raster::new(edges, Layout::Grey, pixels),
        PixelFormat::RGB => Raster::new(edges, Layout::Rgb, pixels),
        PixelFormat::CMYK => Raster::new(edges, Layout::Rgb, from_cmyk(&pixels, header)),
        _ => Err(Failure::new(
            FailureCode::Corrupt,
            "the image was decoded to an unexpected layout",
        )),
    }
}

/// Converts CMYK to RGB: by the profile of the press, or without one, which is accurate enough to
/// look at.
///
/// The inks are stored inverted, 255 for none. Adobe's programs do so; a file without their segment
/// may mean either, and every other program takes it as theirs.
fn from_cmyk(pixels: &[u8], header: &Header) -> Vec<u8> {
    let by_press = header.profile.as_ref().and_then(|profile| {
        cmyk_to_rgb(
            profile,
            &map(pixels, |inks: [u8; 4]| inks.map(|ink| u8::MAX - ink)),
        )
    });
    if let Some(rgb) = by_press {
        return rgb;
    }
    map(pixels, |[cyan, magenta, yellow, black]| {
        [cyan, magenta, yellow].map(|light| multiply(light, black))
    })
}
