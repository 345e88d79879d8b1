//! The contract of the metrics with CloudWatch, the alarms and the dashboard.

use std::collections::BTreeSet;

use strum::VariantArray as _;

use super::*;

fn line() -> MetricLine {
    let at = OffsetDateTime::from_unix_timestamp(1_769_860_800).unwrap();
    MetricLine::new(&Stage::parse("dev").unwrap(), at)
}

#[test]
fn an_upload_is_this_line() {
    let image = ImageId::parse("01a206e3-c5c7-728c-b45a-d8a0b43dfdfc").unwrap();
    let line = line()
        .dimension(Dimension::Route, "upload")
        .dimension(Dimension::Outcome, "accepted")
        .dimension(Dimension::Function, "upload")
        .count(Metric::Uploads, 1)
        .count(Metric::UploadBytes, 829_183)
        .count(Metric::ExchangeCacheHits, 0)
        .time(Metric::ExchangeTime, Duration::from_micros(41_250))
        .request("c6af9ac6-7b61-11e6-9a41-93e8deadbeef")
        .image(image);
    assert_eq!(
        line.to_json(),
        json!({
            "_aws": {
                "Timestamp": 1_769_860_800_000_i64,
                "CloudWatchMetrics": [
                    {
                        "Namespace": "Hikidashi",
                        "Dimensions": [["stage", "function"]],
                        "Metrics": [
                            {"Name": "ExchangeTime", "Unit": "Milliseconds"},
                            {"Name": "ExchangeCacheHits", "Unit": "Count"},
                        ],
                    },
                    {
                        "Namespace": "Hikidashi",
                        "Dimensions": [["stage", "route"]],
                        "Metrics": [{"Name": "UploadBytes", "Unit": "Bytes"}],
                    },
                    {
                        "Namespace": "Hikidashi",
                        "Dimensions": [["stage", "route", "outcome"]],
                        "Metrics": [{"Name": "Uploads", "Unit": "Count"}],
                    },
                ],
            },
            "stage": "dev",
            "route": "upload",
            "outcome": "accepted",
            "function": "upload",
            "Uploads": 1,
            "UploadBytes": 829_183,
            "ExchangeCacheHits": 0,
            "ExchangeTime": 41.25,
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "imageId": "01a206e3-c5c7-728c-b45a-d8a0b43dfdfc",
        })
    );
}

/// Renaming a metric breaks alarms, dashboards and the tools of operators.
#[test]
fn these_are_all_metrics_with_their_units_and_dimensions() {
    let described: Vec<String> = Metric::VARIANTS
        .iter()
        .map(|metric| {
            let dimensions = metric.dimensions().iter().map(|dimension| dimension.name());
            let dimensions: Vec<_> = dimensions.collect();
            format!(
                "{} {} {}",
                metric.name(),
                metric.unit().name(),
                dimensions.join(",")
            )
        })
        .collect();
    assert_eq!(
        described,
        [
            "Uploads Count route,outcome",
            "UploadBytes Bytes route",
            "Requests Count outcome",
            "ExchangeTime Milliseconds function",
            "ExchangeCacheHits Count function",
            "EventsDispatched Count outcome",
            "EventsProcessed Count outcome",
            "TimeToReady Milliseconds ",
            "OriginalBytes Bytes ",
            "DecodeTime Milliseconds ",
            "ResizeTime Milliseconds ",
            "EncodeTime Milliseconds ",
            "Failures Count code",
            "BatchSize Count ",
            "BatchItemFailures Count ",
            "RetriedMessages Count ",
            "DeadLetters Count ",
            "UnrelatedMessages Count kind",
            "UsageDrift Count ",
        ]
    );
}

#[test]
fn a_metric_whose_dimension_was_forgotten_shows_as_unknown() {
    let line = line().count(Metric::Failures, 1).to_json();
    assert_eq!(line["code"], "unknown");
    assert_eq!(line["Failures"], 1);
}

#[test]
fn what_is_not_a_metric_s_dimension_is_not_in_its_line() {
    let line = line()
        .dimension(Dimension::Code, "corrupt")
        .count(Metric::BatchSize, 3)
        .to_json();
    assert_eq!(line.get("code"), None);
}

/// Tests that `docs/operations.md` lists every metric.
#[test]
fn every_metric_is_in_the_operator_s_manual() {
    let manual = include_str!("../../../docs/operations.md");
    let missing: BTreeSet<&str> = Metric::VARIANTS
        .iter()
        .map(|metric| metric.name())
        .filter(|name| !manual.contains(&format!("| `{name}` |")))
        .collect();
    assert_eq!(missing, BTreeSet::new());
}
