//! S3's event notifications, as in the body of an SQS message.

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use thiserror::Error;
use time::OffsetDateTime;

use crate::{keys::OriginalKey, sequencer::Sequencer, timestamp};

/// The kind of change of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// `ObjectCreated:*`: the object was written. It may be gone since.
    Created,
    /// `ObjectRemoved:*`: the object was removed. It may be back since.
    Removed,
}

/// One record of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectChange {
    /// The kind of change.
    pub change: Change,
    /// The bucket's name.
    pub bucket: String,
    /// The key, decoded.
    pub key: String,
    /// The position in the order of this key's events.
    pub sequencer: Sequencer,
    /// The object's size in bytes, of an object that was written. It may have another one by now.
    pub size_bytes: Option<u64>,
    /// The time of the event, by S3's clock. It serves metrics only, and no decision depends on it.
    pub happened_at: Option<OffsetDateTime>,
}

/// The error for a message body that is not a notification of S3. A retry can't help.
#[derive(Debug, Error)]
pub enum EventError {
    /// The body is not JSON of the expected shape.
    #[error("the body is not an S3 notification")]
    Shape(#[source] serde_json::Error),
    /// The event's name is neither `ObjectCreated` nor `ObjectRemoved`.
    #[error("the event {0:?} is neither ObjectCreated nor ObjectRemoved")]
    Kind(String),
    /// A field is missing that S3 always sets.
    #[error("the notification has no {0}")]
    Missing(&'static str),
    /// The key does not decode to UTF-8.
    #[error("the key is not percent-encoded UTF-8")]
    Key,
    /// The sequencer is not hexadecimal.
    #[error("the sequencer {0:?} is not hexadecimal")]
    Sequencer(String),
}

impl EventError {
    /// Returns the name of the error, as the value of a metric's dimension.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Shape(_) => "no_notification",
            Self::Kind(_) => "other_event",
            Self::Missing(_) => "incomplete",
            Self::Key => "key_encoding",
            Self::Sequencer(_) => "sequencer",
        }
    }
}

/// The fields of a notification that decide anything here. The type of the events crate requires
/// every field that AWS documents, and so refuses a notification of an S3 emulator.
#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

/// A notification with all fields of its records. The test event has none.
#[derive(Deserialize)]
struct AnyNotification {
    #[serde(rename = "Records", default)]
    records: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "eventName")]
    event_name: Option<String>,
    #[serde(rename = "eventTime")]
    event_time: Option<String>,
    s3: Entity,
}

#[derive(Deserialize)]
struct Entity {
    bucket: Bucket,
    object: Object,
}

