//! A decoded tile, as its decoder owns it.

use crate::{dimensions::Dimensions, planes::Subsampling};

/// A decoded tile: planes of luma and, unless it is grey, of chroma.
pub(super) struct Frame<'a> {
    pub(super) format: SampleFormat,
    pub(super) planes: Vec<Plane<'a>>,
    /// The meaning of the samples, as the bitstream states it.
    pub(super) signalled: Cicp,
}

/// Bits of a sample, and the samples of chroma.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SampleFormat {
    pub(super) depth: u8,
    pub(super) chroma: Option<Subsampling>,
}

/// Rows of samples, which may be longer than the plane is wide.
pub(super) struct Plane<'a> {
    pub(super) edges: Dimensions,
    pub(super) stride: usize,
    pub(super) samples: Samples<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Samples<'a> {
    Bytes(&'a [u8]),
    #[cfg(feature = "heic")]
    Words(&'a [u16]),
    /// Words in the order of the machine, as bytes.
    WordBytes(&'a [[u8; 2]]),
}

/// A sample of any width.
pub(super) trait Sample: Copy {
    fn value(self) -> u32;
}

impl Sample for u8 {
    fn value(self) -> u32 {
        self.into()
    }
}

impl Sample for u16 {
    fn value(self) -> u32 {
        self.into()
    }
}

impl Sample for [u8; 2] {
    fn value(self) -> u32 {
        u16::from_ne_bytes(self).into()
    }
}

/// The meaning of samples, in the code points of ITU-T H.273.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cicp {
    pub(super) primaries: u16,
    pub(super) transfer: u16,
    pub(super) matrix: u16,
    pub(super) is_full_range: bool,
}
