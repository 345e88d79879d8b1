//! What happens when events come twice, late or in the wrong order, when they are nonsense, and when nothing helps.
//!
//! The stack is one of its own, and each test has it for itself: they kill its workers and read its queues.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod crash;
mod events;
mod overtaking;
#[expect(dead_code, reason = "the pipeline's tests use more of it")]
#[path = "../pipeline/person.rs"]
mod person;
#[expect(dead_code, reason = "the pipeline's tests use more of it")]
#[path = "../pipeline/pictures.rs"]
mod pictures;
mod post;
mod unreadable;
#[path = "../pipeline/world.rs"]
mod world;

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use local::{
    door::faults::Faults,
    stack::{StackOptions, recording::Calls},
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
