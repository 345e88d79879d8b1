//! Cost of a million uploads, from measured times and a dated table of prices.
//!
//! Every value that is not measured is in `tools/bench/cost/measured.json` under `assumed`, and
//! every price of AWS is in `tools/bench/cost/prices.json`. `docs/cost.md` lists what is counted
//! and what is not.

use ::cost::{Compute, Measured, Prices, per_month, per_upload};
use local::console::line;

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
    let services = per_upload(prices, measured)?;
    let fixed = per_month(prices, measured)?;
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

#[cfg(test)]
mod tests {
    use local::deploy::template::Template;

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
        let services = per_upload(&prices, &measured).unwrap();
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
