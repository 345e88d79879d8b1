//! One check and its outcome.

use std::{fmt, pin::Pin};

use crate::{found::Found, world::World};

type Running<'a> = Pin<Box<dyn Future<Output = anyhow::Result<Found>> + 'a>>;

/// A claim about the deployed stack.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) expected: &'static str,
    look: fn(&World) -> Running<'_>,
}

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed(String),
    Failed(String),
    Skipped(&'static str),
}

impl Check {
    pub(crate) fn new(
        name: &'static str,
        expected: &'static str,
        look: fn(&World) -> Running<'_>,
    ) -> Self {
        Self {
            name,
            expected,
            look,
        }
    }

    /// Runs the check. An error is a failure.
    pub(crate) async fn run(&self, world: &World) -> Outcome {
        match (self.look)(world).await {
            Ok(Found::Value(got)) if got == self.expected => Outcome::Passed(got),
            Ok(Found::Value(got)) => Outcome::Failed(got),
            Ok(Found::Skipped(reason)) => Outcome::Skipped(reason),
            Err(error) => Outcome::Failed(format!("{error:#}")),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed(got) => write!(f, "got={got:?} result=passed"),
            Self::Failed(got) => write!(f, "got={got:?} result=failed"),
            Self::Skipped(reason) => write!(f, "got=\"\" result=skipped reason={reason:?}"),
        }
    }
}
