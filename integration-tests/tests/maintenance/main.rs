//! Reconciliation and erasure, on a stack of their own: they judge everything that is there, and some tests silence its
//! bucket.
//!
//! The tests take turns. Each has users of its own, and leaves the stack as it should be.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod album;
mod budget;
mod erase;
mod failing;
mod fixtures;
mod proof;
mod replay;
mod scheduled;
mod scope;

use integration_tests::stack::SharedStack;
use local::stack::{Stack, StackOptions};
use tokio::sync::Mutex;

static TURN: Mutex<()> = Mutex::const_new(());

static STACK: SharedStack = SharedStack::new(options);

fn options() -> StackOptions {
    StackOptions {
        // The function would leave alone for a quarter of an hour all that a test does.
        parameters: [("ReconcileGraceSeconds".to_owned(), "0".to_owned())].into(),
        ..StackOptions::default()
    }
}

/// Runs a test when no other runs.
fn in_turn<F>(test: impl FnOnce(&'static Stack) -> F)
where
    F: Future<Output = anyhow::Result<()>>,
{
    STACK.run(|stack| {
        let test = test(stack);
        async move {
            let _turn = TURN.lock().await;
            test.await
        }
    });
}
