//! Budgets of messages and removals, and the rate of messages.

use std::{num::NonZeroU32, time::Duration};

use tokio::time::{Instant, sleep_until};

/// A number that only decreases.
#[derive(Debug)]
pub(super) struct Budget(u64);

impl Budget {
    pub(super) fn new(limit: u64) -> Self {
        Self(limit)
    }

    /// Takes the whole count, or nothing.
    pub(super) fn take(&mut self, count: u64) -> Result<(), Spent> {
        self.0 = self.0.checked_sub(count).ok_or(Spent)?;
        Ok(())
    }

    pub(super) fn left(&self) -> u64 {
        self.0
    }
}

/// The rest of the budget is smaller than the requested count.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spent;

/// Rate limit of messages, on average: a batch is sent at once, and its time passes before the
/// next.
#[derive(Debug)]
pub(super) struct Pace {
    each: Duration,
    next: Instant,
}

impl Pace {
    pub(super) fn new(per_second: NonZeroU32) -> Self {
        Self {
            each: Duration::from_secs(1) / per_second.get(),
            next: Instant::now(),
        }
    }

    /// Waits until a batch of this size may be sent.
    pub(super) async fn wait_for(&mut self, count: usize) {
        sleep_until(self.next).await;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.next = Instant::now() + self.each * count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_completely_and_not_exceeded() {
        let mut budget = Budget::new(3);
        assert_eq!(budget.take(2), Ok(()));
        assert_eq!(budget.take(2), Err(Spent));
        assert_eq!(budget.left(), 1);
        assert_eq!(budget.take(1), Ok(()));
        assert_eq!(budget.take(1), Err(Spent));
    }
}
