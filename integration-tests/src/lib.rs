//! Support for the tests of the running system.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

pub mod call;
pub mod denial;
pub mod given_pool;
pub mod images;
pub mod invocation;
pub mod principal;
pub mod signed_client;
pub mod stack;
pub mod target;
pub mod user;
