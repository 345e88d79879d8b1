//! Attacks on the queues: forged events, lost events, read dead letters.

use serde_json::{Value, json};

use super::records_read::with;
use crate::{
    attack::{Attack, DeniedBy, Expected},
    call::{Service, Signer, json as json_call},
    fixture::Fixture,
};

const HARMFUL: &str = "it would change the queue";

type Url = fn(&Fixture) -> String;

/// The id, the description, the action, the operation, and the parameters.
type Change = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    fn(&Fixture) -> Value,
);

const QUEUES: [(&str, Url); 5] = [
    ("events", |s| s.target.outputs.events_queue_url.clone()),
    ("queue", |s| s.target.outputs.queue_url.clone()),
    ("retries", |s| s.target.outputs.retry_queue_url.clone()),
    ("dead-letters", |s| {
        s.target.outputs.dead_letter_queue_url.clone()
    }),
    ("unreadable", |s| {
        s.target.outputs.unreadable_queue_url.clone()
    }),
];

/// Returns a removal event for the victim's original, in the form that S3 writes.
fn event(fixture: &Fixture) -> String {
    json!({"Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": fixture.target.outputs.region,
        "eventTime": "2026-01-01T00:00:00.000Z", "eventName": "ObjectRemoved:Delete",
        "s3": {
            "bucket": {"name": fixture.bucket()},
            "object": {"key": fixture.their_original(), "sequencer": "FFFFFFFFFFFFFFFF"},
        },
    }]})
    .to_string()
}

#[expect(clippy::too_many_lines, reason = "a list, and no logic")]
pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for (queue, url) in QUEUES {
        let call = move |s: &Fixture, operation: &str, more: Value| {
            json_call(
                Service::Sqs,
                operation,
                &with(json!({"QueueUrl": url(s)}), more),
            )
        };
        let attack = |verb: &str, tries: &str, action: &'static str| {
            (
                format!("{queue}-{verb}"),
                format!("{tries} ({queue})"),
                DeniedBy::NotGranted(action),
            )
        };
        let changes: [Change; 9] = [
            (
                "send",
                "forge a removal event of the victim's image",
                "sqs:SendMessage",
                "SendMessage",
                |s| json!({"MessageBody": event(s)}),
            ),
            (
                "send-batch",
                "forge events in a batch",
                "sqs:SendMessage",
                "SendMessageBatch",
                |s| json!({"Entries": [{"Id": "1", "MessageBody": event(s)}]}),
            ),
            (
                "receive",
                "take the victim's events away",
                "sqs:ReceiveMessage",
                "ReceiveMessage",
                |_| json!({"MaxNumberOfMessages": 10}),
            ),
            (
                "delete-message",
                "delete a message",
                "sqs:DeleteMessage",
                "DeleteMessage",
                |_| json!({"ReceiptHandle": "x"}),
            ),
            (
                "hide",
                "hide a message",
                "sqs:ChangeMessageVisibility",
                "ChangeMessageVisibility",
                |_| json!({"ReceiptHandle": "x", "VisibilityTimeout": 43200}),
            ),
            (
                "purge",
                "purge the queue",
                "sqs:PurgeQueue",
                "PurgeQueue",
                |_| json!({}),
            ),
            (
                "set",
                "keep messages for a minute only",
                "sqs:SetQueueAttributes",
                "SetQueueAttributes",
                |_| json!({"Attributes": {"MessageRetentionPeriod": "60"}}),
            ),
            (
                "grant",
                "let the attacker's account send",
                "sqs:AddPermission",
                "AddPermission",
                |_| json!({"Label": "x", "AWSAccountIds": ["999999999999"], "Actions": ["SendMessage"]}),
            ),
            (
                "delete",
                "delete the queue",
                "sqs:DeleteQueue",
                "DeleteQueue",
                |_| json!({}),
            ),
        ];
        for (verb, tries, action, operation, more) in changes {
            let (id, tries, denied_by) = attack(verb, tries, action);
            attacks.push(
                Attack::new(id, tries, denied_by, move |s| call(s, operation, more(s)))
                    .uncontrolled(HARMFUL),
            );
        }
        let (id, tries, denied_by) = attack(
            "attributes",
            "read the queue's attributes",
            "sqs:GetQueueAttributes",
        );
        attacks.push(Attack::new(id, tries, denied_by, move |s| {
            call(s, "GetQueueAttributes", json!({"AttributeNames": ["All"]}))
        }));
        let (id, tries, _) = attack("send-unsigned", "send without a name", "sqs:SendMessage");
        let denied_by = DeniedBy::Gateway("SQS takes nothing unsigned that no queue policy allows");
        attacks.push(
            Attack::new(id, tries, denied_by, move |s| {
                call(s, "SendMessage", json!({"MessageBody": event(s)})).by(Signer::Anonymous)
            })
            .expecting(Expected::Status(&[400, 401, 403]))
            .uncontrolled(HARMFUL),
        );
    }
    attacks.extend([
        Attack::new(
            "queues-list",
            "list queues",
            DeniedBy::NotGranted("sqs:ListQueues"),
            |_| json_call(Service::Sqs, "ListQueues", &json!({})),
        ),
        Attack::new(
            "queues-url",
            "ask for a queue's URL",
            DeniedBy::NotGranted("sqs:GetQueueUrl"),
            |s| {
                json_call(
                    Service::Sqs,
                    "GetQueueUrl",
                    &json!({"QueueName": format!("hikidashi-{}", s.target.stage)}),
                )
            },
        ),
        Attack::new(
            "queues-sources",
            "ask whose dead letters these are",
            DeniedBy::NotGranted("sqs:ListDeadLetterSourceQueues"),
            |s| {
                json_call(
                    Service::Sqs,
                    "ListDeadLetterSourceQueues",
                    &json!({"QueueUrl": s.target.outputs.dead_letter_queue_url}),
                )
            },
        ),
        Attack::new(
            "queues-redrive",
            "move dead letters back",
            DeniedBy::NotGranted("sqs:StartMessageMoveTask"),
            |s| {
                let arn = format!(
                    "arn:aws:sqs:{}:{}:hikidashi-{}-dead-letter",
                    s.target.outputs.region, s.target.account, s.target.stage
                );
                json_call(
                    Service::Sqs,
                    "StartMessageMoveTask",
                    &json!({"SourceArn": arn}),
                )
            },
        )
        .uncontrolled(HARMFUL),
        Attack::new(
            "queues-create",
            "create a queue",
            DeniedBy::NotGranted("sqs:CreateQueue"),
            |_| {
                json_call(
                    Service::Sqs,
                    "CreateQueue",
                    &json!({"QueueName": "attacker"}),
                )
            },
        )
        .uncontrolled("it would leave a queue"),
    ]);
    attacks
}
