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
mod peers;
mod picture;
mod records;
mod spy;
mod stub;
mod table;
pub mod upload;
mod wire;

/// The names of the variables that the functions are measured with.
pub fn environment() -> impl Iterator<Item = &'static str> {
    cold_start::ENVIRONMENT.into_iter().map(|(name, _)| name)
}
