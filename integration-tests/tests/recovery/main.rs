//! Recovery: events that arrive twice, late or in the wrong order, unreadable messages, and
//! crashing workers.
//!
//! The stack is separate, and the tests run one after the other: they kill its workers and read its
//! queues.

mod crash;
mod event_delivery;
mod events;
mod overtaking;
mod unreadable;

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use integration_tests::stack::SharedStack;
use local::{
    proxy::faults::Faults,
    stack::{Stack, StackOptions, recording::Calls},
};

static TURN: Mutex<()> = Mutex::new(());

/// The faults of the proxy: none by default, but a test can hold calls.
static FAULTS: LazyLock<Faults> = LazyLock::new(Faults::default);

fn options() -> StackOptions {
    StackOptions {
        calls: Calls::Recorded,
        faults: FAULTS.clone(),
        ..StackOptions::default()
    }
}

/// Waits until no other test runs. A failed test leaves no state that affects the next one.
fn alone() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

static STACK: SharedStack = SharedStack::new(options);

/// Runs a test against the stack of this binary.
fn with_stack<F>(test: impl FnOnce(&'static Stack) -> F)
where
    F: Future<Output = anyhow::Result<()>>,
{
    STACK.run(test);
}
