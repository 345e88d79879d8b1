//! A batch of queue messages, each on its own account.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use common::{s3_event, service_error::with_causes, workbench::Workbench};

use engine::Recipe;

use crate::change::carry_out;

/// The least time that a message is given. Below it, the rest of the batch goes back to the queue at once, which
/// beats being cut off in the middle of a picture.
const BUDGET: Duration = Duration::from_secs(15);

/// Handles the messages in turn and hands back those that should come again: whose changes met a fault of a
/// service, whose body nobody understands (the queue moves it to the dead letters in time), and those that there
/// was no time for. All others are acknowledged.
pub(crate) async fn handle(
    recipe: &Arc<Recipe>,
    workbench: &Workbench,
    event: SqsEvent,
    deadline: SystemTime,
) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        let id = message.message_id.unwrap_or_default();
        let body = message.body.unwrap_or_default();
        let has_time = deadline
            .duration_since(SystemTime::now())
            .is_ok_and(|left| left >= BUDGET);
        if !has_time {
            tracing::warn!(message_id = id, "handed back: too little time is left");
        }
        if !has_time || !is_done(recipe, workbench, &id, &body).await {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            response.batch_item_failures.push(failure);
        }
    }
    response
}

/// Whether the message can be acknowledged. S3 puts one record into a message today; it reserves the right to
/// put more, and then one that fails brings all back, which does no harm: every step can be repeated.
async fn is_done(recipe: &Arc<Recipe>, workbench: &Workbench, id: &str, body: &str) -> bool {
    let changes = match s3_event::parse(body) {
        Ok(changes) => changes,
        Err(error) => {
            tracing::error!(
                message_id = id,
                error = with_causes(&error),
                "handed back: not understood"
            );
            return false;
        }
    };
    let mut all_done = true;
    for change in &changes {
        if let Err(error) = carry_out(recipe, workbench, change).await {
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
