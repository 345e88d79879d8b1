//! Specifications of variants, as written in the configuration.

use std::fmt;

use media::variant_format::VariantFormat;
use thiserror::Error;

/// A variant, written as `name:edge[:format[:quality]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantSpec {
    /// Part of the variant's key: `a-z`, `0-9` and `-`, starting with a letter.
    pub name: String,
    /// Bounds of the variant.
    pub size: Size,
    /// Format in which it is encoded.
    pub format: VariantFormat,
    /// Quality from 1 to 100; `None` means the recipe's. PNG has none.
    pub quality: Option<u8>,
}

/// Bounds of a variant. Neither form enlarges an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// `512`: the whole image, its longest edge at most this.
    Inside {
        /// Longest edge in pixels.
        max_edge: u32,
    },
    /// `320x240`: the centre of the image, cropped to this aspect ratio. A smaller image gives its
    /// largest region of the same ratio.
    Cover {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
}

/// Error of a single variant; each names the offending text.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SpecError {
    /// Too few or too many colons.
    #[error("{0:?} is not name:edge[:format[:quality]]")]
    Shape(String),
    /// A name that is not valid in a key.
    #[error("{0:?}: a variant's name is 1 to 32 of a-z, 0-9 and `-`, starting with a letter")]
    Name(String),
    /// No number, or out of range.
    #[error(
        "{0:?}: a variant's edge is a whole number from 1 to 8192, or two of them as in 320x240"
    )]
    Edge(String),
    /// Not a format of variants.
    #[error("{0:?}: a variant's format is jpeg, webp, png or avif")]
    Format(String),
    /// A format that this build does not include.
    #[error("{0:?}: avif needs a build with the cargo feature `avif`")]
    FormatNotBuilt(String),
    /// No number, or out of range.
    #[error("{0:?}: a variant's quality is a whole number from 1 to 100")]
    Quality(String),
    /// PNG is lossless and has no quality.
    #[error("{0:?}: png takes no quality")]
    QualityOfPng(String),
    /// Two variants with the same name.
    #[error("{0:?} occurs twice")]
    Twice(String),
}

/// All errors of a list of variants.
#[derive(Debug, PartialEq, Eq)]
pub struct SpecErrors(pub Vec<SpecError>);

impl std::error::Error for SpecErrors {}

impl fmt::Display for SpecErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

fn is_built(format: VariantFormat) -> bool {
    cfg!(feature = "avif") || format != VariantFormat::Avif
}

impl Size {
    fn parse(text: &str) -> Option<Self> {
        let edge = |text: &str| match text.parse() {
            Ok(edge @ 1..=8192) => Some(edge),
            _ => None,
        };
        match text.split_once('x') {
            None => edge(text).map(|max_edge| Self::Inside { max_edge }),
            Some((width, height)) => Some(Self::Cover {
                width: edge(width)?,
                height: edge(height)?,
            }),
        }
    }

    /// Returns the longest edge that a variant of this size can have.
    pub fn longest_edge(self) -> u32 {
        match self {
            Self::Inside { max_edge } => max_edge,
            Self::Cover { width, height } => width.max(height),
        }
    }
}

