//! What the functions and the engine both know of picture files. No AWS and no decoder in here, so that a
//! benchmark or a fuzzer of the engine builds in seconds.

pub mod completeness;
pub mod failure;
pub mod media_type;
pub mod variant_format;
