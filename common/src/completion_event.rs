//! The event on the bus that announces a finished image.
//!
//! `docs/events.md` is the contract, and a test compares this code with its examples. A version of
//! the schema may gain members. Removing a member, or changing its meaning, makes a new version.
//! The event holds no URL: access to an image is decided when a client asks for it.

use serde::Serialize;
use time::OffsetDateTime;

use crate::{keys::OriginalKey, record::Completion, timestamp};

/// The `source` of all events of this project.
pub const SOURCE: &str = "hikidashi";

/// The version of the schema below.
const VERSION: u32 = 1;

/// One event of the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletionEvent {
    /// `ImageReady` or `ImageFailed`.
    pub detail_type: &'static str,
    /// The detail as JSON.
    pub detail: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail<'a> {
    version: u32,
    stage: String,
    identity_id: &'a str,
    image_id: String,
    completed_at: String,
    #[serde(flatten)]
    result: Result<'a>,
}

#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Result<'a> {
    Ready {
        width: u32,
        height: u32,
        format: &'static str,
        thumbnails: Vec<&'a str>,
    },
    Failed {
        code: &'a str,
    },
}

impl CompletionEvent {
    /// Creates the event of an original from its completion.
    pub fn new(
        key: &OriginalKey,
        completion: &Completion,
        completed_at: OffsetDateTime,
    ) -> std::result::Result<Self, serde_json::Error> {
        let (detail_type, result) = match completion {
            Completion::Ready(facts) => (
                "ImageReady",
                Result::Ready {
                    width: facts.width,
                    height: facts.height,
                    format: facts.format.name(),
                    thumbnails: facts
                        .thumbnails
                        .iter()
                        .map(|one| one.name.as_str())
                        .collect(),
                },
            ),
            Completion::Failed(failure) | Completion::GivenUp(failure) => (
                "ImageFailed",
                Result::Failed {
                    code: &failure.code,
                },
            ),
        };
        let detail = serde_json::to_string(&Detail {
            version: VERSION,
            stage: key.stage.to_string(),
            identity_id: key.identity.as_str(),
            image_id: key.image.to_string(),
            completed_at: timestamp::to_text(completed_at),
            result,
        })?;
        Ok(Self {
            detail_type,
            detail,
        })
    }
}

#[cfg(test)]
mod tests {
    use media::{
        failure::{Failure, FailureCode},
        media_type::MediaType,
        variant_format::VariantFormat,
    };
    use serde_json::Value;

    use super::*;
    use crate::{
        identity_id::IdentityId,
        image_id::ImageId,
        keys::Stage,
        record::{Capture, ImageDetails, Thumbnail},
    };

    /// Returns the example below a heading of `docs/events.md`.
    fn documented(heading: &str) -> Value {
        let manual = include_str!("../../docs/events.md");
        let (_, section) = manual.split_once(&format!("## {heading}\n")).unwrap();
        let (_, example) = section.split_once("```json\n").unwrap();
        let (example, _) = example.split_once("```").unwrap();
        serde_json::from_str(example).unwrap()
    }

    fn event(completion: &Completion) -> CompletionEvent {
        let key = OriginalKey {
            stage: Stage::parse("dev").unwrap(),
            identity: IdentityId::parse("eu-west-1:0a1b2c3d-0000-4000-8000-0123456789ab").unwrap(),
            image: ImageId::parse("01a206e3-c5c7-728c-b45a-d8a0b43dfdfc").unwrap(),
            extension: MediaType::Jpeg.into(),
        };
        let at = timestamp::parse("2026-01-31T12:00:01.214Z").unwrap();
        CompletionEvent::new(&key, completion, at).unwrap()
    }

    #[test]
    fn a_ready_image_is_told_as_the_manual_has_it() {
        let thumbnail = |name: &str| Thumbnail {
            name: name.to_owned(),
            width: 1,
            height: 1,
            size_bytes: 1,
            format: VariantFormat::Jpeg,
            etag: None,
        };
        let event = event(&Completion::Ready(ImageDetails {
            width: 2725,
            height: 2225,
            format: MediaType::Jpeg,
            sha256: "ab".repeat(32),
            is_animated: Some(false),
            placeholder: None,
            thumbnails: ["small", "medium", "large"].map(thumbnail).into(),
            variant_set: None,
            capture: Capture::default(),
        }));
        let documented = documented("ImageReady");
        assert_eq!(event.detail_type, documented["detail-type"]);
        assert_eq!(SOURCE, documented["source"]);
        let detail: Value = serde_json::from_str(&event.detail).unwrap();
        assert_eq!(detail, documented["detail"]);
    }

    #[test]
    fn a_failed_image_is_told_as_the_manual_has_it() {
        let failure = Failure::new(FailureCode::Corrupt, "for its owner");
        let event = event(&Completion::Failed(failure));
        let documented = documented("ImageFailed");
        assert_eq!(event.detail_type, documented["detail-type"]);
        let detail: Value = serde_json::from_str(&event.detail).unwrap();
        assert_eq!(detail, documented["detail"]);
    }

    #[test]
    fn no_event_holds_a_link() {
        let failure = Failure::new(FailureCode::Corrupt, "https://for-its-owner");
        assert!(!event(&Completion::Failed(failure)).detail.contains("://"));
    }
}
