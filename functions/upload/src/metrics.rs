//! The metric line of an upload.

use common::{
    image_id::ImageId,
    metrics::{CredentialsSource, Dimension, Metric, MetricLine, outcome_of},
    record::ImageRecord,
};

/// A report that is filled in while a request is processed, as far as that gets.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The route, as the value of a metric's dimension.
    pub route: Option<&'static str>,
    /// The source of the credentials.
    pub exchange: Option<CredentialsSource>,
    /// The slug of the problem, if there is one.
    pub reason: Option<&'static str>,
    stored: Option<(ImageId, u64)>,
}

impl Report {
    /// Records an accepted upload.
    pub(crate) fn stored(&mut self, record: &ImageRecord) {
        self.stored = Some((record.image, record.size_bytes.unwrap_or_default()));
    }

    /// Adds the report to a metric line.
    pub(crate) fn write(&self, line: MetricLine, status: i64) -> MetricLine {
        let mut line = line
            .dimension(Dimension::Function, "upload")
            .dimension(Dimension::Route, self.route.unwrap_or("none"))
            .dimension(Dimension::Outcome, outcome_of(status))
            .count(Metric::Uploads, 1);
        if let Some(source) = self.exchange {
            line = line.exchange(source);
        }
        if let Some((image, bytes)) = self.stored {
            line = line.image(image).count(Metric::UploadBytes, bytes);
        }
        match self.reason {
            Some(reason) => line.reason(reason),
            None => line,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use common::keys::Stage;
    use serde_json::json;
    use time::OffsetDateTime;

    use super::*;

    fn line() -> MetricLine {
        MetricLine::new(&Stage::parse("dev").unwrap(), OffsetDateTime::UNIX_EPOCH).request("r1")
    }

    #[test]
    fn an_upload_says_what_was_stored_and_what_the_credentials_took() {
        let image = ImageId::new();
        let report = Report {
            route: Some("upload"),
            exchange: Some(CredentialsSource::Cognito(Duration::from_millis(40))),
            reason: None,
            stored: Some((image, 7)),
        };
        let mut said = report.write(line(), 201).to_json();
        said.as_object_mut().unwrap().remove("_aws");
        assert_eq!(
            said,
            json!({
                "stage": "dev", "function": "upload", "route": "upload", "outcome": "accepted",
                "Uploads": 1, "UploadBytes": 7, "ExchangeCacheHits": 0, "ExchangeTime": 40.0,
                "requestId": "r1", "imageId": image.to_string(),
            })
        );
    }

    #[test]
    fn a_refusal_says_why_and_measures_nothing_that_did_not_happen() {
        let report = Report {
            route: Some("presign"),
            reason: Some("body-too-large"),
            ..Report::default()
        };
        let mut said = report.write(line(), 413).to_json();
        said.as_object_mut().unwrap().remove("_aws");
        assert_eq!(
            said,
            json!({
                "stage": "dev", "route": "presign", "outcome": "refused",
                "Uploads": 1, "requestId": "r1", "reason": "body-too-large",
            })
        );
    }
}
