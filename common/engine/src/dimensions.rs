//! Sizes of images in pixels.

/// Width and height, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dimensions {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Dimensions {
    /// Returns the dimensions with width and height swapped.
    pub(crate) fn turned(self) -> Self {
        Self {
            width: self.height,
            height: self.width,
        }
    }
}

/// Extent of the original in a scaled image, in pixels of that image: half of 2725 columns are
/// 1362.5 of 1363.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SubpixelDimensions {
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl From<Dimensions> for SubpixelDimensions {
    fn from(Dimensions { width, height }: Dimensions) -> Self {
        Self {
            width: width.into(),
            height: height.into(),
        }
    }
}
