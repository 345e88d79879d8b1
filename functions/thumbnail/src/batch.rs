//! The processing of a batch of SQS messages.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws::worker_store::WorkerStore;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use common::{error_chain::with_causes, metrics::MetricLine, s3_event, sqs_batch::giving_back};
use futures_util::future::join_all;
use time::OffsetDateTime;

use crate::{
    metrics::{of_batch, of_unrelated},
    process::process,
    thumbnailer::Thumbnailer,
};

/// The kind of S3's test event, which S3 sends when its notifications are configured, and which
/// names no object.
const TEST_EVENT: &str = "test_event";

/// The suffix of the retry queue's name. That queue delivers one message at a time.
const RETRY_QUEUE_SUFFIX: &str = "-retry";

/// Processes each message of the batch. Returns in `batchItemFailures` the messages whose changes
/// met a service error, those whose bodies do not parse (the redrive policy moves them to the dead
/// letters), and those that were skipped because less than `budget` was left. All others are
/// acknowledged.
///
/// All messages are in progress at once, as far as the byte budget of their originals allows: they
/// are read and written while one is decoded. All share one [`Thumbnailer`].
///
/// `budget` is the minimum of time for an image. With less, the rest of the batch returns to the
/// queue at once, because a timeout would interrupt an image half-way.
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
    let last_start = deadline.checked_sub(budget).unwrap_or(UNIX_EPOCH);
    let failed = event.records.into_iter().map(|message| async move {
        let id = message.message_id.unwrap_or_default();
        let body = message.body.unwrap_or_default();
        let is_done = is_done(
            thumbnailer,
            worker_store,
            request_id,
            &id,
            &body,
            last_start,
        )
        .await;
        (!is_done).then_some(id)
    });
    let failed: Vec<String> = join_all(failed).await.into_iter().flatten().collect();
    let [messages, retries, batch_item_failures] =
        [messages, retries, failed.len()].map(|count| u64::try_from(count).unwrap_or(u64::MAX));
    of_batch(
        line(worker_store, request_id),
        messages,
        retries,
        batch_item_failures,
    )
    .emit();
    giving_back(failed)
}

/// Whether a message was received before, by its receive count or by its queue.
fn is_retry(message: &SqsMessage) -> bool {
    let count = message.attributes.get("ApproximateReceiveCount");
    let count = count.and_then(|count| count.parse::<u32>().ok());
    let queue = message.event_source_arn.as_deref().unwrap_or_default();
    count.is_some_and(|count| count > 1) || queue.ends_with(RETRY_QUEUE_SUFFIX)
}

fn line(worker_store: &WorkerStore, request_id: &str) -> MetricLine {
    MetricLine::new(worker_store.stage(), OffsetDateTime::now_utc()).request(request_id)
}

/// Processes a message, and returns whether it can be acknowledged. S3 puts one record into a
/// message today, but reserves the right to put more. Then one failed record returns all of them,
/// which does no harm: every step is idempotent.
async fn is_done(
    thumbnailer: &Thumbnailer,
    worker_store: &WorkerStore,
    request_id: &str,
    id: &str,
    body: &str,
    last_start: SystemTime,
) -> bool {
    let changes = match s3_event::parse(body) {
        Ok(changes) => changes,
        Err(error) => {
            tracing::error!(
                message_id = id,
                error = with_causes(&error),
                "S3 event does not parse; returned to the queue"
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
        let (outcome, report) = process(thumbnailer, worker_store, change, last_start).await;
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
                "S3 event not processed; returned to the queue"
            );
            all_done = false;
        }
    }
    all_done
}
