//! Building the functions and packing them as Lambda wants them.

pub mod archive;
pub mod bootstraps;
pub mod build;
pub mod inspect;
