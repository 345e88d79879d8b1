//! What signatures guard, on a stack that checks them, and what the functions call, on the same stack, which writes
//! it down.
//!
//! The emulator takes a bearer token for a broken signature there, so the functions are invoked without the gateway.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod calls;
mod drawer;
#[path = "../shared/invocation.rs"]
mod invocation;
#[expect(dead_code, reason = "the pipeline's tests use more of it")]
#[path = "../pipeline/person.rs"]
mod person;
#[expect(dead_code, reason = "the pipeline's tests use more of it")]
#[path = "../pipeline/pictures.rs"]
mod pictures;
mod presigned_put;
#[path = "../pipeline/world.rs"]
mod world;

use local::{
    fakecloud::server::Signatures,
    stack::{StackOptions, recording::Calls},
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
