//! Metrics in CloudWatch's embedded metric format (EMF).
//!
//! One log line for each unit of work; CloudWatch extracts the numbers. No call is made, and
//! nothing waits.
//!
//! [`Metric`] and [`Dimension`] are closed lists. The values of dimensions are words of the code
//! and never data, because every combination of them is a metric that is paid for. The line's
//! properties, which can be searched and cost nothing, have the request's id and the image's, and
//! never an identity.
//!
//! The alarms and the dashboard of `infra/template.yaml` ask for these names. `tests` has the lines
//! letter by letter.
//!
//! The format is written here because the crates that write EMF bring a system of metrics along:
//! `metrique-writer` 0.1.29 with `metrique-writer-format-emf` 0.1.26 adds 75 crates to a function
//! whose cold start is counted in milliseconds, and `metrics_cloudwatch_embedded` 0.10.0 a global
//! registry, which sums up everything between two flushes. EMF is an object of JSON.

use std::{collections::BTreeMap, io::Write as _, time::Duration};

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::{image_id::ImageId, keys::Stage};

#[cfg(test)]
mod tests;

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Hikidashi";

/// The metrics.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr, strum::VariantArray,
)]
pub enum Metric {
    /// Requests to `POST /upload` and `POST /upload/presign`.
    Uploads,
    /// Bytes of accepted uploads, and the declared sizes of presigned ones.
    UploadBytes,
    /// Requests to `/images`.
    Requests,
    /// The duration of a credentials exchange with Cognito.
    ExchangeTime,
    /// 1 for a cached token, 0 for an exchanged one: the average is the hit rate.
    ExchangeCacheHits,
    /// S3 events that the dispatcher has read, by outcome.
    EventsDispatched,
    /// Processed S3 events, by outcome.
    EventsProcessed,
    /// The time from the S3 event to the record that says `ready`.
    TimeToReady,
    /// Bytes of an original that the worker read.
    OriginalBytes,
    /// The time from the file to pixels.
    DecodeTime,
    /// The time of resizing, all variants together.
    ResizeTime,
    /// The time of encoding, all variants together.
    EncodeTime,
    /// Images that failed, by code.
    Failures,
    /// Messages of a batch.
    BatchSize,
    /// Messages of a batch that return to the queue.
    BatchItemFailures,
    /// Messages of a batch with a receive count above one.
    RetriedMessages,
    /// Dead letters of a batch.
    DeadLetters,
    /// Messages and S3 events that are unrelated to this stage, by kind.
    UnrelatedMessages,
    /// Usage items that differed from the user's records, of a run of the reconciliation.
    UsageDrift,
}

/// The dimensions of metrics, beside the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Dimension {
    /// `upload`, `presign`
    Route,
    /// `accepted`, `refused`, `failed`; for S3 events `ready`, `removed` and the other outcomes.
    Outcome,
    /// The function's name.
    Function,
    /// The code of a failed image.
    Code,
    /// The reason why a message is unrelated.
    Kind,
}

/// The units of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Milliseconds,
}

impl Metric {
    /// The name in CloudWatch.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The unit of the metric's values.
    pub fn unit(self) -> Unit {
        match self {
            Self::UploadBytes | Self::OriginalBytes => Unit::Bytes,
            Self::ExchangeTime
            | Self::TimeToReady
            | Self::DecodeTime
            | Self::ResizeTime
            | Self::EncodeTime => Unit::Milliseconds,
            Self::Uploads
            | Self::Requests
            | Self::ExchangeCacheHits
            | Self::EventsDispatched
            | Self::EventsProcessed
            | Self::Failures
            | Self::BatchSize
            | Self::BatchItemFailures
            | Self::RetriedMessages
            | Self::DeadLetters
            | Self::UnrelatedMessages
            | Self::UsageDrift => Unit::Count,
        }
    }

    /// The metric's dimensions, beside the stage.
    pub fn dimensions(self) -> &'static [Dimension] {
        match self {
            Self::Uploads => &[Dimension::Route, Dimension::Outcome],
            Self::UploadBytes => &[Dimension::Route],
            Self::Requests | Self::EventsDispatched | Self::EventsProcessed => {
                &[Dimension::Outcome]
            }
            Self::ExchangeTime | Self::ExchangeCacheHits => &[Dimension::Function],
            Self::Failures => &[Dimension::Code],
            Self::UnrelatedMessages => &[Dimension::Kind],
            Self::TimeToReady
            | Self::OriginalBytes
            | Self::DecodeTime
            | Self::ResizeTime
            | Self::EncodeTime
            | Self::BatchSize
            | Self::BatchItemFailures
            | Self::RetriedMessages
            | Self::DeadLetters
            | Self::UsageDrift => &[],
        }
    }
}

