//! Logging for CloudWatch: one JSON object for each line.

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// Target prefixes of libraries that log whole requests below `info`: the Lambda runtime logs the
/// caller's token, and the SDK logs what it signs.
const QUIET: [&str; 4] = ["aws_", "hyper", "lambda_runtime", "rustls"];

/// Starts logging. `filter` is a level or a list of `target=level`; a filter that does not parse
/// means `info`.
pub fn start(filter: Option<&str>) {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        // The list of spans has Lambda's with the request id, and within it the worker's with the
        // image id.
        .with_current_span(false)
        .with_span_list(true)
        .with_env_filter(self::filter(filter))
        .with_writer(std::io::stdout)
        // A second start (in tests) changes nothing.
        .try_init()
        .unwrap_or_default();
}

/// Parses a filter. `debug` and `trace` apply to this project's crates only: no level makes a
/// library log a token.
pub fn filter(text: Option<&str>) -> EnvFilter {
    let filter = text
        .and_then(|text| EnvFilter::try_new(text).ok())
        .unwrap_or_else(|| EnvFilter::new("info"));
    let is_terse = |level| level <= LevelFilter::INFO;
    if filter.max_level_hint().is_some_and(is_terse) {
        return filter;
    }
    QUIET
        .iter()
        .filter_map(|target| format!("{target}=info").parse().ok())
        .fold(filter, EnvFilter::add_directive)
}
