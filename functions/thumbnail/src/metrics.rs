//! The metric lines of the worker: one for each event, and one for each batch.

use aws::worker_store::Outcome;
use common::{
    image_id::ImageId,
    metrics::{Dimension, Metric, MetricLine},
};
use engine::Timings;
use media::failure::FailureCode;
use time::OffsetDateTime;

/// A report that is filled in while an event is processed, as far as that gets.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The image.
    pub image: Option<ImageId>,
    /// The time of the event, by S3's clock.
    pub happened_at: Option<OffsetDateTime>,
    /// The facts about the original.
    pub seen: Seen,
}

/// Facts about an original.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The size in bytes.
    pub bytes: Option<u64>,
    /// The engine's timings.
    pub timings: Option<Timings>,
    /// The failure code of an image that can't be processed.
    pub code: Option<String>,
}

impl Report {
    /// Adds the report to a metric line. Without an outcome, the message returns to the queue.
    pub(crate) fn write(
        &self,
        line: MetricLine,
        outcome: Option<Outcome>,
        now: OffsetDateTime,
    ) -> MetricLine {
        let mut line = line
            .dimension(
                Dimension::Outcome,
                outcome.map_or("returned", Outcome::name),
            )
            .count(Metric::EventsProcessed, 1);
        if let Some(image) = self.image {
            line = line.image(image);
        }
        if let Some(bytes) = self.seen.bytes {
            line = line.count(Metric::OriginalBytes, bytes);
        }
        if let Some(timings) = self.seen.timings {
            line = line
                .time(Metric::DecodeTime, timings.decode)
                .time(Metric::ResizeTime, timings.resize)
                .time(Metric::EncodeTime, timings.encode);
        }
        if let Some(Outcome::Failed | Outcome::OverQuota) = outcome {
            // An unknown code counts as `other`, so that it does not create a metric of its own.
            let code = match outcome {
                // Known to the table only, after the image was processed.
                Some(Outcome::OverQuota) => Some(FailureCode::OverQuota),
                _ => self.seen.code.as_deref().and_then(FailureCode::parse),
            };
            line = line
                .dimension(Dimension::Code, code.map_or("other", FailureCode::as_str))
                .count(Metric::Failures, 1);
        }
        if let Some(Outcome::Ignored(unrelated)) = outcome {
            line = of_unrelated(line, unrelated.name());
        }
        let waited = self.happened_at.map(|at| now - at);
        match waited.and_then(|waited| waited.try_into().ok()) {
            Some(waited) if outcome == Some(Outcome::Ready) => {
                line.time(Metric::TimeToReady, waited)
            }
            _ => line,
        }
    }
}

/// Adds the count of an unrelated message or event to a metric line.
pub(crate) fn of_unrelated(line: MetricLine, kind: &'static str) -> MetricLine {
    line.dimension(Dimension::Kind, kind)
        .count(Metric::UnrelatedMessages, 1)
}

