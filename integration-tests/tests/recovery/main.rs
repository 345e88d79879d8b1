//! What happens when events come twice, late or in the wrong order, when they are nonsense, and when nothing helps.
//!
//! The stack is one of its own, and each test has it for itself: they kill its workers and read its queues.

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

/// None, but calls can be held.
static FAULTS: LazyLock<Faults> = LazyLock::new(Faults::default);

fn options() -> StackOptions {
    StackOptions {
        calls: Calls::Recorded,
        faults: FAULTS.clone(),
        ..StackOptions::default()
    }
}

/// Waits until no other test runs. One that failed leaves nothing behind that would matter.
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
