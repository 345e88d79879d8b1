//! The whole of Hikidashi on one machine: no AWS account, no Docker.
//!
//! [`stack::Stack`] is the entry: it starts the emulator, deploys the template and stands in for
//! what the emulator lacks.

pub mod console;
pub mod container;
pub mod demo;
pub mod deploy;
pub mod fakecloud;
pub mod identity;
pub mod package;
pub mod proxy;
pub mod stack;
pub mod users;
pub mod workspace;
