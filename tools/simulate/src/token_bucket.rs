//! Rates with a burst.

use std::time::Duration;

/// A token bucket: `rate` tokens a second, of which `burst` are saved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenBucket {
    rate: f64,
    burst: f64,
    tokens: f64,
    as_of: Duration,
}

impl TokenBucket {
    /// A full bucket.
    pub(crate) fn new(rate: f64, burst: f64) -> Self {
        Self {
            rate,
            burst,
            tokens: burst,
            as_of: Duration::ZERO,
        }
    }

    /// A bucket that saves what it earns in a second.
    pub(crate) fn per_second(rate: f64) -> Self {
        Self::new(rate, rate)
    }

    /// Changes the rate, and with it what is saved in a second.
    pub(crate) fn set_rate(&mut self, rate: f64) {
        self.rate = rate;
        self.burst = rate;
    }

    /// Takes tokens; returns whether they were there. Times may be a little out of order, because
    /// an execution's calls are decided at its start.
    pub(crate) fn take(&mut self, tokens: f64, now: Duration) -> bool {
        if let Some(elapsed) = now.checked_sub(self.as_of) {
            let earned = elapsed.as_secs_f64() * self.rate;
            self.tokens = (self.tokens + earned).min(self.burst);
            self.as_of = now;
        }
        if self.tokens < tokens {
            return false;
        }
        self.tokens -= tokens;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(bucket: &mut TokenBucket, per_second: u32, seconds: u32) -> u32 {
        let tries = (0..per_second * seconds).map(|at| Duration::from_secs(1) / per_second * at);
        tries.map(|at| u32::from(bucket.take(1.0, at))).sum()
    }

    #[test]
    fn a_rate_below_the_limit_passes_whole() {
        assert_eq!(taken(&mut TokenBucket::per_second(25.0), 24, 60), 24 * 60);
    }

    #[test]
    fn a_rate_above_the_limit_passes_up_to_the_limit_and_the_burst() {
        let passed = taken(&mut TokenBucket::new(25.0, 50.0), 100, 60);
        assert!((25 * 60..=25 * 60 + 50).contains(&passed), "{passed}");
    }
}
