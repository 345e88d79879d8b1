//! The whole pipeline, on a real local stack under strict IAM.
//!
//! One stack serves all tests. Each test has users of its own, so all can run at once.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod announcements;
mod bad_input;
mod caching;
mod cors;
mod deletion;
mod direct;
mod events;
mod filters;
mod functions;
#[path = "../shared/invocation.rs"]
mod invocation;
mod isolation;
mod listing;
mod logs;
mod patch;
mod person;
mod pictures;
mod presign;
mod retry;
mod root;
mod tokens;
mod upload;
mod waiting;
mod world;

use local::stack::StackOptions;

/// Everything that is off by default, on; and every word logged.
fn options() -> StackOptions {
    let parameters = [("CompletionEvents", "on"), ("LogLevel", "trace")];
    StackOptions {
        parameters: parameters
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        ..StackOptions::default()
    }
}
