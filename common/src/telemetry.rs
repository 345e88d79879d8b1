//! Logs: one JSON object a line, for CloudWatch.

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// Libraries that log whole requests below `info`: the Lambda runtime with the caller's token in it, and the SDK with
/// what is signed. Prefixes of targets.
const QUIET: [&str; 4] = ["aws_", "hyper", "lambda_runtime", "rustls"];

/// Starts logging. `filter` is a level or a list of `target=level`; what does not parse means `info`.
pub fn start(filter: Option<&str>) {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        // All of them, from the outside in: Lambda's has the request's id, and ours within it the image's.
        .with_current_span(false)
        .with_span_list(true)
        .with_env_filter(self::filter(filter))
        .with_writer(std::io::stdout)
        // A second start (in tests) changes nothing.
        .try_init()
        .unwrap_or_default();
}

/// `debug` and `trace` are for our own words: no level makes a library write a token to the log.
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
