//! Results of a run.

use std::time::Duration;

use strum::EnumCount as _;

use crate::{
    lambda::{Function, Use},
    limits::Limit,
};

/// Whose request or image it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Quiet,
    Noisy,
}

/// How often a limit was met, and when first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Met {
    pub(crate) times: u64,
    pub(crate) first: Option<Duration>,
    pub(crate) first_quiet: Option<Duration>,
}

/// Counts and times of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Stats {
    pub(crate) visits: u64,
    pub(crate) requests: u64,
    /// Requests that the gateway let through.
    pub(crate) admitted: u64,
    pub(crate) pages: u64,
    /// Uploads that were begun, those that clients gave up, and pages that they gave up.
    pub(crate) offered: u64,
    pub(crate) refused_uploads: u64,
    pub(crate) refused_pages: u64,
    pub(crate) accepted: u64,
    pub(crate) ready: u64,
    pub(crate) given_up: u64,
    pub(crate) queued: u64,
    pub(crate) waits: u64,
    pub(crate) waits_answered_at_once: u64,
    /// Seconds from the acceptance of an image until it was ready, in the counted time.
    pub(crate) quiet: Vec<f64>,
    pub(crate) noisy: Vec<f64>,
    /// Oldest message that was received from each queue.
    pub(crate) oldest: [Duration; 3],
    pub(crate) met: [Met; Limit::COUNT],
    /// Messages in the jobs queue at the end of every second.
    pub(crate) jobs_waiting: Vec<usize>,
    pub(crate) used: [Use; Function::COUNT],
    pub(crate) peak_concurrency: u32,
    pub(crate) s3_partitions: usize,
}

impl Stats {
    /// Counts that a limit was met.
    pub(crate) fn meet(&mut self, limit: Limit, whose: Whose, now: Duration) {
        let met = &mut self.met[limit as usize];
        met.times += 1;
        // Calls of an execution are decided ahead, so times can be a little out of order.
        let earlier = |first: Option<Duration>| Some(first.map_or(now, |first| first.min(now)));
        met.first = earlier(met.first);
        if whose == Whose::Quiet {
            met.first_quiet = earlier(met.first_quiet);
        }
    }
}

/// Returns a percentile: the smallest value that at least `percent` of all do not exceed.
pub(crate) fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values: Vec<f64> = (1..=200).map(f64::from).collect();
        assert!((percentile(&values, 99) - 198.0).abs() < f64::EPSILON);
        assert!((percentile(&values, 100) - 200.0).abs() < f64::EPSILON);
        assert!(percentile(&[], 50).is_nan());
    }
}
