//! Facts about image files that the functions and the engine share. The crate has no AWS and no
//! decoder, so that a benchmark or a fuzzer of the engine builds in seconds.

pub mod capture_time;
pub mod completeness;
pub mod failure;
mod heif;
pub mod location;
pub mod media_type;
pub mod unsupported;
pub mod variant_format;
