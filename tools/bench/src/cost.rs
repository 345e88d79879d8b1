//! Cost of a million uploads, from measured times and a dated table of prices.
//!
//! Every value that is not measured is in `tools/bench/cost/measured.json` under `assumed`, and
//! every price of AWS is in `tools/bench/cost/prices.json`. `docs/cost.md` lists what is counted
//! and what is not.

mod compute;
mod services;
mod tables;

use anyhow::Context as _;

use compute::Compute;
use local::console::line;
use tables::{Measured, Prices};

/// Prints the cost of a number of uploads per month, for this project and for the subjects it is
/// compared with.
pub(crate) fn cost(uploads: u32) -> anyhow::Result<()> {
    let (prices, measured) = (Prices::read()?, Measured::read()?);
    for text in report(&prices, &measured, uploads)? {
        line(text);
    }
    Ok(())
}

fn report(prices: &Prices, measured: &Measured, uploads: u32) -> anyhow::Result<Vec<String>> {
    let uploads_per_million = f64::from(uploads) / 1e6;
    let services = services::per_upload(prices, measured)?;
    let fixed = services::per_month(prices, measured)?;
    let mut lines = vec![
        format!("prices_as_of={}", prices.as_of()),
        format!("measured_as_of={}", measured.as_of),
        format!("uploads={uploads}"),
    ];
    for (name, usd) in &services {
        lines.push(format!("usd_per_million_{name}={:.2}", usd * 1e6));
    }
    let services: f64 = services.values().sum();
    lines.push(format!("usd_per_month_whatever_the_uploads={fixed:.2}"));
    let ours = Compute::of(prices, measured, "ours")?;
    for name in measured.subjects.keys() {
        let compute = Compute::of(prices, measured, name)?;
        let total = compute.whole() + services;
        lines.extend([
            format!(
                "usd_requests_per_million_{name}={:.2}",
                compute.requests * 1e6
            ),
            format!(
                "usd_compute_per_million_{name}={:.2}",
                compute.measured * 1e6
            ),
            format!("usd_waits_per_million_{name}={:.2}", compute.waits * 1e6),
            format!("usd_per_million_{name}={:.2}", total * 1e6),
            format!(
                "usd_per_month_{name}={:.2}",
                total * 1e6 * uploads_per_million + fixed
            ),
        ]);
        if name != "ours" {
            let ratio = ours.measured / compute.measured;
            lines.push(format!("compute_ratio_to_{name}={ratio:.3}"));
            let ratio = ours.whole() / compute.whole();
            lines.push(format!("lambda_ratio_to_{name}={ratio:.3}"));
        }
    }
    Ok(lines)
}

/// Reads a table of `tools/bench/cost`.
fn read<T: serde::de::DeserializeOwned>(name: &str) -> anyhow::Result<T> {
    let path = local::workspace::workspace()
        .join("tools/bench/cost")
        .join(name);
    let text = std::fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not as expected", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(lines: &[String], name: &str) -> f64 {
        let prefix = format!("{name}=");
        let text = lines.iter().find_map(|line| line.strip_prefix(&prefix));
        text.unwrap_or_else(|| panic!("{name} in {lines:?}"))
            .parse()
            .unwrap()
    }

    #[test]
    fn the_total_is_the_sum_of_its_lines() {
        let (prices, measured) = (Prices::read().unwrap(), Measured::read().unwrap());
        let lines = report(&prices, &measured, 1_000_000).unwrap();
        let services = services::per_upload(&prices, &measured).unwrap();
        let services: f64 = services.values().sum::<f64>() * 1e6;
        for name in ["ours", "sharp_node", "sharp_node_tuned"] {
            let compute = value(&lines, &format!("usd_compute_per_million_{name}"))
                + value(&lines, &format!("usd_requests_per_million_{name}"))
                + value(&lines, &format!("usd_waits_per_million_{name}"));
            let total = value(&lines, &format!("usd_per_million_{name}"));
            assert!(
                (total - compute - services).abs() < 0.02,
                "{name}: {lines:?}"
            );
        }
    }

    #[test]
    fn half_the_uploads_cost_half_except_for_fixed_costs() {
        let (prices, measured) = (Prices::read().unwrap(), Measured::read().unwrap());
        let month = |uploads| {
            let lines = report(&prices, &measured, uploads).unwrap();
            let fixed = value(&lines, "usd_per_month_whatever_the_uploads");
            value(&lines, "usd_per_month_ours") - fixed
        };
        assert!((month(1_000_000) - 2.0 * month(500_000)).abs() < 0.05);
    }
}
