//! Measurements of the functions as AWS would run them.
//!
//! They print `name=value` lines on standard output and nothing else, for people and scripts.

mod back_end;
pub mod cold_start;
mod contender;
mod event;
mod figures;
mod lambda;
pub mod list;
mod picture;
mod records;
mod spy;
mod stub;
mod table;
pub mod upload;
mod wire;