#[derive(Deserialize)]
struct Bucket {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Object {
    key: Option<String>,
    #[serde(default)]
    size: serde_json::Value,
    sequencer: Option<String>,
}

/// The test event, which S3 sends once when a notification is configured. It has no `Records`.
#[derive(Deserialize)]
struct TestEvent {
    #[serde(rename = "Event")]
    event: String,
}

/// Parses a message body. `s3:TestEvent` gives no changes.
pub fn parse(body: &str) -> Result<Vec<ObjectChange>, EventError> {
    match serde_json::from_str::<Notification>(body) {
        Ok(event) => event.records.into_iter().map(parse_record).collect(),
        Err(error) => match serde_json::from_str::<TestEvent>(body) {
            Ok(test) if test.event == "s3:TestEvent" => Ok(Vec::new()),
            _ => Err(EventError::Shape(error)),
        },
    }
}

/// Parses a message body, and returns each change with a body of its own: the notification of this
/// change alone. S3 puts one record into a message today, but reserves the right to put more.
pub fn split(body: &str) -> Result<Vec<(ObjectChange, String)>, EventError> {
    let changes = parse(body)?;
    if changes.len() == 1 {
        return Ok(changes
            .into_iter()
            .map(|one| (one, body.to_owned()))
            .collect());
    }
    let whole: AnyNotification = serde_json::from_str(body).map_err(EventError::Shape)?;
    let bodies = whole
        .records
        .into_iter()
        .map(|record| serde_json::json!({ "Records": [record] }).to_string());
    Ok(changes.into_iter().zip(bodies).collect())
}

/// Formats the message body that makes the worker process an original again: a *replay* of the last
/// event that its record has seen, or, where the record has seen none, of an event before all
/// others.
///
/// A replay needs no rule of its own, because at-least-once delivery does the same: it delivers an
/// event again, at any later time. Whatever the event says, the worker reads the bucket, and the
/// table accepts the write if the event is not older than the record. So, whenever a replay
/// arrives,
///
/// - a record that has not changed since the replay was made accepts the write, since the
///   sequencers are equal, and keeps its sequencer;
/// - a record that a later event has written refuses the write;
/// - a missing record is created with the sequencer of the replay. A real event that is still in
///   flight has a greater sequencer, or finds nothing left to do;
/// - the variants and the record of an original that was deleted meanwhile are removed, as after
///   any event.
///
/// A made-up sequencer greater than all others would complete every record too, but the later real
/// events would be refused. Copying the original onto itself would get a sequencer from S3, but
/// needs the right to write originals.
pub fn replay(bucket: &str, key: &OriginalKey, seen: Option<&Sequencer>) -> String {
    let zero = Sequencer::zero();
    let record = serde_json::json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Replay",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": bucket},
            // The colon of the identity id is the only character in these keys that needs encoding.
            "object": {"key": key.to_string().replace(':', "%3A"), "sequencer": seen.unwrap_or(&zero).as_str()},
        },
    });
    serde_json::json!({ "Records": [record] }).to_string()
}

fn parse_record(record: Record) -> Result<ObjectChange, EventError> {
    let name = record.event_name.ok_or(EventError::Missing("eventName"))?;
    // S3's configuration has the prefix `s3:` and its events do not, but emulators differ.
    let change = match name.strip_prefix("s3:").unwrap_or(&name) {
        name if name.starts_with("ObjectCreated:") => Change::Created,
        name if name.starts_with("ObjectRemoved:") => Change::Removed,
        _ => return Err(EventError::Kind(name)),
    };
    let key = record
        .s3
        .object
        .key
        .ok_or(EventError::Missing("object key"))?;
    let sequencer = record
        .s3
        .object
        .sequencer
        .ok_or(EventError::Missing("sequencer"))?;
    Ok(ObjectChange {
        change,
        bucket: record
            .s3
            .bucket
            .name
            .ok_or(EventError::Missing("bucket name"))?,
        key: decode_key(&key).ok_or(EventError::Key)?,
        sequencer: Sequencer::parse(&sequencer).map_err(|_| EventError::Sequencer(sequencer))?,
        size_bytes: record.s3.object.size.as_u64(),
        happened_at: record.event_time.as_deref().and_then(timestamp::parse),
    })
}

