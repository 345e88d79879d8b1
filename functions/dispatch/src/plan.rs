//! What becomes of the messages of a batch, before anything is sent.

use std::collections::BTreeMap;

use aws::{job_queue::Job, worker_store::Unrelated};
use common::{
    error_chain::with_causes,
    keys::{OriginalKey, Stage},
    s3_event::{self, ObjectChange},
    sequencer::Sequencer,
};

/// The kind of S3's test event, which S3 sends when its notifications are configured, and which
/// names no object.
const TEST_EVENT: &str = "test_event";

/// The jobs of a batch.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The jobs to send, one for each key.
    pub jobs: Vec<PlannedJob>,
    /// The positions of messages that can't be read. They return to the queue, whose redrive policy
    /// moves them on.
    pub unreadable: Vec<usize>,
    /// The reasons why messages and events are not for the worker, one for each.
    pub unrelated: Vec<&'static str>,
    /// The number of events that a later one of the same key stands for.
    pub coalesced: u64,
}

/// A job, and the messages that are done with it.
#[derive(Debug)]
pub(crate) struct PlannedJob {
    pub job: Job,
    /// The positions of the messages whose events are in it.
    pub messages: Vec<usize>,
    sequencer: Sequencer,
}

impl Plan {
    /// Makes a plan of the messages' bodies.
    ///
    /// Of several events of one key the last stands for all: the worker looks at the bucket,
    /// whatever an event says, and the table refuses what an earlier one would write after it.
    pub(crate) fn of<'a>(
        stage: &Stage,
        bucket: &str,
        bodies: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut plan = Self::default();
        let mut by_key: BTreeMap<String, usize> = BTreeMap::new();
        for (position, body) in bodies.into_iter().enumerate() {
            let changes = match s3_event::split(body) {
                Ok(changes) => changes,
                Err(error) => {
                    let error_text = with_causes(&error);
                    tracing::error!(error = error_text, "S3 event does not parse");
                    plan.unrelated.push(error.name());
                    plan.unreadable.push(position);
                    continue;
                }
            };
            if changes.is_empty() {
                plan.unrelated.push(TEST_EVENT);
            }
            for (change, body) in changes {
                match owned_key(stage, bucket, &change) {
                    Ok(key) => {
                        let job = Job {
                            body,
                            owner: key.identity,
                        };
                        plan.add(&mut by_key, position, change, job);
                    }
                    Err(unrelated) => {
                        tracing::warn!(
                            bucket = change.bucket,
                            key = change.key,
                            "S3 event of an unrelated object; ignored"
                        );
                        plan.unrelated.push(unrelated.name());
                    }
                }
            }
        }
        plan
    }

    fn add(
        &mut self,
        by_key: &mut BTreeMap<String, usize>,
        position: usize,
        change: ObjectChange,
        job: Job,
    ) {
        let known = by_key.get(&change.key).copied();
        let Some(planned) = known.and_then(|known| self.jobs.get_mut(known)) else {
            by_key.insert(change.key, self.jobs.len());
            self.jobs.push(PlannedJob {
                job,
                messages: vec![position],
                sequencer: change.sequencer,
            });
            return;
        };
        self.coalesced += 1;
        planned.messages.push(position);
        if change.sequencer > planned.sequencer {
            planned.sequencer = change.sequencer;
            planned.job = job;
        }
    }
}

