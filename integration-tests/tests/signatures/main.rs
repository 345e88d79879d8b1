//! Signature checks on a stack that verifies signatures, and service calls of the functions, which
//! the same stack records.
//!
//! There, the emulator takes a bearer token for a broken signature. The functions are therefore
//! invoked without the gateway.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod calls;
mod presigned_put;

use std::collections::BTreeMap;

use integration_tests::stack::SharedStack;
use local::{
    fakecloud::server::Signatures,
    stack::{Stack, StackOptions, recording::Calls},
};
use tokio::sync::RwLock;

/// The lock of the tests: the test that counts calls needs the stack for itself.
static TURN: RwLock<()> = RwLock::const_new(());

fn options() -> StackOptions {
    StackOptions {
        signatures: Signatures::Verified,
        calls: Calls::Recorded,
        // Quotas are off, so that nothing is paid for them.
        parameters: ["MaxUserBytes", "MaxUserImages"]
            .map(|name| (name.to_owned(), "0".to_owned()))
            .into(),
        ..StackOptions::default()
    }
}

static STACK: SharedStack = SharedStack::new(options);

/// The stack whose users have the template's quotas.
static STACK_WITH_QUOTAS: SharedStack = SharedStack::new(|| StackOptions {
    parameters: BTreeMap::new(),
    ..options()
});

/// Runs a test against the stack of this binary that has no quotas.
fn with_stack<F>(test: impl FnOnce(&'static Stack) -> F)
where
    F: Future<Output = anyhow::Result<()>>,
{
    STACK.run(test);
}
