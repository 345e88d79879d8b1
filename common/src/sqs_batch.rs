//! Responses to batches of SQS messages.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse};

/// Returns the response that gives these messages back to their queue, by their ids. All others of
/// the batch are acknowledged.
pub fn giving_back(message_ids: impl IntoIterator<Item = String>) -> SqsBatchResponse {
    let failures = message_ids.into_iter().map(|id| {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
        failure
    });
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures.collect();
    response
}