fn owned_key(stage: &Stage, bucket: &str, change: &ObjectChange) -> Result<OriginalKey, Unrelated> {
    if change.bucket != bucket {
        return Err(Unrelated::Bucket);
    }
    OriginalKey::parse(stage, &change.key).map_err(|_| Unrelated::Key)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ALICE: &str = "eu-west-1:01234567-89ab-cdef-0123-456789abcdef";
    const BOB: &str = "eu-west-1:11234567-89ab-cdef-0123-456789abcdef";
    const IMAGE: &str = "0190a5d0-7bcd-7abc-8def-0123456789ab";
    const OTHER: &str = "0190a5d0-7bcd-7abc-8def-0123456789ac";

    fn key(identity: &str, image: &str) -> String {
        format!("original-files/dev/{identity}/{image}.jpg")
    }

    fn record(name: &str, key: &str, sequencer: &str) -> Value {
        json!({"eventName": name, "s3": {
            "bucket": {"name": "uploads"},
            "object": {"key": key.replace(':', "%3A"), "sequencer": sequencer},
        }})
    }

    fn message(records: &[Value]) -> String {
        json!({ "Records": records }).to_string()
    }

    fn created(key: &str, sequencer: &str) -> String {
        message(&[record("ObjectCreated:Put", key, sequencer)])
    }

    fn plan(bodies: &[String]) -> Plan {
        let stage = Stage::parse("dev").unwrap();
        Plan::of(&stage, "uploads", bodies.iter().map(String::as_str))
    }

    #[test]
    fn a_job_is_of_the_owner_in_its_key_and_is_passed_on_as_it_is() {
        let bodies = [
            created(&key(ALICE, IMAGE), "1"),
            created(&key(BOB, IMAGE), "1"),
        ];
        let plan = plan(&bodies);
        let jobs: Vec<_> = plan
            .jobs
            .iter()
            .map(|one| (one.job.owner.as_str(), &one.job.body, &one.messages[..]))
            .collect();
        assert_eq!(
            jobs,
            [(ALICE, &bodies[0], &[0][..]), (BOB, &bodies[1], &[1][..])]
        );
    }

    #[test]
    fn the_last_event_of_a_key_stands_for_all_in_whatever_order_they_arrive() {
        let key = key(ALICE, IMAGE);
        let first = created(&key, "0A");
        let last = message(&[record("ObjectRemoved:Delete", &key, "0B")]);
        for bodies in [[&first, &last, &first], [&last, &first, &last]] {
            let plan = plan(&bodies.map(Clone::clone));
            assert_eq!(plan.jobs.len(), 1);
            assert_eq!(plan.jobs[0].job.body, last);
            assert_eq!(plan.jobs[0].messages, [0, 1, 2]);
            assert_eq!(plan.coalesced, 2);
        }
    }

    #[test]
    fn a_message_of_several_events_is_in_several_jobs() {
        let [one, other] = [IMAGE, OTHER].map(|image| key(ALICE, image));
        let both = message(&[
            record("ObjectCreated:Put", &one, "1"),
            record("ObjectCreated:Put", &other, "1"),
        ]);
        let plan = plan(&[both, created(&one, "2")]);
        let messages: Vec<_> = plan.jobs.iter().map(|job| job.messages.clone()).collect();
        assert_eq!(messages, [vec![0, 1], vec![0]]);
        for (job, key) in plan.jobs.iter().zip([&one, &other]) {
            assert_eq!(s3_event::parse(&job.job.body).unwrap()[0].key, *key);
        }
    }

    #[test]
    fn what_is_not_of_this_stage_is_counted_and_not_sent() {
        let mut elsewhere = record("ObjectCreated:Put", &key(ALICE, IMAGE), "1");
        elsewhere["s3"]["bucket"]["name"] = "another".into();
        let test = json!({"Event": "s3:TestEvent"}).to_string();
        let prod = key(ALICE, IMAGE).replace("/dev/", "/prod/");
        let plan = plan(&[message(&[elsewhere]), test, created(&prod, "1")]);
        assert_eq!(plan.unrelated, ["other_bucket", "test_event", "other_key"]);
        assert!(plan.jobs.is_empty() && plan.unreadable.is_empty());
    }

    #[test]
    fn a_message_that_does_not_parse_holds_up_no_other() {
        let plan = plan(&["no JSON".to_owned(), created(&key(ALICE, IMAGE), "1")]);
        assert_eq!(plan.unreadable, [0]);
        assert_eq!(plan.jobs.len(), 1);
        assert_eq!(plan.unrelated, ["no_notification"]);
    }
}
