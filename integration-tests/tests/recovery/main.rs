//! What happens when events come twice, late or in the wrong order, when they are nonsense, and when nothing helps.
//!
//! The stack is one of its own, and each test has it for itself: they kill its workers and read its queues.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod crash;
mod events;
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

use std::sync::{Mutex, MutexGuard, PoisonError};

use local::stack::StackOptions;

static TURN: Mutex<()> = Mutex::new(());

fn options() -> StackOptions {
    StackOptions::default()
}

/// Waits until no other test runs. One that failed leaves nothing behind that would matter.
fn alone() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