impl VariantSpec {
    /// Parses a list such as `small:160,large:1024:webp:75,square:200x200`, in any order, and sorts
    /// it from large to small. Reports all errors of the list at once.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, SpecErrors> {
        let mut specs: Vec<Self> = Vec::new();
        let mut errors = Vec::new();
        for part in text.split(',') {
            match Self::parse(part.trim()) {
                Ok(spec) if specs.iter().any(|known| known.name == spec.name) => {
                    errors.push(SpecError::Twice(spec.name));
                }
                Ok(spec) => specs.push(spec),
                Err(more) => errors.extend(more),
            }
        }
        if !errors.is_empty() {
            return Err(SpecErrors(errors));
        }
        specs.sort_by_key(|spec| std::cmp::Reverse(spec.size.longest_edge()));
        Ok(specs)
    }

    fn parse(text: &str) -> Result<Self, Vec<SpecError>> {
        let parts: Vec<&str> = text.split(':').collect();
        let (name, edge, format, quality) = match parts[..] {
            [name, edge] => (name, edge, None, None),
            [name, edge, format] => (name, edge, Some(format), None),
            [name, edge, format, quality] => (name, edge, Some(format), Some(quality)),
            _ => return Err(vec![SpecError::Shape(text.to_owned())]),
        };
        let mut errors = Vec::new();
        if !is_name(name) {
            errors.push(SpecError::Name(text.to_owned()));
        }
        let size = Size::parse(edge);
        if size.is_none() {
            errors.push(SpecError::Edge(text.to_owned()));
        }
        let format = format.map_or(Some(VariantFormat::Jpeg), VariantFormat::from_name);
        match format {
            None => errors.push(SpecError::Format(text.to_owned())),
            Some(format) if !is_built(format) => {
                errors.push(SpecError::FormatNotBuilt(text.to_owned()));
            }
            Some(VariantFormat::Png) if quality.is_some() => {
                errors.push(SpecError::QualityOfPng(text.to_owned()));
            }
            Some(_) => {}
        }
        let quality = quality.map(str::parse);
        if let Some(Err(_) | Ok(0 | 101..)) = quality {
            errors.push(SpecError::Quality(text.to_owned()));
        }
        match (size, format) {
            (Some(size), Some(format)) if errors.is_empty() => Ok(Self {
                name: name.to_owned(),
                size,
                format,
                quality: quality.and_then(Result::ok),
            }),
            _ => Err(errors),
        }
    }
}

fn is_name(text: &str) -> bool {
    let starts_well = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let is_plain = text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    starts_well && is_plain && text.len() <= 32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(name: &str, max_edge: u32, format: VariantFormat) -> VariantSpec {
        VariantSpec {
            name: name.to_owned(),
            size: Size::Inside { max_edge },
            format,
            quality: None,
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
    fn the_default_is_a_jpeg_of_the_default_quality() {
        assert_eq!(
            VariantSpec::parse_list("a:4,b:3:webp:75,c:2x1:png"),
            Ok(vec![
                inside("a", 4, VariantFormat::Jpeg),
                VariantSpec {
                    quality: Some(75),
                    ..inside("b", 3, VariantFormat::WebP)
                },
                VariantSpec {
                    size: Size::Cover {
                        width: 2,
                        height: 1
                    },
                    ..inside("c", 2, VariantFormat::Png)
                },
            ])
        );
    }

    #[test]
    fn a_bad_list_is_refused_with_the_offending_text() {
        for (text, error) in [
            ("", SpecError::Shape(String::new())),
            ("small", SpecError::Shape("small".into())),
            ("small:1,,b:2", SpecError::Shape(String::new())),
            ("a:1:jpeg:80:x", SpecError::Shape("a:1:jpeg:80:x".into())),
            ("../x:10", SpecError::Name("../x:10".into())),
            ("1st:10", SpecError::Name("1st:10".into())),
            ("a:0", SpecError::Edge("a:0".into())),
            ("a:8193", SpecError::Edge("a:8193".into())),
            ("a:10x", SpecError::Edge("a:10x".into())),
            ("a:10x0", SpecError::Edge("a:10x0".into())),
            ("a:10x10x10", SpecError::Edge("a:10x10x10".into())),
            ("a:10:gif", SpecError::Format("a:10:gif".into())),
            ("a:10:", SpecError::Format("a:10:".into())),
            ("a:10:webp:0", SpecError::Quality("a:10:webp:0".into())),
            ("a:10:webp:101", SpecError::Quality("a:10:webp:101".into())),
            ("a:10:png:80", SpecError::QualityOfPng("a:10:png:80".into())),
            ("a:1,a:2", SpecError::Twice("a".into())),
        ] {
            assert_eq!(
                VariantSpec::parse_list(text),
                Err(SpecErrors(vec![error])),
                "{text}"
            );
        }
    }

    #[test]
    fn all_errors_of_a_list_are_reported_at_once() {
        let errors = VariantSpec::parse_list("A:0:bmp,b:5,b:6,c:1:webp:no").unwrap_err();
        let text = errors.to_string();
        assert_eq!(errors.0.len(), 5, "{text}");
        for part in ["A:0:bmp", "\"b\" occurs twice", "c:1:webp:no"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[cfg(not(feature = "avif"))]
    #[test]
    fn avif_without_its_feature_is_refused_by_the_feature_s_name() {
        let errors = VariantSpec::parse_list("a:10:avif").unwrap_err();
        assert!(errors.to_string().contains("feature `avif`"), "{errors}");
    }
}
