//! Scaling of Lambda's pollers of a queue.

use std::time::Duration;

/// The pollers of one queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pollers {
    at_first: u32,
    per_second: u32,
    most: u32,
    current: u32,
    busy: u32,
    /// Since when no message was left waiting.
    idle_since: Duration,
}

/// The time without waiting messages after which the pollers are as few as at first. *Assumed*.
const SCALES_BACK: Duration = Duration::from_mins(1);

impl Pollers {
    pub(crate) fn new(at_first: u32, per_second: u32, most: u32) -> Self {
        Self {
            at_first: at_first.min(most),
            per_second,
            most,
            current: at_first.min(most),
            busy: 0,
            idle_since: Duration::ZERO,
        }
    }

    /// Takes a poller; returns whether one is free.
    pub(crate) fn take(&mut self) -> bool {
        let is_free = self.busy < self.current;
        self.busy += u32::from(is_free);
        is_free
    }

    /// Gives a poller back.
    pub(crate) fn give_back(&mut self) {
        self.busy -= 1;
    }

    /// Whether there can be no more of them.
    pub(crate) fn are_most(&self) -> bool {
        self.current >= self.most
    }

    /// Scales, once a second.
    pub(crate) fn scale(&mut self, is_waiting: bool, now: Duration) {
        if is_waiting {
            self.current = (self.current + self.per_second).min(self.most);
            self.idle_since = now;
        } else if self.idle_since + SCALES_BACK <= now {
            self.current = self.at_first;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(pollers: &mut Pollers) -> u32 {
        (0..2_000).map(|_| u32::from(pollers.take())).sum()
    }

    #[test]
    fn five_batches_at_first_and_three_hundred_more_a_minute() {
        let mut pollers = Pollers::new(5, 5, 1_000);
        assert_eq!(taken(&mut pollers), 5);
        (1..=60).for_each(|second| pollers.scale(true, Duration::from_secs(second)));
        assert_eq!(taken(&mut pollers), 300);
    }

    #[test]
    fn never_more_than_the_most_and_few_again_after_a_quiet_minute() {
        let mut pollers = Pollers::new(5, 5, 20);
        (1..=60).for_each(|second| pollers.scale(true, Duration::from_secs(second)));
        assert!(pollers.are_most());
        assert_eq!(taken(&mut pollers), 20);
        (0..20).for_each(|_| pollers.give_back());
        pollers.scale(false, Duration::from_secs(121));
        assert_eq!(taken(&mut pollers), 5);
    }
}
