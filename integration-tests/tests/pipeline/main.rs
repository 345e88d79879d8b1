//! The whole pipeline, on a real local stack under strict IAM.
//!
//! One stack serves all tests. Each test has users of its own, so all can run at once.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod bad_input;
mod blocked;
mod caching;
mod capture_times;
mod completion_events;
mod cors;
mod deletion;
mod direct;
mod events;
mod filters;
mod forged_records;
mod functions;
mod identity;
mod listing;
mod logs;
mod patch;
mod poison;
mod presign;
mod presigned_links;
mod quotas;
mod retry;
mod root;
mod storage;
mod tokens;
mod upload;
mod users;
mod waiting;

use integration_tests::stack::SharedStack;
use local::stack::{Stack, StackOptions};

/// Returns options with every optional feature on and the most verbose logs.
fn options() -> StackOptions {
    let parameters = [
        ("CompletionEvents", "on"),
        ("KeepLocation", "on"),
        ("LogLevel", "trace"),
    ];
    StackOptions {
        parameters: parameters
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        ..StackOptions::default()
    }
}

static STACK: SharedStack = SharedStack::new(options);

/// Runs a test against the stack of this binary.
fn with_stack<F>(test: impl FnOnce(&'static Stack) -> F)
where
    F: Future<Output = anyhow::Result<()>>,
{
    STACK.run(test);
}
