//! The local stack: the whole of Hikidashi on one machine, without an AWS account or Docker.
//!
//! [`stack::Stack`] is the entry point: it starts the emulator, deploys the template and provides
//! the services that the emulator lacks.

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