/// Decodes a key. Keys in events are form-encoded: `+` is a space and a plus sign is `%2B`, so `+`
/// is replaced first.
fn decode_key(key: &str) -> Option<String> {
    let spaced = key.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(name: &str, key: &str, sequencer: &str) -> String {
        serde_json::json!({"Records": [{
            "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1",
            "eventTime": "2026-01-31T12:00:00.000Z", "eventName": name,
            "userIdentity": {"principalId": "AWS:X"},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": "1", "x-amz-id-2": "2"},
            "s3": {"s3SchemaVersion": "1.0", "configurationId": "c",
                "bucket": {"name": "uploads", "ownerIdentity": {"principalId": "X"}, "arn": "arn:aws:s3:::uploads"},
                "object": {"key": key, "size": 3, "eTag": "e", "sequencer": sequencer}}
        }]})
        .to_string()
    }

    #[test]
    fn a_key_is_decoded_once() {
        let changes = parse(&body(
            "ObjectCreated:Put",
            "a/eu-west-1%3A1/x+y%2Bz%2525.jpg",
            "0A",
        ))
        .unwrap();
        assert_eq!(changes[0].key, "a/eu-west-1:1/x y+z%25.jpg");
        assert_eq!(changes[0].change, Change::Created);
        assert_eq!(changes[0].bucket, "uploads");
        let happened_at = changes[0].happened_at.map(timestamp::to_text);
        assert_eq!(happened_at.as_deref(), Some("2026-01-31T12:00:00Z"));
    }

    #[test]
    fn the_records_of_a_message_become_messages_of_their_own() {
        let [one, other] = ["a/x+y.jpg", "b"].map(|key| body("ObjectCreated:Put", key, "0A"));
        assert_eq!(
            split(&one).unwrap(),
            [(parse(&one).unwrap().remove(0), one.clone())]
        );

        let [first, second] = [&one, &other].map(|body| {
            let mut value: serde_json::Value = serde_json::from_str(body).unwrap();
            value["Records"][0].take()
        });
        let both = serde_json::json!({"Records": [first, second]}).to_string();
        let split_up = split(&both).unwrap();
        assert_eq!(split_up.len(), 2);
        for ((change, body), whole) in split_up.iter().zip([&one, &other]) {
            for body in [body, whole] {
                assert_eq!(parse(body).unwrap(), std::slice::from_ref(change));
            }
        }
    }

    #[test]
    fn every_kind_of_removal_is_a_removal() {
        for name in [
            "ObjectRemoved:Delete",
            "ObjectRemoved:DeleteMarkerCreated",
            "s3:ObjectRemoved:Delete",
        ] {
            assert_eq!(
                parse(&body(name, "k", "1")).unwrap()[0].change,
                Change::Removed
            );
        }
    }

    #[test]
    fn a_replay_is_understood_and_has_the_sequencer_that_was_seen() {
        let stage = crate::keys::Stage::parse("dev").unwrap();
        let text = "original-files/dev/eu-west-1:01234567-89ab-cdef-0123-456789abcdef/0190a5d0-7bcd-7abc-8def-0123456789ab.jpg";
        let key = OriginalKey::parse(&stage, text).unwrap();
        let seen = Sequencer::parse("00AB").unwrap();
        for (seen, sequencer) in [(Some(&seen), &seen), (None, &Sequencer::zero())] {
            let changes = parse(&replay("uploads", &key, seen)).unwrap();
            assert_eq!(
                changes,
                [ObjectChange {
                    change: Change::Created,
                    bucket: "uploads".to_owned(),
                    key: text.to_owned(),
                    sequencer: sequencer.clone(),
                    size_bytes: None,
                    // A replay has no time, so that no time-to-ready is measured from it.
                    happened_at: None,
                }]
            );
        }
    }

    #[test]
    fn the_test_event_is_no_change() {
        let body = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-01-31T12:00:00.000Z","Bucket":"b"}"#;
        assert_eq!(parse(body).unwrap(), []);
        assert_eq!(split(body).unwrap(), []);
    }

    #[test]
    fn what_is_not_a_notification_is_an_error() {
        assert!(matches!(parse(""), Err(EventError::Shape(_))));
        assert!(matches!(parse("{}"), Err(EventError::Shape(_))));
        assert!(matches!(parse("[1,2]"), Err(EventError::Shape(_))));
        assert!(matches!(
            parse(r#"{"Event":"s3:Other"}"#),
            Err(EventError::Shape(_))
        ));
        assert!(matches!(
            parse(&body("ObjectRestore:Post", "k", "1")),
            Err(EventError::Kind(_))
        ));
        assert!(matches!(
            parse(&body("ObjectCreated:Put", "%FF", "1")),
            Err(EventError::Key)
        ));
        assert!(matches!(
            parse(&body("ObjectCreated:Put", "k", "xyz")),
            Err(EventError::Sequencer(_))
        ));
    }
}
