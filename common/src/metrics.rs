//! Metrics, in CloudWatch's embedded format (EMF): one line of log for each unit of work, from which CloudWatch takes
//! the numbers by itself. No call is made, and nothing waits.
//!
//! What there is to measure is a closed list, [`Metric`], and so are the [`Dimension`]s; the values of these are words of
//! the code and never data, because every combination of them is a metric of its own, that is paid for. Who it was is
//! told by the line's properties, which can be searched and cost nothing: the request's id and the image's, and never
//! an identity.
//!
//! The alarms and the dashboard of `infra/template.yaml` ask for these names. `tests` has the lines letter by letter.
//!
//! By hand, because the crates that write EMF bring a system of metrics along: `metrique-writer` 0.1.29 with
//! `metrique-writer-format-emf` 0.1.26 adds 75 crates to a function whose cold start is counted in milliseconds, and
//! `metrics_cloudwatch_embedded` 0.10.0 a global registry, which sums up what happened between two flushes. This is an
//! object of JSON.

use std::{collections::BTreeMap, io::Write as _, time::Duration};

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::{image_id::ImageId, keys::Stage};

#[cfg(test)]
mod tests;

/// All metrics are in it.
pub const NAMESPACE: &str = "Hikidashi";

/// Everything that is measured.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr, strum::VariantArray,
)]
pub enum Metric {
    /// A request to store a picture, or to be allowed to.
    Uploads,
    /// Of what was accepted, or announced.
    UploadBytes,
    /// A request to `/images`.
    Requests,
    /// What Cognito took, where it was asked.
    ExchangeTime,
    /// 1 for a token that was known, 0 for one that had to be exchanged: the average is the rate.
    ExchangeCacheHits,
    /// An event of an original, and what became of it.
    EventsProcessed,
    /// From the moment when S3 had the original to the record that says `ready`.
    TimeToReady,
    /// Of an original that was read.
    OriginalBytes,
    /// From the file to pixels.
    DecodeTime,
    /// From pixels to fewer pixels, all variants together.
    ResizeTime,
    /// From pixels to files, all variants together.
    EncodeTime,
    /// A picture that can't be processed.
    Failures,
    /// Messages that came together.
    BatchSize,
    /// Messages of a batch that have to come again.
    BatchItemFailures,
    /// Messages of a batch that have come before.
    RetriedMessages,
    /// Messages that the worker has given up, read together.
    DeadLetters,
    /// A message, or an event in one, that is nothing of ours.
    UnrelatedMessages,
}

/// What a metric is told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Dimension {
    /// `upload`, `presign`
    Route,
    /// `accepted`, `refused`, `failed`, and of the worker's changes `ready`, `removed` and the like.
    Outcome,
    /// A function's name.
    Function,
    /// A code of a failed picture.
    Code,
    /// What is strange about a message.
    Kind,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
pub enum Unit {
    /// Things.
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

    /// What its numbers are.
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
            | Self::EventsProcessed
            | Self::Failures
            | Self::BatchSize
            | Self::BatchItemFailures
            | Self::RetriedMessages
            | Self::DeadLetters
            | Self::UnrelatedMessages => Unit::Count,
        }
    }

    /// What it is told apart by, beside the stage.
    pub fn dimensions(self) -> &'static [Dimension] {
        match self {
            Self::Uploads => &[Dimension::Route, Dimension::Outcome],
            Self::UploadBytes => &[Dimension::Route],
            Self::Requests | Self::EventsProcessed => &[Dimension::Outcome],
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
            | Self::DeadLetters => &[],
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

/// What became of a request, by its HTTP status.
pub fn outcome_of(status: i64) -> &'static str {
    match status {
        ..400 => "accepted",
        400..500 => "refused",
        _ => "failed",
    }
}

/// Where credentials came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialsSource {
    /// The token was known.
    Memory,
    /// Cognito was asked, and took so long.
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
    /// Nothing yet. `at` is when the work ended.
    pub fn new(stage: &Stage, at: OffsetDateTime) -> Self {
        Self {
            at,
            stage: stage.to_string(),
            dimensions: BTreeMap::new(),
            values: BTreeMap::new(),
            properties: BTreeMap::new(),
        }
    }

    /// A dimension of this line's metrics; each metric takes those that it has.
    #[must_use]
    pub fn dimension(mut self, dimension: Dimension, value: &'static str) -> Self {
        self.dimensions.insert(dimension, value);
        self
    }

    /// A number of things or bytes.
    #[must_use]
    pub fn count(mut self, metric: Metric, value: u64) -> Self {
        self.values.insert(metric, json!(value));
        self
    }

    /// A time, to the microsecond.
    #[must_use]
    pub fn time(mut self, metric: Metric, value: Duration) -> Self {
        let millis = (value.as_secs_f64() * 1e6).round() / 1e3;
        self.values.insert(metric, json!(millis));
        self
    }

    /// What the caller's credentials took.
    #[must_use]
    pub fn exchange(self, source: CredentialsSource) -> Self {
        match source {
            CredentialsSource::Memory => self.count(Metric::ExchangeCacheHits, 1),
            CredentialsSource::Cognito(time) => self
                .count(Metric::ExchangeCacheHits, 0)
                .time(Metric::ExchangeTime, time),
        }
    }

    /// The request whose work it was, as Lambda calls it.
    #[must_use]
    pub fn request(mut self, request_id: &str) -> Self {
        self.properties.insert("requestId", request_id.to_owned());
        self
    }

    /// The image that it was about.
    #[must_use]
    pub fn image(mut self, image: ImageId) -> Self {
        self.properties.insert("imageId", image.to_string());
        self
    }

    /// Why nothing came of it, as a word.
    #[must_use]
    pub fn reason(mut self, reason: &'static str) -> Self {
        self.properties.insert("reason", reason.to_owned());
        self
    }

    /// Writes it to standard output, which is where CloudWatch finds it. It goes past the log's level on purpose: who
    /// wants fewer words does not want fewer numbers.
    pub fn emit(&self) {
        let mut line = self.to_json().to_string();
        line.push('\n');
        // One write, so that it stays one line. Nobody could be told that the log is gone.
        drop(std::io::stdout().lock().write_all(line.as_bytes()));
    }

    /// The line. A metric one of whose dimensions was not said is told apart as `unknown`: it is not lost, and it shows.
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
