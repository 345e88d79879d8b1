//! The AWS emulator: finding it, installing it, running it.
//!
//! fakecloud is a program of its own (AGPL-3.0) that is started as a process and spoken to over
//! HTTP; nothing of it is linked or copied.

pub mod find;
pub mod install;
pub mod server;
pub mod watchdog;

/// The only version that the stand-ins around it were tried with.
pub const VERSION: &str = "0.51.0";
