//! The numbers of the worker's benchmark.

use std::collections::BTreeMap;

use super::{Batch, Latencies, Subject};
use crate::stats::{median, millis, percentile};
use local::console::line;

/// The medians of a subject.
pub(super) struct Figures {
    images_per_s: f64,
    billed_ms: f64,
    cpu_ms: f64,
    ready_ms: f64,
    ready_p99_ms: f64,
    peak_rss_mb: f64,
}

impl Figures {
    pub(super) fn of(size: usize, batches: &[Batch], peak_rss_mb: f64) -> Self {
        let images = as_f64(size);
        let ready = || {
            let all = batches.iter().flat_map(|batch| &batch.ready);
            all.map(|ready| millis(*ready))
        };
        let took = median(batches.iter().map(|batch| millis(batch.took)));
        Self {
            images_per_s: 1e3 * images / took,
            // Lambda bills whole milliseconds.
            billed_ms: took.ceil() / images,
            cpu_ms: median(batches.iter().map(|batch| millis(batch.cpu))) / images,
            ready_ms: median(ready()),
            ready_p99_ms: percentile(99, ready()),
            peak_rss_mb,
        }
    }

    pub(super) fn print(&self, name: &str) {
        let share = self.cpu_ms / self.billed_ms;
        line(format_args!("{name}_images_per_s={:.1}", self.images_per_s));
        line(format_args!(
            "{name}_billed_ms_per_image={:.1}",
            self.billed_ms
        ));
        line(format_args!("{name}_cpu_ms_per_image={:.1}", self.cpu_ms));
        line(format_args!("{name}_cpu_share={share:.2}"));
        line(format_args!("{name}_time_to_ready_ms={:.1}", self.ready_ms));
        line(format_args!(
            "{name}_time_to_ready_p99_ms={:.1}",
            self.ready_p99_ms
        ));
        line(format_args!("{name}_peak_rss_mb={:.1}", self.peak_rss_mb));
    }
}

pub(super) fn compare(
    size: usize,
    medians: &BTreeMap<(usize, Subject), Figures>,
    latencies: Latencies,
) {
    let (ours, node) = (
        &medians[&(size, Subject::Ours)],
        &medians[&(size, Subject::Node)],
    );
    let waits = millis(latencies.get + latencies.put + latencies.table);
    let name = format!("batch_{size}");
    line(format_args!(
        "{name}_billed_to_cpu={:.2}",
        ours.billed_ms / ours.cpu_ms
    ));
    if size == 1 {
        let floor = waits + ours.cpu_ms;
        line(format_args!(
            "{name}_ready_to_floor={:.2}",
            ours.ready_ms / floor
        ));
    }
    line(format_args!(
        "{name}_images_per_s_ratio_to_node={:.2}",
        ours.images_per_s / node.images_per_s
    ));
    line(format_args!(
        "{name}_cpu_ratio_to_node={:.2}",
        node.cpu_ms / ours.cpu_ms
    ));
    line(format_args!(
        "{name}_peak_rss_ratio_to_node={:.2}",
        node.peak_rss_mb / ours.peak_rss_mb
    ));
}

fn as_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
