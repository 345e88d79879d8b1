//! Redrive of the unreadable queue to the queue of events.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sqs::{Client, types::QueueAttributeName};

use crate::error::CliError;

/// Starts an SQS message move task and waits for its end. Returns the number of messages moved.
///
/// A message that still does not parse returns to the unreadable queue after its attempts. A
/// message that failed because of a fault since fixed is processed.
pub(crate) async fn redrive(
    sdk: &SdkConfig,
    from_queue_url: &str,
    to_queue_url: &str,
) -> Result<u64, CliError> {
    let sqs = Client::new(sdk);
    let from = arn(&sqs, from_queue_url).await?;
    let to = arn(&sqs, to_queue_url).await?;
    let failed = |source| CliError::Queue {
        queue: from.clone(),
        source,
    };
    sqs.start_message_move_task()
        .source_arn(&from)
        .destination_arn(to)
        .send()
        .await
        .map_err(|error| failed(error.into()))?;
    loop {
        let tasks = sqs
            .list_message_move_tasks()
            .source_arn(&from)
            .max_results(1)
            .send()
            .await
            .map_err(|error| failed(error.into()))?;
        let task = tasks
            .results
            .into_iter()
            .flatten()
            .next()
            .ok_or_else(|| failed("the move task is not listed".into()))?;
        match task.status() {
            Some("RUNNING") => tokio::time::sleep(Duration::from_secs(1)).await,
            Some("COMPLETED") => {
                return Ok(
                    u64::try_from(task.approximate_number_of_messages_moved()).unwrap_or_default()
                );
            }
            status => {
                let reason = task.failure_reason().unwrap_or_default();
                return Err(failed(
                    format!("the move task is {status:?}: {reason}").into(),
                ));
            }
        }
    }
}

async fn arn(sqs: &Client, queue_url: &str) -> Result<String, CliError> {
    let failed = |source| CliError::Queue {
        queue: queue_url.to_owned(),
        source,
    };
    let attributes = sqs
        .get_queue_attributes()
        .queue_url(queue_url)
        .attribute_names(QueueAttributeName::QueueArn)
        .send()
        .await
        .map_err(|error| failed(error.into()))?
        .attributes
        .unwrap_or_default();
    attributes
        .get(&QueueAttributeName::QueueArn)
        .cloned()
        .ok_or_else(|| failed("it has no ARN".into()))
}
