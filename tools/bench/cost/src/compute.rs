//! Cost of Lambda.

use anyhow::Context as _;

use crate::tables::{Function, Measured, Prices};

/// Memory, in MB, with which Lambda provides a whole CPU; below it, a proportional share.
const WHOLE_CPU_MB: f64 = 1769.0;

/// Dollars for one upload.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compute {
    /// Price of the invocations.
    pub requests: f64,
    /// Price of the measured busy time of the functions.
    pub measured: f64,
    /// Price of the time that the functions wait for S3 and `DynamoDB`, which is billed too and is
    /// assumed.
    pub waits: f64,
}

impl Compute {
    /// Computes the cost of all functions of a subject.
    pub fn of(prices: &Prices, measured: &Measured, name: &str) -> anyhow::Result<Self> {
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

    /// Returns the total that Lambda bills.
    pub fn whole(self) -> f64 {
        self.requests + self.measured + self.waits
    }
}

/// Computes the time that the CPU work takes on the share of a CPU that the memory provides.
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