impl Dimension {
    /// The name in CloudWatch.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Unit {
    /// The name in CloudWatch.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The outcome of a request with this HTTP status.
pub fn outcome_of(status: i64) -> &'static str {
    match status {
        ..400 => "accepted",
        400..500 => "refused",
        _ => "failed",
    }
}

/// The source of a user's credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialsSource {
    /// The cache knew the token.
    Memory,
    /// Cognito exchanged the token, in this time.
    Cognito(Duration),
}

/// The measurements of one unit of work.
#[derive(Clone, Debug)]
pub struct MetricLine {
    at: OffsetDateTime,
    stage: String,
    dimensions: BTreeMap<Dimension, &'static str>,
    values: BTreeMap<Metric, Value>,
    properties: BTreeMap<&'static str, String>,
}

impl MetricLine {
    /// An empty line. `at` is the end of the work.
    pub fn new(stage: &Stage, at: OffsetDateTime) -> Self {
        Self {
            at,
            stage: stage.to_string(),
            dimensions: BTreeMap::new(),
            values: BTreeMap::new(),
            properties: BTreeMap::new(),
        }
    }

    /// Sets a dimension; each metric of the line takes those that it has.
    #[must_use]
    pub fn dimension(mut self, dimension: Dimension, value: &'static str) -> Self {
        self.dimensions.insert(dimension, value);
        self
    }

    /// Adds a count of things or bytes.
    #[must_use]
    pub fn count(mut self, metric: Metric, value: u64) -> Self {
        self.values.insert(metric, json!(value));
        self
    }

    /// Adds a duration, to the microsecond.
    #[must_use]
    pub fn time(mut self, metric: Metric, value: Duration) -> Self {
        let millis = (value.as_secs_f64() * 1e6).round() / 1e3;
        self.values.insert(metric, json!(millis));
        self
    }

    /// Adds the cache hit or the exchange of the caller's credentials.
    #[must_use]
    pub fn exchange(self, source: CredentialsSource) -> Self {
        match source {
            CredentialsSource::Memory => self.count(Metric::ExchangeCacheHits, 1),
            CredentialsSource::Cognito(time) => self
                .count(Metric::ExchangeCacheHits, 0)
                .time(Metric::ExchangeTime, time),
        }
    }

    /// Sets the Lambda request id.
    #[must_use]
    pub fn request(mut self, request_id: &str) -> Self {
        self.properties.insert("requestId", request_id.to_owned());
        self
    }

    /// Sets the image id.
    #[must_use]
    pub fn image(mut self, image: ImageId) -> Self {
        self.properties.insert("imageId", image.to_string());
        self
    }

    /// Sets the reason of a refusal or failure.
    #[must_use]
    pub fn reason(mut self, reason: &'static str) -> Self {
        self.properties.insert("reason", reason.to_owned());
        self
    }

    /// Writes the line to standard output, where CloudWatch finds it. The log's level does not
    /// apply: fewer words do not mean fewer numbers.
    pub fn emit(&self) {
        let mut line = self.to_json().to_string();
        line.push('\n');
        // One write keeps the line whole. A failure could be logged nowhere.
        drop(std::io::stdout().lock().write_all(line.as_bytes()));
    }

    /// The line as JSON. A dimension that was not set has the value `unknown`, so that it shows.
    pub fn to_json(&self) -> Value {
        let mut root = Map::new();
        let mut groups: BTreeMap<Vec<&str>, Vec<Value>> = BTreeMap::new();
        root.insert("stage".to_owned(), json!(self.stage));
        for (metric, value) in &self.values {
            let mut names = vec!["stage"];
            for dimension in metric.dimensions() {
                let value = self.dimensions.get(dimension).unwrap_or(&"unknown");
                root.insert(dimension.name().to_owned(), json!(value));
                names.push(dimension.name());
            }
            let definition = json!({"Name": metric.name(), "Unit": metric.unit().name()});
            groups.entry(names).or_default().push(definition);
            root.insert(metric.name().to_owned(), value.clone());
        }
        for (name, value) in &self.properties {
            root.insert((*name).to_owned(), json!(value));
        }
        let directives: Vec<Value> = groups
            .into_iter()
            .map(|(dimensions, metrics)| {
                json!({"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": metrics})
            })
            .collect();
        let millis = self.at.unix_timestamp_nanos() / 1_000_000;
        let millis = i64::try_from(millis).unwrap_or_default();
        root.insert(
            "_aws".to_owned(),
            json!({"Timestamp": millis, "CloudWatchMetrics": directives}),
        );
        Value::Object(root)
    }
}
