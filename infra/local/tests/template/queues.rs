//! Queues, their readers, and the bucket's notifications.

use serde_json::json;

use crate::{property, refers_to, resource};

#[test]
fn the_bucket_waits_for_the_policy_that_lets_it_notify_the_queue() {
    assert_eq!(resource("Bucket")["DependsOn"], "EventsQueuePolicy");
    // A reference here would be a cycle.
    assert!(!refers_to(&resource("EventsQueuePolicy"), "Bucket"));
    assert!(refers_to(&resource("EventsQueuePolicy"), "EventsQueue"));
}

#[test]
fn a_message_stays_hidden_for_six_times_as_long_as_its_worker_may_run() {
    let seconds = |resource, name| property(resource, &[name]).as_u64().unwrap();
    for (queue, function) in [
        ("EventsQueue", "DispatchFunction"),
        ("Queue", "ThumbnailFunction"),
        ("RetryQueue", "ThumbnailFunction"),
        ("DeadLetterQueue", "DeadLetterFunction"),
    ] {
        let hidden = seconds(queue, "VisibilityTimeout");
        assert!(hidden >= 6 * seconds(function, "Timeout"), "{queue}");
    }
}

/// A message that fails with its batch delays its neighbours once: from then on each is received
/// alone.
#[test]
fn what_failed_in_a_batch_is_tried_alone() {
    assert_eq!(
        property("Queue", &["RedrivePolicy"]),
        json!({ "deadLetterTargetArn": { "Fn::GetAtt": ["RetryQueue", "Arn"] }, "maxReceiveCount": 1 })
    );
    let events = property("ThumbnailFunction", &["Events"]);
    let retries = events.as_object().unwrap().values().find(|event| {
        event["Properties"]["Queue"] == json!({ "Fn::GetAtt": ["RetryQueue", "Arn"] })
    });
    assert_eq!(retries.unwrap()["Properties"]["BatchSize"], 1);
    // The worker tells retries from first attempts by this name, for its metrics.
    assert_eq!(
        property("RetryQueue", &["QueueName"]),
        json!({ "Fn::Sub": "hikidashi-${Stage}-retry" })
    );
}

/// An event that the dispatcher can't send is not lost.
#[test]
fn what_can_t_be_dispatched_goes_to_the_worker_all_the_same() {
    let redrive = property("EventsQueue", &["RedrivePolicy", "deadLetterTargetArn"]);
    assert_eq!(redrive, json!({ "Fn::GetAtt": ["RetryQueue", "Arn"] }));
}

#[test]
fn only_originals_of_the_stage_are_notified_of() {
    let notifications = property("Bucket", &["NotificationConfiguration"]);
    let notifications = notifications["QueueConfigurations"].as_array().unwrap();
    assert_eq!(notifications.len(), 2);
    for notification in notifications {
        assert_eq!(
            notification["Queue"],
            json!({ "Fn::GetAtt": ["EventsQueue", "Arn"] })
        );
        assert_eq!(
            notification["Filter"]["S3Key"]["Rules"],
            json!([{ "Name": "prefix", "Value": { "Fn::Sub": "original-files/${Stage}/" } }])
        );
    }
}

#[test]
fn the_readers_of_queues_may_fail_single_messages() {
    let functions = [
        "DispatchFunction",
        "ThumbnailFunction",
        "DeadLetterFunction",
    ];
    let events = functions.map(|name| property(name, &["Events"]));
    let events = events.iter().flat_map(|events| events.as_object().unwrap());
    let events: Vec<_> = events.map(|(_, event)| event).collect();
    assert_eq!(events.len(), 4);
    for event in events {
        let responses = &event["Properties"]["FunctionResponseTypes"];
        assert_eq!(responses, &json!(["ReportBatchItemFailures"]));
    }
}
