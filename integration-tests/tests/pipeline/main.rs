//! The whole pipeline, on a real local stack under strict IAM.
//!
//! One stack serves all tests. Each test has users of its own, so all can run at once.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod bad_input;
mod direct;
mod events;
mod functions;
mod isolation;
mod listing;
mod person;
mod pictures;
mod presign;
mod tokens;
mod upload;
mod world;
