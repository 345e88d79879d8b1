//! The budget of the bytes of originals that are in memory at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The unit of the budget: a permit's count has 32 bits.
const UNIT_BYTES: u64 = 1024;

/// A budget of bytes. Who waits for bytes gets them in order, so that a large original is not
/// passed by small ones forever.
#[derive(Clone, Debug)]
pub(super) struct ByteBudget {
    units: Arc<Semaphore>,
    all: u32,
}

/// A part of the budget, which its drop gives back.
#[derive(Debug)]
pub struct Held {
    _permit: Option<OwnedSemaphorePermit>,
    units: u32,
}

impl Default for ByteBudget {
    fn default() -> Self {
        Self::new(u64::MAX)
    }
}

impl ByteBudget {
    pub(super) fn new(bytes: u64) -> Self {
        let most = u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX);
        let all = units(bytes).min(most);
        Self {
            units: Arc::new(Semaphore::new(usize::try_from(all).unwrap_or(0))),
            all,
        }
    }

    /// Waits for this number of bytes. More than the whole budget is the whole budget.
    pub(super) async fn hold(&self, bytes: u64) -> Held {
        let units = units(bytes).min(self.all);
        // The semaphore is never closed.
        let permit = Arc::clone(&self.units).acquire_many_owned(units).await.ok();
        Held {
            _permit: permit,
            units,
        }
    }

    /// Whether a part of the budget is enough for this number of bytes.
    pub(super) fn covers(&self, held: &Held, bytes: u64) -> bool {
        units(bytes).min(self.all) <= held.units
    }
}

fn units(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn what_does_not_fit_waits_until_bytes_are_given_back() {
        let budget = ByteBudget::new(3 * UNIT_BYTES);
        let first = budget.hold(2 * UNIT_BYTES).await;
        assert!(budget.hold(2 * UNIT_BYTES).now_or_never().is_none());
        let small = budget.hold(1).now_or_never();
        assert!(small.is_some());
        drop(first);
        assert!(budget.hold(2 * UNIT_BYTES).now_or_never().is_some());
    }

    #[tokio::test]
    async fn an_original_above_the_whole_budget_is_read_alone() {
        let budget = ByteBudget::new(3 * UNIT_BYTES);
        let large = budget.hold(u64::MAX).await;
        assert!(budget.covers(&large, u64::MAX));
        assert!(budget.hold(1).now_or_never().is_none());
    }

    #[tokio::test]
    async fn a_part_covers_what_was_asked_for_and_no_more() {
        let budget = ByteBudget::default();
        let held = budget.hold(2 * UNIT_BYTES).await;
        assert!(budget.covers(&held, 2 * UNIT_BYTES));
        assert!(!budget.covers(&held, 2 * UNIT_BYTES + 1));
    }

    #[tokio::test]
    async fn a_large_original_is_not_passed_by_small_ones() {
        let budget = ByteBudget::new(3 * UNIT_BYTES);
        let first = budget.hold(2 * UNIT_BYTES).await;
        let mut large = Box::pin(budget.hold(3 * UNIT_BYTES));
        assert!(large.as_mut().now_or_never().is_none());
        assert!(budget.hold(1).now_or_never().is_none());
        drop(first);
        assert!(large.now_or_never().is_some());
    }
}
