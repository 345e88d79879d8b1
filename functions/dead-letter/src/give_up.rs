//! The completion of events that the worker could not process.

use aws::{
    service_error::ServiceError,
    worker_store::{ContendedOriginal, OriginalObject, Outcome, WorkerStore},
};
use common::{keys::OriginalKey, record::Completion, s3_event::ObjectChange};
use media::failure::{Failure, FailureCode};
use thiserror::Error;

/// The processing of dead letters.
#[derive(Debug)]
pub(crate) struct GiveUp {
    pub worker_store: WorkerStore,
    /// The number of attempts of the worker.
    pub attempts: u32,
}

/// The errors that a retry may solve.
#[derive(Debug, Error)]
pub(crate) enum GiveUpError {
    /// A call to S3 or `DynamoDB` failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The original keeps changing.
    #[error(transparent)]
    ContendedOriginal(#[from] ContendedOriginal),
}

impl GiveUp {
    /// Marks the image as failed, if its original exists and neither it nor a later one has been
    /// completed. Removes variants and record, if the original does not exist.
    ///
    /// The original is not decoded: it may be what crashed the worker.
    pub(crate) async fn give_up(&self, change: &ObjectChange) -> Result<Outcome, GiveUpError> {
        let give_up = async |key: &OriginalKey, _: OriginalObject| {
            tracing::warn!(%key, attempts = self.attempts, "image given up");
            Ok(Completion::GivenUp(Failure::new(
                FailureCode::ProcessingFailed,
                format!(
                    "the image could not be processed in {} attempts or more; it can be tried again",
                    self.attempts
                ),
            )))
        };
        // Its future is large.
        Box::pin(self.worker_store.process_event(change, 0, give_up)).await
    }
}
