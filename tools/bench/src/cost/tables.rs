//! The two tables of `tools/bench/cost`.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::read;

/// Prices of AWS, each with its source.
#[derive(Clone, Debug)]
pub(super) struct Prices(Value);

impl Prices {
    pub(super) fn read() -> anyhow::Result<Self> {
        read("prices.json").map(Self)
    }

    pub(super) fn as_of(&self) -> &str {
        self.0["as_of"].as_str().unwrap_or("an unknown day")
    }

    /// Returns one price in dollars.
    pub(super) fn usd(&self, name: &str) -> anyhow::Result<f64> {
        self.0[name]["usd"]
            .as_f64()
            .with_context(|| format!("there is no price of {name}"))
    }
}

/// Measured and assumed values.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Measured {
    pub(super) as_of: String,
    pub(super) original_bytes: f64,
    pub(super) variant_bytes: f64,
    pub(super) subjects: BTreeMap<String, Subject>,
    pub(super) assumed: Assumed,
}

/// Functions of one subject.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Subject {
    pub(super) functions: BTreeMap<String, Function>,
}

/// Resources of one function for one upload.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Function {
    pub(super) memory_mb: f64,
    /// CPU time in milliseconds, on a whole CPU.
    pub(super) cpu_ms: f64,
    pub(super) init_ms: f64,
    pub(super) peak_rss_mb: f64,
}

/// Values that can't be measured here.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Assumed {
    pub(super) cold_starts_per_invocation: f64,
    /// Time that a function waits for S3 and `DynamoDB`; the same for all subjects.
    pub(super) aws_wait_ms: BTreeMap<String, f64>,
    pub(super) log_bytes_per_upload: f64,
    pub(super) traces_per_upload: f64,
    pub(super) traced_share: f64,
    pub(super) custom_metrics: f64,
    pub(super) alarm_metrics: f64,
}

impl Measured {
    pub(super) fn read() -> anyhow::Result<Self> {
        let measured: Self = read("measured.json")?;
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
    use local::deploy::template::Template;

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

    /// A measurement is valid only for the memory size at which it was taken.
    #[test]
    fn our_functions_have_the_memory_that_the_template_gives_them() {
        let template = Template::read().unwrap();
        let resources = template.resources().unwrap();
        let measured = Measured::read().unwrap();
        for (binary, function) in &measured.subjects["ours"].functions {
            let resource = resources
                .iter()
                .find(|one| one.binary.as_ref() == Some(binary))
                .unwrap();
            let path = [
                "Resources",
                &resource.logical_id,
                "Properties",
                "MemorySize",
            ];
            assert_eq!(template.at(&path), function.memory_mb, "{binary}");
        }
    }
}
