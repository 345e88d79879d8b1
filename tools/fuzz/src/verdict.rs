//! Verdicts on inputs.

use std::fmt;

use crate::{
    child::{ChildExit, ChildProcess, Supervision},
    outcome::Outcome,
};

/// Maximum memory of a child.
pub(crate) const MEMORY_LIMIT_KIB: u64 = 300 * 1024;

/// Verdict on an input.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// An image, or a failure code.
    Fine(Outcome),
    /// The child ended, with this status.
    Crash(String),
    /// No answer in time.
    Hang,
    /// Too much memory, in KiB.
    OverMemory(u64),
}

impl Verdict {
    /// Returns the label for the name of a saved file; `None` without a finding.
    pub(crate) fn label(&self) -> Option<&'static str> {
        match self {
            Self::Fine(_) => None,
            Self::Crash(_) => Some("crash"),
            Self::Hang => Some("hang"),
            Self::OverMemory(_) => Some("over-memory"),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fine(outcome) => write!(f, "{outcome:?}"),
            Self::Crash(status) => write!(f, "crash: {status}"),
            Self::Hang => write!(f, "hang"),
            Self::OverMemory(kib) => write!(f, "{} MB of memory", kib / 1024),
        }
    }
}

/// Runs an input. A hang, or excessive memory, may be left from the input before, and must be
/// reproduced in a new child.
pub(crate) fn judge(
    child: &mut ChildProcess,
    supervision: Supervision,
    recipe: u8,
    file: &[u8],
) -> anyhow::Result<Verdict> {
    let verdict = verdict(child.run(recipe, file)?);
    if !matches!(verdict, Verdict::Hang | Verdict::OverMemory(_)) {
        return Ok(verdict);
    }
    let mut fresh = ChildProcess::start(supervision)?;
    let exit = fresh.run(recipe, file)?;
    fresh.stop()?;
    Ok(self::verdict(exit))
}

fn verdict(exit: ChildExit) -> Verdict {
    match exit {
        ChildExit::Answered(outcome) if outcome.peak_kib > MEMORY_LIMIT_KIB => {
            Verdict::OverMemory(outcome.peak_kib)
        }
        ChildExit::Answered(outcome) => Verdict::Fine(outcome),
        ChildExit::Died(status) => Verdict::Crash(status.to_string()),
        ChildExit::Hung => Verdict::Hang,
    }
}