/// Adds the counts of a batch to a metric line.
pub(crate) fn of_batch(
    line: MetricLine,
    messages: u64,
    retries: u64,
    batch_item_failures: u64,
) -> MetricLine {
    line.count(Metric::BatchSize, messages)
        .count(Metric::RetriedMessages, retries)
        .count(Metric::BatchItemFailures, batch_item_failures)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws::worker_store::Unrelated;
    use common::keys::Stage;
    use serde_json::{Value, json};

    use super::*;

    fn line() -> MetricLine {
        MetricLine::new(&Stage::parse("dev").unwrap(), OffsetDateTime::UNIX_EPOCH).request("r1")
    }

    fn without_directives(line: &MetricLine) -> Value {
        let mut said = line.to_json();
        said.as_object_mut().unwrap().remove("_aws");
        said
    }

    fn report(image: ImageId) -> Report {
        Report {
            image: Some(image),
            happened_at: Some(OffsetDateTime::UNIX_EPOCH),
            seen: Seen {
                bytes: Some(7),
                timings: Some(Timings {
                    decode: Duration::from_micros(9_600),
                    resize: Duration::from_micros(4_500),
                    encode: Duration::from_millis(10),
                }),
                code: None,
            },
        }
    }

    #[test]
    fn an_image_says_how_long_it_took_and_how_long_it_was_waited_for() {
        let image = ImageId::new();
        let now = OffsetDateTime::UNIX_EPOCH + Duration::from_millis(812);
        let line = report(image).write(line(), Some(Outcome::Ready), now);
        assert_eq!(
            without_directives(&line),
            json!({
                "stage": "dev", "outcome": "ready", "EventsProcessed": 1, "TimeToReady": 812.0, "OriginalBytes": 7,
                "DecodeTime": 9.6, "ResizeTime": 4.5, "EncodeTime": 10.0,
                "requestId": "r1", "imageId": image.to_string(),
            })
        );
    }

    #[test]
    fn an_event_of_another_bucket_is_counted_as_one() {
        let outcome = Some(Outcome::Ignored(Unrelated::Bucket));
        let line = Report::default().write(line(), outcome, OffsetDateTime::UNIX_EPOCH);
        assert_eq!(
            without_directives(&line),
            json!({
                "stage": "dev", "outcome": "ignored", "EventsProcessed": 1, "kind": "other_bucket", "UnrelatedMessages": 1,
                "requestId": "r1",
            })
        );
    }

    #[test]
    fn a_failed_image_says_its_code_and_no_time_to_ready() {
        let image = ImageId::new();
        let report = Report {
            seen: Seen {
                bytes: Some(7),
                timings: None,
                code: Some("too_many_pixels".to_owned()),
            },
            ..report(image)
        };
        let line = report.write(line(), Some(Outcome::Failed), OffsetDateTime::UNIX_EPOCH);
        assert_eq!(
            without_directives(&line),
            json!({
                "stage": "dev", "outcome": "failed", "code": "too_many_pixels", "EventsProcessed": 1, "Failures": 1,
                "OriginalBytes": 7, "requestId": "r1", "imageId": image.to_string(),
            })
        );
    }

    #[test]
    fn an_original_beyond_the_quota_counts_as_a_failure_with_its_code() {
        let line =
            Report::default().write(line(), Some(Outcome::OverQuota), OffsetDateTime::UNIX_EPOCH);
        assert_eq!(
            without_directives(&line),
            json!({
                "stage": "dev", "outcome": "failed", "code": "over_quota", "EventsProcessed": 1, "Failures": 1,
                "requestId": "r1",
            })
        );
    }

    #[test]
    fn a_code_from_elsewhere_is_not_a_metric_of_its_own() {
        let report = Report {
            seen: Seen {
                code: Some("no-such-code-1234".to_owned()),
                ..Seen::default()
            },
            ..Report::default()
        };
        let line = report.write(line(), Some(Outcome::Failed), OffsetDateTime::UNIX_EPOCH);
        assert_eq!(line.to_json()["code"], "other");
    }

    #[test]
    fn a_clock_that_goes_wrong_measures_nothing() {
        let early = OffsetDateTime::UNIX_EPOCH - Duration::from_secs(1);
        let line = report(ImageId::new()).write(line(), Some(Outcome::Ready), early);
        assert_eq!(line.to_json().get("TimeToReady"), None);
    }

    #[test]
    fn a_change_that_has_to_come_again_says_so() {
        let line = Report::default().write(line(), None, OffsetDateTime::UNIX_EPOCH);
        assert_eq!(line.to_json()["outcome"], "returned");
    }

    #[test]
    fn a_batch_says_how_many_messages_came_and_how_many_come_again() {
        assert_eq!(
            without_directives(&of_batch(line(), 10, 2, 1)),
            json!({"stage": "dev", "BatchSize": 10, "RetriedMessages": 2, "BatchItemFailures": 1, "requestId": "r1"})
        );
    }
}
