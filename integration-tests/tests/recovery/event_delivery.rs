//! Messages sent to queues and received from them.

use local::stack::Stack;
use serde_json::{Value, json};

use integration_tests::stack::eventually;

/// Sends a message to the queue of the S3 notifications.
pub(crate) async fn send(stack: &Stack, body: &str) -> anyhow::Result<()> {
    send_to(stack, &stack.outputs().events_queue_url, body).await
}

/// Sends a message to a queue, without a message group.
pub(crate) async fn send_to(stack: &Stack, queue_url: &str, body: &str) -> anyhow::Result<()> {
    aws_sdk_sqs::Client::new(stack.sdk_config())
        .send_message()
        .queue_url(queue_url)
        .message_body(body)
        .send()
        .await?;
    Ok(())
}

/// Returns a notification in the form that S3 writes.
pub(crate) fn event(stack: &Stack, name: &str, key: &str, sequencer: &str) -> Value {
    json!({"Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": stack.outputs().region,
        "eventTime": "2026-01-31T12:00:00.000Z", "eventName": name,
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": "test",
            "bucket": {"name": stack.outputs().bucket_name},
            "object": {"key": key.replace(':', "%3A"), "size": 1, "eTag": "e", "sequencer": sequencer}
        }
    }]})
}

/// Waits for a message in a queue without a consumer, by its body, and deletes it.
pub(crate) async fn take(stack: &Stack, queue_url: &str, body: &str) -> anyhow::Result<()> {
    let sqs = &aws_sdk_sqs::Client::new(stack.sdk_config());
    eventually("the message is in the queue", || async move {
        let received = sqs
            .receive_message()
            .queue_url(queue_url)
            .max_number_of_messages(10)
            .visibility_timeout(1)
            .send()
            .await?;
        let Some(message) = received
            .messages()
            .iter()
            .find(|message| message.body() == Some(body))
        else {
            return Ok(None);
        };
        sqs.delete_message()
            .queue_url(queue_url)
            .receipt_handle(message.receipt_handle().unwrap_or_default())
            .send()
            .await?;
        Ok(Some(()))
    })
    .await
}
