//! The thumbnail engine: takes bytes and a recipe, and returns variants and facts. It contains no
//! AWS code and no async code.
//!
//! [`generate()`] is its only entry point.

mod cicp;
mod decode;
mod dimensions;
mod encode;
mod exif;
mod facts;
mod generate;
mod icc;
mod keep_location;
mod limits;
mod orientation;
mod pixels;
mod placeholder;
mod planes;
mod processed_image;
mod quality;
mod raster;
mod recipe;
mod resize;
#[cfg(feature = "settings")]
mod settings;
mod timings;
mod transfer;
mod variant_set;
mod variant_spec;

pub use facts::Facts;
pub use generate::generate;
pub use keep_location::{InvalidKeepLocation, KeepLocation};
pub use limits::Limits;
pub use media::variant_format::VariantFormat;
pub use processed_image::{ProcessedImage, Variant};
pub use quality::{QualityError, parse_quality};
pub use recipe::Recipe;
pub use timings::Timings;
pub use variant_set::VariantSet;
pub use variant_spec::{Size, SpecError, SpecErrors, VariantSpec};

#[cfg(test)]
mod tests;
