//! What signatures guard, on a stack that checks them, and what the functions call, on the same stack, which writes
//! it down.
//!
//! The emulator takes a bearer token for a broken signature there, so the functions are invoked without the gateway.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod calls;
mod presigned_put;

use integration_tests::stack::SharedStack;
use local::{
    fakecloud::server::Signatures,
    stack::{Stack, StackOptions, recording::Calls},
};
use tokio::sync::RwLock;

/// The test that counts needs the stack for itself.
static TURN: RwLock<()> = RwLock::const_new(());

fn options() -> StackOptions {
    StackOptions {
        signatures: Signatures::Verified,
        calls: Calls::Recorded,
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
