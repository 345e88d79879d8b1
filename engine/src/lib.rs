//! The thumbnail engine: bytes and a recipe in, variants and facts out. No AWS and no async in here.
//!
//! [`make`] is all of it.

mod decode;
mod variant;

use image::DynamicImage;
use media::{
    completeness::is_cut_off,
    failure::{Failure, FailureCode},
    media_type::{MediaType, name_of_unsupported},
};

pub use variant::{SpecError, VariantSpec};

/// What to make, and what not to try.
#[derive(Debug)]
pub struct Recipe {
    /// From large to small.
    pub variants: Vec<VariantSpec>,
    /// 1 to 100.
    pub jpeg_quality: u8,
    /// Checked before anything is allocated.
    pub limits: Limits,
}

/// The most that an original may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: u64,
    /// Width × height.
    pub pixels: u64,
    /// Bytes of the decoded picture.
    pub decoded_bytes: u64,
}

/// One variant, encoded.
#[derive(Debug)]
pub struct Variant {
    /// As configured.
    pub name: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// A JPEG without metadata.
    pub jpeg: Vec<u8>,
}

/// What came of an original.
#[derive(Debug)]
pub struct Picture {
    /// Of the original, upright.
    pub width: u32,
    /// Of the original, upright.
    pub height: u32,
    /// Of the original.
    pub format: MediaType,
    /// From large to small.
    pub variants: Vec<Variant>,
}

/// Makes all variants of a recipe. Every error is permanent: the same bytes give the same one.
pub fn make(recipe: &Recipe, bytes: &[u8]) -> Result<Picture, Failure> {
    if bytes.is_empty() {
        return Err(Failure::new(FailureCode::Empty, "the file is empty"));
    }
    let format = MediaType::sniff(bytes).ok_or_else(|| unsupported(bytes))?;
    if is_cut_off(format, bytes) {
        return Err(Failure::new(
            FailureCode::Corrupt,
            "the file is cut off: its end is missing",
        ));
    }
    let decoded = decode::decode(format, bytes, recipe.limits)?;
    let (width, height) = decoded.upright_size();
    let mut variants: Vec<Variant> = Vec::with_capacity(recipe.variants.len());
    let mut source: Option<DynamicImage> = None;
    for spec in &recipe.variants {
        let smaller = spec.shrink(source.as_ref().unwrap_or(&decoded.picture))?;
        let mut upright = smaller.clone();
        upright.apply_orientation(decoded.orientation);
        let jpeg = variant::encode(&upright, recipe.jpeg_quality)?;
        variants.push(Variant {
            name: spec.name.clone(),
            width: upright.width(),
            height: upright.height(),
            jpeg,
        });
        // The next one is made from this one: at half the size or less, the detail lost here is lost there anyway.
        source = Some(smaller);
    }
    Ok(Picture {
        width,
        height,
        format,
        variants,
    })
}

fn unsupported(bytes: &[u8]) -> Failure {
    let supported = MediaType::ALL.map(MediaType::name).join(", ");
    let what = name_of_unsupported(bytes).unwrap_or("this file's format");
    Failure::new(
        FailureCode::UnsupportedFormat,
        format!("{what} is not supported; supported are: {supported}"),
    )
}

#[cfg(test)]
mod tests;
