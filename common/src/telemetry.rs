//! Logs: one JSON object a line, for CloudWatch.

use tracing_subscriber::EnvFilter;

/// Starts logging. `filter` is a level or a list of `target=level`; what does not parse means `info`.
pub fn start(filter: Option<&str>) {
    let filter = filter
        .and_then(|text| EnvFilter::try_new(text).ok())
        .unwrap_or_else(|| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(std::io::stdout)
        // A second start (in tests) changes nothing.
        .try_init()
        .unwrap_or_default();
}
