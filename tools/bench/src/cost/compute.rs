//! Lambda's part of the bill.

use anyhow::Context as _;

use super::tables::{Function, Measured, Prices};

/// The memory with which Lambda gives a whole CPU; below it, a share.
const WHOLE_CPU_MB: f64 = 1769.0;

/// Dollars for one upload.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Compute {
    /// For being invoked at all.
    pub(super) requests: f64,
    /// The time that the functions were measured to be busy.
    pub(super) measured: f64,
    /// The time that they wait for S3 and `DynamoDB`, which is billed too and is assumed.
    pub(super) waits: f64,
}

impl Compute {
    /// Of all functions of a subject.
    pub(super) fn of(prices: &Prices, measured: &Measured, name: &str) -> anyhow::Result<Self> {
        let subject = measured
            .subjects
            .get(name)
            .with_context(|| format!("nothing was measured of {name}"))?;
        let (gb_second, request) = (
            prices.usd("lambda_gb_second")?,
            prices.usd("lambda_request")?,
        );
        let mut compute = Self::default();
        for (name, function) in &subject.functions {
            let wait_ms = measured
                .assumed
                .aws_wait_ms
                .get(name)
                .copied()
                .unwrap_or_default();
            let price = |millis| millis / 1e3 * function.memory_mb / 1024.0 * gb_second;
            let init_ms = function.init_ms * measured.assumed.cold_starts_per_invocation;
            compute.requests += request;
            compute.measured += price(busy_ms(function)) + price(init_ms);
            compute.waits += price(wait_ms);
        }
        Ok(compute)
    }

    /// All that Lambda bills.
    pub(super) fn whole(self) -> f64 {
        self.requests + self.measured + self.waits
    }
}

/// How long the CPU's work takes on the share of one that the memory buys.
fn busy_ms(function: &Function) -> f64 {
    function.cpu_ms * (WHOLE_CPU_MB / function.memory_mb).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(memory_mb: f64) -> Function {
        Function {
            memory_mb,
            cpu_ms: 10.0,
            init_ms: 0.0,
            peak_rss_mb: 1.0,
        }
    }

    #[test]
    fn less_memory_takes_as_much_longer_and_more_than_a_cpu_is_no_faster() {
        for (memory_mb, millis) in [(1769.0, 10.0), (884.5, 20.0), (3538.0, 10.0)] {
            assert!((busy_ms(&function(memory_mb)) - millis).abs() < 1e-9);
        }
    }
}
