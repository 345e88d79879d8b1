//! Sending of messages to the job queue.

use std::time::Duration;

use aws_sdk_sqs::types::{BatchResultErrorEntry, SendMessageBatchRequestEntry};

use crate::{admin_store::AdminStore, service_error::ServiceError};

/// The number of attempts. In a batch whose request succeeds, some messages may fail, and the SDK
/// does not retry these.
const ROUNDS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

impl AdminStore {
    /// The maximum of messages of [`AdminStore::send_jobs`], which is SQS's limit.
    pub const MAX_JOBS: usize = 10;

    /// Sends up to [`AdminStore::MAX_JOBS`] messages. After an error, some of them may have been
    /// sent.
    pub async fn send_jobs(&self, bodies: &[String]) -> Result<(), ServiceError> {
        let what = || format!("send {} messages", bodies.len());
        let mut left = bodies
            .iter()
            .enumerate()
            .map(|(index, body)| {
                SendMessageBatchRequestEntry::builder()
                    .id(index.to_string())
                    .message_body(body)
                    .build()
                    .map_err(|error| ServiceError::unavailable(what(), error))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut refusal = String::new();
        for round in 0..ROUNDS {
            if left.is_empty() {
                return Ok(());
            }
            if round > 0 {
                tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(round - 1)).await;
            }
            let answer = self
                .sqs
                .send_message_batch()
                .queue_url(&self.config.queue_url)
                .set_entries(Some(left.clone()))
                .send()
                .await
                .map_err(|error| ServiceError::classify(what(), error))?;
            let failed = answer.failed();
            if let Some(first) = failed.first() {
                refusal = format!("{} were refused: {}", failed.len(), first.code());
            }
            // A sender fault does not go away with a retry.
            if failed.iter().any(BatchResultErrorEntry::sender_fault) {
                break;
            }
            left.retain(|entry| failed.iter().any(|one| one.id() == entry.id()));
        }
        if left.is_empty() {
            Ok(())
        } else {
            Err(ServiceError::unavailable(what(), refusal))
        }
    }
}
