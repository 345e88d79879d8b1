//! The processing of a batch of dead letters.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use common::{
    error_chain::with_causes,
    metrics::{Metric, MetricLine},
    s3_event,
    sqs_batch::giving_back,
};
use time::OffsetDateTime;

use crate::give_up::GiveUp;

/// Processes each message of the batch. Returns in `batchItemFailures` the messages whose changes
/// met a service error and those whose bodies do not parse. The queue's redrive policy moves a
/// message that is received too often to the queue of unreadable messages, where an operator can
/// look at it.
pub(crate) async fn handle(
    give_up: &GiveUp,
    event: SqsEvent,
    request_id: &str,
) -> SqsBatchResponse {
    let letters = u64::try_from(event.records.len()).unwrap_or(u64::MAX);
    MetricLine::new(give_up.worker_store.stage(), OffsetDateTime::now_utc())
        .request(request_id)
        .count(Metric::DeadLetters, letters)
        .emit();
    let mut failed = Vec::new();
    for message in event.records {
        let id = message.message_id.unwrap_or_default();
        let body = message.body.unwrap_or_default();
        if !is_done(give_up, &id, &body).await {
            failed.push(id);
        }
    }
    giving_back(failed)
}

async fn is_done(give_up: &GiveUp, id: &str, body: &str) -> bool {
    let changes = match s3_event::parse(body) {
        Ok(changes) => changes,
        Err(error) => {
            let error = with_causes(&error);
            tracing::error!(
                message_id = id,
                error,
                "S3 event does not parse; returned to the queue"
            );
            return false;
        }
    };
    let mut all_done = true;
    for change in &changes {
        if let Err(error) = give_up.give_up(change).await {
            tracing::error!(
                message_id = id,
                key = change.key,
                error = with_causes(&error),
                "S3 event not processed; returned to the queue"
            );
            all_done = false;
        }
    }
    all_done
}
