//! Build, inspection and packing of the functions for Lambda.

pub mod archive;
pub mod bootstraps;
pub mod build;
pub mod inspect;
