//! The worker's queue of jobs, as those see it who send to it: the dispatcher and the
//! reconciliation.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sqs::types::{BatchResultErrorEntry, SendMessageBatchRequestEntry};
use common::identity_id::IdentityId;

use crate::service_error::ServiceError;

/// The number of attempts. In a batch whose request succeeds, some messages may fail, and the SDK
/// does not retry these.
const ROUNDS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// A message for the worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The notification of S3, or what looks like one.
    pub body: String,
    /// The owner of the image. SQS is fair between owners: an owner with many messages in flight
    /// does not delay those of others.
    pub owner: IdentityId,
}

/// The client of the queue.
#[derive(Clone, Debug)]
pub struct JobQueue {
    sqs: aws_sdk_sqs::Client,
    url: String,
}

impl JobQueue {
    /// The maximum of jobs of [`JobQueue::send`], which is SQS's limit.
    pub const MAX_JOBS: usize = 10;

    /// Creates the client of the queue with this URL.
    pub fn new(sdk: &SdkConfig, url: String) -> Self {
        let sqs = aws_sdk_sqs::Client::new(sdk);
        Self { sqs, url }
    }

    /// Sends up to [`JobQueue::MAX_JOBS`] jobs. Returns the positions of those that SQS refused,
    /// after some attempts. After an error, some of them may have been sent.
    pub async fn send(&self, jobs: &[Job]) -> Result<Vec<usize>, ServiceError> {
        let mut left = jobs
            .iter()
            .enumerate()
            .map(|(position, job)| entry(position, job))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| ServiceError::unavailable(describe(jobs), error))?;
        for round in 0..ROUNDS {
            if left.is_empty() {
                break;
            }
            if round > 0 {
                tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(round - 1)).await;
            }
            let answer = self
                .sqs
                .send_message_batch()
                .queue_url(&self.url)
                .set_entries(Some(left.clone()))
                .send()
                .await
                .map_err(|error| ServiceError::classify(describe(jobs), error))?;
            let failed = answer.failed();
            if let Some(first) = failed.first() {
                let refused = failed.len();
                tracing::warn!(refused, code = first.code(), "SQS refused jobs of a batch");
            }
            left.retain(|entry| failed.iter().any(|one| one.id() == entry.id()));
            // A sender fault does not go away with a retry.
            if failed.iter().any(BatchResultErrorEntry::sender_fault) {
                break;
            }
        }
        let refused = left.iter().filter_map(|entry| entry.id().parse().ok());
        Ok(refused.collect())
    }

    /// Sends up to [`JobQueue::MAX_JOBS`] jobs, all of them or with an error.
    pub async fn send_all(&self, jobs: &[Job]) -> Result<(), ServiceError> {
        let refused = self.send(jobs).await?;
        if refused.is_empty() {
            Ok(())
        } else {
            let reason = format!("{} were refused", refused.len());
            Err(ServiceError::unavailable(describe(jobs), reason))
        }
    }
}

fn entry(
    position: usize,
    job: &Job,
) -> Result<SendMessageBatchRequestEntry, aws_sdk_sqs::error::BuildError> {
    SendMessageBatchRequestEntry::builder()
        .id(position.to_string())
        .message_body(&job.body)
        .message_group_id(job.owner.as_str())
        .build()
}

fn describe(jobs: &[Job]) -> String {
    format!("send {} jobs", jobs.len())
}
