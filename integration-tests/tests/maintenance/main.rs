//! Reconciliation and erasure, on a separate stack: a run judges everything in it, and some tests
//! disable the notifications of its bucket.
//!
//! The tests run one after the other. Each has its own users and leaves the stack consistent.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod album;
mod budget;
mod erase;
mod facts;
mod failing;
mod fixtures;
mod foreign;
mod proof;
mod quotas;
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
        // The function would otherwise ignore changes of the last quarter of an hour.
        parameters: [("ReconcileGraceSeconds".to_owned(), "0".to_owned())].into(),
        ..StackOptions::default()
    }
}

/// Runs a test while no other test runs.
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
