//! Everything but Lambda, which is the same whoever makes the pictures.

use std::collections::BTreeMap;

use super::tables::{Measured, Prices};

/// An upload is metered in pieces of this size, as it comes: the body as bytes.
const METERED_BYTES: f64 = 524_288.0;

/// The original, and the default variants.
const PUTS: f64 = 4.0;

/// The original is read once, and looked for once more.
const GETS: f64 = 2.0;

/// Units of 1 kB: the pending record, and the finished one, which is larger.
const WRITE_UNITS: f64 = 3.0;

/// To send (by S3), to receive and to delete, for a batch of one.
const QUEUE_REQUESTS: f64 = 3.0;

/// Of a finished record.
const RECORD_BYTES: f64 = 1_200.0;

/// Lambda's five pollers of each of three queues ask every 20 seconds, whether there is something
/// or not.
const POLLS_PER_MONTH: f64 = 3.0 * 5.0 * 3.0 * 60.0 * 730.0;

const GB: f64 = 1e9;

/// Dollars for one upload, by what they are for. Storage is that of one month.
pub(super) fn per_upload(
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

/// Dollars a month, whether anybody uploads or not. Metrics are charged by the hour in which they
/// are written, so that this is the most.
pub(super) fn per_month(prices: &Prices, measured: &Measured) -> anyhow::Result<f64> {
    let assumed = &measured.assumed;
    Ok(POLLS_PER_MONTH * prices.usd("sqs_request")?
        + assumed.custom_metrics * prices.usd("metric_month")?
        + assumed.alarm_metrics * prices.usd("alarm_metric_month")?
        + prices.usd("dashboard_month")?)
}
