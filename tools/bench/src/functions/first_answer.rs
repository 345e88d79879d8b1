//! What the first answers of a function and of its peer in Node took.

use std::time::Duration;

use local::console::line;

use crate::stats::{median, millis};

/// Prints the medians, and the time that both wait for calls.
pub(super) fn report(function: &str, calls: Duration, ours: Vec<f64>, node: Vec<f64>) {
    let calls = millis(calls);
    let [ours, node] = [ours, node].map(median);
    let ratio = node / ours;
    line(format_args!("first_answer_{function}_calls_ms={calls:.0}"));
    line(format_args!("first_answer_{function}_ms={ours:.1}"));
    line(format_args!("first_answer_node_{function}_ms={node:.1}"));
    line(format_args!(
        "first_answer_ratio_of_node_{function}_to_{function}={ratio:.1}"
    ));
}
