//! A batch of queue messages, each on its own account.

use std::time::{Duration, SystemTime};

use aws::worker_store::WorkerStore;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use common::{error_chain::with_causes, metrics::MetricLine, s3_event};
use futures_util::{StreamExt as _, stream};

use time::OffsetDateTime;

use crate::{
    metrics::{of_batch, of_unrelated},
    process::process,
    thumbnailer::Thumbnailer,
};

/// What S3 sends once, when its notifications are configured: of no object.
const TEST_EVENT: &str = "test_event";

/// Of the name of the queue that brings one message at a time.
const RETRY_QUEUE_SUFFIX: &str = "-retry";

/// Messages in hand at once: one is read or written while another is decoded. The decoding itself has one [`Thumbnailer`].
const AT_ONCE: usize = 2;

/// Handles the messages and hands back those that should come again: whose changes met a fault of a service, whose
/// body nobody understands (the queue moves it to the dead letters in time), and those that there was no time for.
/// All others are acknowledged.
///
/// `budget` is the least time that a message is given. Below it, the rest of the batch goes back to the queue at once,
/// which beats being cut off in the middle of a picture.
pub(crate) async fn handle(
    thumbnailer: &Thumbnailer,
    worker_store: &WorkerStore,
    event: SqsEvent,
    budget: Duration,
    deadline: SystemTime,
    request_id: &str,
) -> SqsBatchResponse {
    let messages = event.records.len();
    let retries = event.records.iter().filter(|one| is_retry(one)).count();
    let handed_back = stream::iter(event.records)
        .map(|message| async move {
            let id = message.message_id.unwrap_or_default();
            let body = message.body.unwrap_or_default();
            let has_time = deadline
                .duration_since(SystemTime::now())
                .is_ok_and(|left| left >= budget);
            if !has_time {
                tracing::warn!(message_id = id, "handed back: too little time is left");
            }
            let is_done =
                has_time && is_done(thumbnailer, worker_store, request_id, &id, &body).await;
            (!is_done).then_some(id)
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(std::future::ready);
    let batch_item_failures = handed_back.map(|id| {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
        failure
    });
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = batch_item_failures.collect().await;
    let handed_back = response.batch_item_failures.len();
    let [messages, retries, handed_back] =
        [messages, retries, handed_back].map(|count| u64::try_from(count).unwrap_or(u64::MAX));
    of_batch(
        line(worker_store, request_id),
        messages,
        retries,
        handed_back,
    )
    .emit();
    response
}

/// Whether a message has been here before, as its queue counts, or by the queue that it is in.
fn is_retry(message: &SqsMessage) -> bool {
    let count = message.attributes.get("ApproximateReceiveCount");
    let count = count.and_then(|count| count.parse::<u32>().ok());
    let queue = message.event_source_arn.as_deref().unwrap_or_default();
    count.is_some_and(|count| count > 1) || queue.ends_with(RETRY_QUEUE_SUFFIX)
}

fn line(worker_store: &WorkerStore, request_id: &str) -> MetricLine {
    MetricLine::new(worker_store.stage(), OffsetDateTime::now_utc()).request(request_id)
}

/// Whether the message can be acknowledged. S3 puts one record into a message today; it reserves the right to
/// put more, and then one that fails brings all back, which does no harm: every step can be repeated.
async fn is_done(
    thumbnailer: &Thumbnailer,
    worker_store: &WorkerStore,
    request_id: &str,
    id: &str,
    body: &str,
) -> bool {
    let changes = match s3_event::parse(body) {
        Ok(changes) => changes,
        Err(error) => {
            tracing::error!(
                message_id = id,
                error = with_causes(&error),
                "handed back: not understood"
            );
            of_unrelated(line(worker_store, request_id), error.name()).emit();
            return false;
        }
    };
    if changes.is_empty() {
        of_unrelated(line(worker_store, request_id), TEST_EVENT).emit();
    }
    let mut all_done = true;
    for change in &changes {
        let (outcome, report) = process(thumbnailer, worker_store, change).await;
        let said = line(worker_store, request_id);
        report
            .write(
                said,
                outcome.as_ref().ok().copied(),
                OffsetDateTime::now_utc(),
            )
            .emit();
        if let Err(error) = outcome {
            tracing::error!(
                message_id = id,
                key = change.key,
                error = with_causes(&error),
                "handed back: failed"
            );
            all_done = false;
        }
    }
    all_done
}
