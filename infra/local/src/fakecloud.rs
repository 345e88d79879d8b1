//! The AWS emulator: finding it, installing it, running it.
//!
//! fakecloud is a separate program (AGPL-3.0). It runs as a process and is called over HTTP; no
//! part of it is linked or copied.

pub mod compile;
pub mod find;
pub mod install;
pub mod release;
pub mod server;
pub mod watchdog;

/// The only version that this crate was tested with.
pub const VERSION: &str = "0.51.0";
