//! Measurements of the functions as AWS would run them.
//!
//! They print `name=value` lines on standard output and nothing else, for people and scripts.

pub mod cold_start;
