//! The two tables.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::Value;

/// Prices of AWS, each with its source.
#[derive(Clone, Debug)]
pub struct Prices(Value);

impl Prices {
    /// Reads the table.
    pub fn read() -> anyhow::Result<Self> {
        let table = serde_json::from_str(include_str!("../prices.json"));
        table.map(Self).context("prices.json is not as expected")
    }

    /// Returns the day of the prices.
    pub fn as_of(&self) -> &str {
        self.0["as_of"].as_str().unwrap_or("an unknown day")
    }

    /// Returns one price in dollars.
    pub fn usd(&self, name: &str) -> anyhow::Result<f64> {
        self.0[name]["usd"]
            .as_f64()
            .with_context(|| format!("there is no price of {name}"))
    }
}

/// Measured and assumed values.
#[derive(Clone, Debug, Deserialize)]
pub struct Measured {
    /// Day of the measurements.
    pub as_of: String,
    /// Size of the reference image.
    pub original_bytes: f64,
    /// Size of its variants together.
    pub variant_bytes: f64,
    /// Compared implementations, by name.
    pub subjects: BTreeMap<String, Subject>,
    /// What can't be measured.
    pub assumed: Assumed,
}

/// Functions of one subject.
#[derive(Clone, Debug, Deserialize)]
pub struct Subject {
    /// Functions by name.
    pub functions: BTreeMap<String, Function>,
}

/// Resources of one function for one upload.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Function {
    /// Configured memory.
    pub memory_mb: f64,
    /// CPU time in milliseconds, on a whole CPU.
    pub cpu_ms: f64,
    /// Time from the process to its first request for an event.
    pub init_ms: f64,
    /// Peak memory, in units of 1024 × 1024 bytes.
    pub peak_rss_mb: f64,
}

/// Values that can't be measured here.
#[derive(Clone, Debug, Deserialize)]
pub struct Assumed {
    /// Cold starts among invocations.
    pub cold_starts_per_invocation: f64,
    /// Time that a function waits for S3 and `DynamoDB`; the same for all subjects.
    pub aws_wait_ms: BTreeMap<String, f64>,
    /// Bytes of logs.
    pub log_bytes_per_upload: f64,
    /// Requests that may be sampled.
    pub traces_per_upload: f64,
    /// Sampled share of those.
    pub traced_share: f64,
    /// Metrics that the functions write.
    pub custom_metrics: f64,
    /// Metrics of alarms.
    pub alarm_metrics: f64,
}

impl Measured {
    /// Reads the table.
    pub fn read() -> anyhow::Result<Self> {
        let table = serde_json::from_str(include_str!("../measured.json"));
        let measured: Self = table.context("measured.json is not as expected")?;
        for (name, subject) in &measured.subjects {
            for (function, needs) in &subject.functions {
                ensure!(
                    needs.peak_rss_mb < needs.memory_mb,
                    "{function} of {name} needs more memory than it has"
                );
            }
        }
        Ok(measured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_price_has_a_source() {
        let Prices(table) = Prices::read().unwrap();
        for (name, entry) in table.as_object().unwrap() {
            if entry.is_object() {
                assert!(entry["usd"].as_f64().unwrap() > 0.0, "{name}");
                let source = entry["source"].as_str().unwrap();
                assert!(source.starts_with("https://aws.amazon.com/"), "{name}");
            }
        }
    }
}
