//! How long a request may wait for an image.
//!
//! A request that waits holds an execution environment of the function, and the account has a limit
//! of those. No environment knows of the others, and a count that they share would cost a call for
//! each request. So each of them keeps to its share: it may wait for a part of its own time, and
//! saves up a few seconds of that. When many requests want to wait, the environments that have used
//! up their share answer at once, and Lambda prefers them to new ones. The waiting ones are then at
//! most this share of all.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The most that an environment saves up, in waits of the full length.
const MOST_SAVED: u32 = 2;

/// The budget of an execution environment.
#[derive(Debug)]
pub(crate) struct WaitBudget {
    max_wait: Duration,
    percent: u32,
    saved: Mutex<Saved>,
}

#[derive(Debug)]
struct Saved {
    time: Duration,
    as_of: Instant,
}

impl WaitBudget {
    /// The budget of a new environment, which may wait once.
    pub(crate) fn new(max_wait: Duration, percent: u32, now: Instant) -> Self {
        let saved = Saved {
            time: if percent == 0 {
                Duration::ZERO
            } else {
                max_wait
            },
            as_of: now,
        };
        Self {
            max_wait,
            percent,
            saved: Mutex::new(saved),
        }
    }

    /// Takes the time for a wait: as much as wanted, up to the longest, or nothing if that is not
    /// there. [`WaitBudget::give_back`] returns what was not needed.
    pub(crate) fn take(&self, wanted: Duration, now: Instant) -> Duration {
        let wanted = wanted.min(self.max_wait);
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        self.earn(&mut saved, now);
        match saved.time.checked_sub(wanted) {
            Some(left) => {
                saved.time = left;
                wanted
            }
            None => Duration::ZERO,
        }
    }

    /// Returns time that was taken and not needed.
    pub(crate) fn give_back(&self, unused: Duration) {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        saved.time = (saved.time + unused).min(self.max_wait * MOST_SAVED);
    }

    fn earn(&self, saved: &mut Saved, now: Instant) {
        let earned = now.duration_since(saved.as_of) * self.percent / 100;
        saved.time = (saved.time + earned).min(self.max_wait * MOST_SAVED);
        saved.as_of = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn budget(percent: u32) -> (WaitBudget, Instant) {
        let now = Instant::now();
        (WaitBudget::new(5 * SECOND, percent, now), now)
    }

    #[test]
    fn a_wait_is_as_long_as_wanted_and_no_longer_than_the_longest() {
        let (budget, now) = budget(100);
        assert_eq!(budget.take(2 * SECOND, now), 2 * SECOND);
        assert_eq!(budget.take(20 * SECOND, now + 60 * SECOND), 5 * SECOND);
    }

    #[test]
    fn an_environment_waits_for_its_share_of_the_time() {
        let (budget, start) = budget(50);
        let (mut now, mut waited) = (start, Duration::ZERO);
        while now < start + 1000 * SECOND {
            let wait = budget.take(5 * SECOND, now);
            waited += wait;
            now += wait.max(SECOND / 10);
        }
        // Half of the time, and the wait that is free at the start.
        assert!(
            waited > 495 * SECOND && waited <= 505 * SECOND,
            "{waited:?}"
        );
    }

    #[test]
    fn what_was_not_needed_is_there_for_the_next() {
        let (budget, now) = budget(50);
        assert_eq!(budget.take(5 * SECOND, now), 5 * SECOND);
        assert_eq!(budget.take(5 * SECOND, now), Duration::ZERO);
        budget.give_back(5 * SECOND);
        assert_eq!(budget.take(5 * SECOND, now), 5 * SECOND);
    }

    #[test]
    fn hours_of_rest_are_worth_two_waits() {
        let (budget, now) = budget(50);
        let waits = [(); 3].map(|()| budget.take(5 * SECOND, now + 3600 * SECOND));
        assert_eq!(waits, [5 * SECOND, 5 * SECOND, Duration::ZERO]);
    }

    #[test]
    fn without_a_share_nobody_waits() {
        let (budget, now) = budget(0);
        assert_eq!(budget.take(SECOND, now + 3600 * SECOND), Duration::ZERO);
    }
}
