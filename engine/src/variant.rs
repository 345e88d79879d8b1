//! Variants: which to make, how to shrink and how to encode them.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::{DynamicImage, RgbImage};
use jpeg_encoder::{ColorType, Encoder};
use media::failure::{Failure, FailureCode};
use thiserror::Error;

/// `name:longest edge`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantSpec {
    /// Part of the variant's key: `a-z`, `0-9` and `-`, starting with a letter.
    pub name: String,
    /// Pixels.
    pub max_edge: u32,
}

/// Why a list of variants is refused; each names the offending text.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SpecError {
    /// No colon.
    #[error("{0:?} is not name:edge")]
    Shape(String),
    /// A name that could not stand in a key.
    #[error("{0:?}: a variant's name is 1 to 32 of a-z, 0-9 and `-`, starting with a letter")]
    Name(String),
    /// No number, or out of range.
    #[error("{0:?}: a variant's edge is a whole number from 1 to 8192")]
    Edge(String),
    /// Two variants of one name.
    #[error("{0:?} stands twice")]
    Twice(String),
}

impl VariantSpec {
    /// `small:160,large:1024`, in any order; sorted from large to small.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, SpecError> {
        let mut specs: Vec<Self> = Vec::new();
        for part in text.split(',') {
            let spec = Self::parse(part.trim())?;
            if specs.iter().any(|known| known.name == spec.name) {
                return Err(SpecError::Twice(spec.name));
            }
            specs.push(spec);
        }
        specs.sort_by_key(|spec| std::cmp::Reverse(spec.max_edge));
        Ok(specs)
    }

    fn parse(text: &str) -> Result<Self, SpecError> {
        let (name, edge) = text
            .split_once(':')
            .ok_or_else(|| SpecError::Shape(text.to_owned()))?;
        let starts_well = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        let is_plain = name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !starts_well || !is_plain || name.len() > 32 {
            return Err(SpecError::Name(text.to_owned()));
        }
        match edge.parse() {
            Ok(max_edge @ 1..=8192) => Ok(Self {
                name: name.to_owned(),
                max_edge,
            }),
            _ => Err(SpecError::Edge(text.to_owned())),
        }
    }

    /// The picture, fitted inside the edge. A picture that is small enough is not enlarged.
    pub(crate) fn shrink(&self, picture: &DynamicImage) -> Result<DynamicImage, Failure> {
        let (width, height) = self.fit(picture.width(), picture.height());
        if (width, height) == (picture.width(), picture.height()) {
            return Ok(picture.clone());
        }
        let source = ImageRef::new(
            picture.width(),
            picture.height(),
            picture.as_bytes(),
            PixelType::U8x3,
        )
        .map_err(|error| broken(&error))?;
        let mut target = Image::new(width, height, PixelType::U8x3);
        let lanczos = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
        Resizer::new()
            .resize(&source, &mut target, &lanczos)
            .map_err(|error| broken(&error))?;
        RgbImage::from_raw(width, height, target.into_vec())
            .map(DynamicImage::ImageRgb8)
            .ok_or_else(|| broken(&"the resizer's picture has another size"))
    }

    /// Keeps the ratio, to the nearest pixel and never below one.
    fn fit(&self, width: u32, height: u32) -> (u32, u32) {
        let longest = width.max(height);
        if longest <= self.max_edge {
            return (width, height);
        }
        let scale = |edge: u32| {
            let scaled = (u64::from(edge) * u64::from(self.max_edge) * 2 + u64::from(longest))
                / (2 * u64::from(longest));
            u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
        };
        (scale(width), scale(height))
    }
}

/// A baseline JPEG without metadata.
pub(crate) fn encode(picture: &DynamicImage, quality: u8) -> Result<Vec<u8>, Failure> {
    let edge = |edge: u32| u16::try_from(edge).map_err(|error| broken(&error));
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, quality)
        .encode(
            picture.as_bytes(),
            edge(picture.width())?,
            edge(picture.height())?,
            ColorType::Rgb,
        )
        .map_err(|error| broken(&error))?;
    Ok(jpeg)
}

/// What only a defect of ours or of a codec brings about: the sizes are checked before.
fn broken(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        FailureCode::Corrupt,
        format!("the picture can't be made smaller: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(max_edge: u32) -> VariantSpec {
        VariantSpec {
            name: "x".to_owned(),
            max_edge,
        }
    }

    #[test]
    fn a_list_is_sorted_from_large_to_small() {
        let names: Vec<_> = VariantSpec::parse_list("small:160, large:1024,medium:512")
            .unwrap()
            .into_iter()
            .map(|spec| spec.name)
            .collect();
        assert_eq!(names, ["large", "medium", "small"]);
    }

    #[test]
    fn a_bad_list_is_refused_with_the_offending_text() {
        for (text, error) in [
            ("", SpecError::Shape(String::new())),
            ("small", SpecError::Shape("small".into())),
            ("small:1,,b:2", SpecError::Shape(String::new())),
            ("../x:10", SpecError::Name("../x:10".into())),
            ("1st:10", SpecError::Name("1st:10".into())),
            ("a:0", SpecError::Edge("a:0".into())),
            ("a:8193", SpecError::Edge("a:8193".into())),
            ("a:1,a:2", SpecError::Twice("a".into())),
        ] {
            assert_eq!(VariantSpec::parse_list(text), Err(error), "{text}");
        }
    }

    #[test]
    fn the_ratio_is_kept_and_no_edge_vanishes() {
        assert_eq!(edge(1024).fit(2725, 2225), (1024, 836));
        assert_eq!(edge(160).fit(100, 50), (100, 50));
        assert_eq!(edge(160).fit(1, 20000), (1, 160));
        assert_eq!(edge(160).fit(4_000_000_000, 4_000_000_000), (160, 160));
    }
}
