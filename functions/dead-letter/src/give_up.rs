//! The end of a change that the worker could not carry out.

use aws::{
    service_error::ServiceError,
    worker_store::{ContendedOriginal, OriginalObject, Outcome, WorkerStore},
};
use common::{keys::OriginalKey, record::Completion, s3_event::ObjectChange};
use media::failure::{Failure, FailureCode};
use thiserror::Error;

/// What is done with dead letters.
#[derive(Debug)]
pub(crate) struct GiveUp {
    pub worker_store: WorkerStore,
    /// How often the worker tried.
    pub attempts: u32,
}

/// What may go away by trying again.
#[derive(Debug, Error)]
pub(crate) enum GiveUpError {
    /// S3 or `DynamoDB`.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The original does not keep still.
    #[error(transparent)]
    ContendedOriginal(#[from] ContendedOriginal),
}

impl GiveUp {
    /// Marks the image as failed, if its original is there and nobody has brought it, or a later one, to an end. Cleans up,
    /// if it is not.
    ///
    /// The picture itself is not looked at: it may be what killed the worker.
    pub(crate) async fn give_up(&self, change: &ObjectChange) -> Result<Outcome, GiveUpError> {
        let give_up = async |key: &OriginalKey, _: OriginalObject| {
            tracing::warn!(%key, attempts = self.attempts, "given up");
            Ok(Completion::GivenUp(Failure::new(
                FailureCode::ProcessingFailed,
                format!(
                    "the picture could not be processed in {} attempts or more; it can be tried again",
                    self.attempts
                ),
            )))
        };
        self.worker_store.process_event(change, 0, give_up).await
    }
}
