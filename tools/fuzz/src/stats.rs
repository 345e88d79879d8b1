//! Statistics of a run.

use std::{fmt, ops::AddAssign};

use crate::{
    outcome::{Answer, Outcome},
    verdict::Verdict,
};

/// Number of inputs by verdict.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stats {
    pub inputs: u64,
    pub images: u64,
    pub refused: u64,
    pub panics: u64,
    pub crashes: u64,
    pub hangs: u64,
    pub over_memory: u64,
    /// Peak memory of a child over all inputs without a finding.
    pub peak_kib: u64,
}

impl Stats {
    /// Counts one verdict.
    pub(crate) fn count(&mut self, verdict: &Verdict) {
        self.inputs += 1;
        match verdict {
            Verdict::Fine(outcome) => self.count_outcome(outcome),
            Verdict::Crash(_) => self.crashes += 1,
            Verdict::Hang => self.hangs += 1,
            Verdict::OverMemory(_) => self.over_memory += 1,
        }
    }

    fn count_outcome(&mut self, outcome: &Outcome) {
        match outcome.answer {
            Answer::Image => self.images += 1,
            Answer::Refused(_) => self.refused += 1,
        }
        self.panics += u64::from(outcome.panic.is_some());
        self.peak_kib = self.peak_kib.max(outcome.peak_kib);
    }

    /// Whether there is no finding. A caught panic is none: the image fails, the process lives.
    pub(crate) fn is_clean(&self) -> bool {
        self.crashes + self.hangs + self.over_memory == 0
    }
}

impl AddAssign for Stats {
    fn add_assign(&mut self, other: Self) {
        self.inputs += other.inputs;
        self.images += other.images;
        self.refused += other.refused;
        self.panics += other.panics;
        self.crashes += other.crashes;
        self.hangs += other.hangs;
        self.over_memory += other.over_memory;
        self.peak_kib = self.peak_kib.max(other.peak_kib);
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "inputs={} images={} refused={} panics={} crashes={} hangs={} over_memory={} peak_rss_mb={}",
            self.inputs,
            self.images,
            self.refused,
            self.panics,
            self.crashes,
            self.hangs,
            self.over_memory,
            self.peak_kib / 1024,
        )
    }
}
