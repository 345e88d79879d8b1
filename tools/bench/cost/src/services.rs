//! Cost of the services other than Lambda, which is the same for all subjects.

use std::collections::BTreeMap;

use crate::tables::{Measured, Prices};

/// Bytes of a metered unit of the HTTP API; the body counts as it is sent.
const METERED_BYTES: f64 = 524_288.0;

/// PUT requests for an upload: the original, and the default variants.
const PUTS: f64 = 4.0;

/// GET requests for an upload: the original is read once. The write of the record tells whether it
/// has changed meanwhile.
const GETS: f64 = 1.0;

/// Write units of 1 kB: the pending record, and the finished one, which is larger and is written to
/// the index too.
const WRITE_UNITS: f64 = 5.0;

/// Requests to send, to receive and to delete, for batches of one: in the queue of events, to which
/// S3 sends, and in that of jobs.
const QUEUE_REQUESTS: f64 = 6.0;

/// Bytes of a finished record, in the table and in its index.
const RECORD_BYTES: f64 = 2.0 * 1_400.0;

/// Polls of empty queues: Lambda's five pollers poll each of four queues every 20 seconds, with or
/// without messages.
const POLLS_PER_MONTH: f64 = 4.0 * 5.0 * 3.0 * 60.0 * 730.0;

const GB: f64 = 1e9;

/// Computes the dollars for one upload, by service. Storage is that of one month.
pub fn per_upload(
    prices: &Prices,
    measured: &Measured,
) -> anyhow::Result<BTreeMap<&'static str, f64>> {
    let assumed = &measured.assumed;
    let pieces = (measured.original_bytes / METERED_BYTES).ceil();
    let stored = (measured.original_bytes + measured.variant_bytes) / GB;
    Ok(BTreeMap::from([
        ("api", pieces * prices.usd("http_api_request_of_512_kb")?),
        (
            "s3_requests",
            PUTS * prices.usd("s3_put")? + GETS * prices.usd("s3_get")?,
        ),
        ("s3_storage_month", stored * prices.usd("s3_gb_month")?),
        (
            "dynamodb",
            WRITE_UNITS * prices.usd("dynamodb_write_unit")?
                + RECORD_BYTES / GB * prices.usd("dynamodb_gb_month")?,
        ),
        ("sqs", QUEUE_REQUESTS * prices.usd("sqs_request")?),
        (
            "logs",
            assumed.log_bytes_per_upload / GB * prices.usd("logs_gb")?,
        ),
        (
            "traces",
            assumed.traces_per_upload * assumed.traced_share * prices.usd("xray_trace")?,
        ),
    ]))
}

/// Computes the dollars per month that do not depend on the uploads. Metrics are charged only for
/// the hours in which they are written, so this is the maximum.
pub fn per_month(prices: &Prices, measured: &Measured) -> anyhow::Result<f64> {
    let assumed = &measured.assumed;
    Ok(POLLS_PER_MONTH * prices.usd("sqs_request")?
        + assumed.custom_metrics * prices.usd("metric_month")?
        + assumed.alarm_metrics * prices.usd("alarm_metric_month")?
        + prices.usd("dashboard_month")?)
}
