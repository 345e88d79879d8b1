//! The processing of one S3 event, shared by the worker and the reader of dead letters.
//!
//! Record and variants end as the bucket says, in whatever order the events arrive.

use media::failure::FailureCode;
use thiserror::Error;
use time::OffsetDateTime;

use crate::{
    service_error::ServiceError,
    worker_store::{
        OriginalObject, WorkerStore,
        counted::{Assumed, WriteError},
        outcome::{Certainty, Outcome, Unrelated, Written},
        records::CompletionScope,
    },
};
use common::{
    completion_event::CompletionEvent,
    keys::{OriginalKey, VariantFolder},
    record::{Completion, Original},
    s3_event::{Change, ObjectChange},
};

/// An original that changed during each of several rounds. A later receive may succeed.
#[derive(Debug, Error)]
#[error("{key}: another original was processed at the same time {ROUNDS} times")]
pub struct ContendedOriginal {
    key: String,
}

/// Rounds before the message returns to the queue.
const ROUNDS: u32 = 4;

impl WorkerStore {
    /// Processes one S3 event: brings variants and record to what the bucket says now.
    ///
    /// The event only names the key. `complete` makes a [`Completion`] of the original and writes
    /// the variants. It gets an original of at most `max_image_bytes`, or the size of a larger one.
    ///
    /// - `complete` returns a fault of the *image* in a [`Completion`]; the record says it and the
    ///   caller acknowledges the event.
    /// - A fault of a *service* is an error: the caller returns the message to the queue, whose
    ///   redrive policy limits the receives.
    /// - The *table* decides the order of events: it refuses a write with an older `sequencer`
    ///   ([`Outcome::Outdated`]).
    /// - The *bucket* decides the truth, after everything is written. If the original's `ETag` is
    ///   not the one that was read, another round begins. So variants of an older original that
    ///   land late are overwritten by the worker that wrote them, and variants written during a
    ///   deletion are removed. A worker that dies before this last look has not acknowledged its
    ///   message.
    /// - The common case needs no last look: the write of the record says the same, because it is
    ///   conditional on a record that exists and that no event of other bytes has completed
    ///   (*undisturbed*). Who completes a record after an event of other bytes makes
    ///   the variants again (*overwritten*): those bytes' worker does not look, and
    ///   may have written its variants late. Who finds the record gone, or completed by a later
    ///   event, looks.
    /// - With quotas, the record and the user's usage item change together. An original beyond the
    ///   quota is given to `complete` only if that is not known before.
    pub async fn process_event<E>(
        &self,
        change: &ObjectChange,
        max_image_bytes: u64,
        mut complete: impl AsyncFnMut(&OriginalKey, OriginalObject) -> Result<Completion, E>,
    ) -> Result<Outcome, E>
    where
        E: From<ServiceError> + From<ContendedOriginal>,
    {
        if change.bucket != self.bucket {
            tracing::warn!(
                bucket = change.bucket,
                "S3 event of another bucket; ignored"
            );
            return Ok(Outcome::Ignored(Unrelated::Bucket));
        }
        let key = match OriginalKey::parse(&self.stage, &change.key) {
            Ok(key) => key,
            Err(error) => {
                tracing::warn!(key = change.key, %error, "S3 event of an unrelated key; ignored");
                return Ok(Outcome::Ignored(Unrelated::Key));
            }
        };
        // A late removal event: the key has been written again, and a created event follows.
        if change.change == Change::Removed && self.original_etag(&key).await?.is_some() {
            return Ok(Outcome::Outdated);
        }
        for _ in 0..ROUNDS {
            let (found, assumed) = tokio::join!(
                self.read_original(&key, change.size_bytes, max_image_bytes),
                self.assume(&key.identity)
            );
            let (found, mut assumed) = (found?, assumed?);
            let etag = found.as_ref().map(|contents| contents.etag().clone());
            let (written, completion) = match found {
                None => (self.clean_up(change, &key).await?, None),
                Some(contents) => {
                    let original = Original {
                        extension: key.extension.clone(),
                        size_bytes: contents.size_bytes(),
                        etag: contents.etag().for_record(),
                    };
                    let over_quota = self.over_quota(&key, &original, &mut assumed).await?;
                    let completion = match over_quota {
                        Some(failure) => Completion::Failed(failure),
                        None => complete(&key, contents).await?,
                    };
                    match self
                        .record(change, &key, &original, completion, assumed)
                        .await?
                    {
                        Some((written, completion)) => (written, Some(completion)),
                        None => continue,
                    }
                }
            };
            let Written { outcome, certainty } = written;
            let is_last = match certainty {
                Certainty::Undisturbed => true,
                Certainty::Overwritten => false,
                Certainty::Unknown => self.original_etag(&key).await? == etag,
            };
            if is_last {
                if let (Outcome::Ready | Outcome::Failed | Outcome::OverQuota, Some(completion)) =
                    (outcome, completion)
                {
                    self.publish(&key, &completion).await?;
                }
                tracing::info!(%key, ?outcome, "S3 event processed");
                return Ok(outcome);
            }
            tracing::info!(%key, ?outcome, ?certainty, "another original was processed at the same time; processing it again");
        }
        Err(ContendedOriginal {
            key: key.to_string(),
        }
        .into())
    }

    /// Publishes the completion event, after the record is written. A failure repeats the event's
    /// processing.
    async fn publish(
        &self,
        key: &OriginalKey,
        completion: &Completion,
    ) -> Result<(), ServiceError> {
        if self.event_publisher.is_silent() {
            return Ok(());
        }
        let event =
            CompletionEvent::new(key, completion, OffsetDateTime::now_utc()).map_err(|error| {
                ServiceError::unavailable(format!("publish the completion of {key}"), error)
            })?;
        self.event_publisher.publish(event).await
    }

    /// Writes the completion, or that the original is beyond the quota. Returns what was written;
    /// `None` if the record was counted meanwhile, so that the quota must be looked at again.
    async fn record(
        &self,
        change: &ObjectChange,
        key: &OriginalKey,
        original: &Original,
        completion: Completion,
        mut assumed: Assumed,
    ) -> Result<Option<(Written, Completion)>, ServiceError> {
        let mut completion = completion;
        let mut which = match completion {
            Completion::Ready(_) => CompletionScope::Undisturbed,
            Completion::Failed(_) | Completion::GivenUp(_) => CompletionScope::VisibleOnly,
        };
        let mut is_replaced = false;
        loop {
            let sequencer = &change.sequencer;
            let written = self
                .complete(key, sequencer, original, &completion, which, &mut assumed)
                .await;
            match written {
                Ok(()) => break,
                Err(WriteError::OverQuota(failure)) => {
                    completion = Completion::Failed(failure);
                    if which == CompletionScope::Undisturbed {
                        which = CompletionScope::VisibleOnly;
                    }
                }
                Err(WriteError::CountedMeanwhile) => return Ok(None),
                // The user has filled the record with values that no upload has. They go with the
                // record: otherwise, the image could neither be completed nor given up.
                Err(WriteError::Service(ServiceError::ItemTooLarge { .. })) if !is_replaced => {
                    tracing::warn!(%key, "record is too large to be completed; replaced");
                    is_replaced = true;
                    match self.remove_record(key, sequencer).await {
                        // A later event: the next attempt is refused too.
                        Ok(()) | Err(ServiceError::Precondition { .. }) => {}
                        Err(error) => return Err(error),
                    }
                }
                // A later event was processed, or the user deleted the image meanwhile, or the
                // record was hidden and its original arrived after all. The bucket decides.
                Err(WriteError::Service(ServiceError::Precondition { .. })) => {
                    let wider = self.wider(key, which, &completion).await?;
                    match wider {
                        Some(wider) => which = wider,
                        None => return Ok(Some((Outcome::Outdated.into(), completion))),
                    }
                }
                Err(WriteError::Service(error)) => return Err(error),
            }
        }
        let outcome = match &completion {
            Completion::Ready(_) => Outcome::Ready,
            Completion::Failed(failure) => {
                // Variants of an earlier original go after the record is written, so that no record
                // lists a variant that is gone. A time-out may not hold for another worker with the
                // same image: its variants stay, and the reconciliation removes what is unused.
                let code = FailureCode::parse(&failure.code);
                if code != Some(FailureCode::TimedOut) {
                    self.remove_variants(&VariantFolder::from(key)).await?;
                }
                if code == Some(FailureCode::OverQuota) {
                    Outcome::OverQuota
                } else {
                    Outcome::Failed
                }
            }
            Completion::GivenUp(_) => Outcome::Failed,
        };
        let certainty = match (outcome, which) {
            (Outcome::Ready, CompletionScope::Undisturbed) => Certainty::Undisturbed,
            (Outcome::Ready, CompletionScope::IncludingHidden) => Certainty::Overwritten,
            _ => Certainty::Unknown,
        };
        let written = Written { outcome, certainty };
        Ok(Some((written, completion)))
    }

    /// Returns the records that may be completed after a refusal; `None` if there are no others, or
    /// if the original is gone.
    async fn wider(
        &self,
        key: &OriginalKey,
        which: CompletionScope,
        completion: &Completion,
    ) -> Result<Option<CompletionScope>, ServiceError> {
        let is_ready = matches!(completion, Completion::Ready(_));
        Ok(match which {
            CompletionScope::IncludingHidden => None,
            CompletionScope::NotCompleted => Some(CompletionScope::IncludingHidden),
            CompletionScope::Undisturbed | CompletionScope::VisibleOnly => {
                let is_there = self.original_etag(key).await?.is_some();
                let wider = if is_ready {
                    CompletionScope::NotCompleted
                } else {
                    CompletionScope::IncludingHidden
                };
                is_there.then_some(wider)
            }
        })
    }

    /// Removes the record, then the variants of an original that is gone.
    ///
    /// If the second step fails, the next receive finds no record and goes on with the variants.
    /// In the other order, a record would list variants that are gone.
    async fn clean_up(
        &self,
        change: &ObjectChange,
        key: &OriginalKey,
    ) -> Result<Written, ServiceError> {
        match self.remove_record(key, &change.sequencer).await {
            Ok(()) => {}
            Err(ServiceError::Precondition { .. }) => return Ok(Outcome::Outdated.into()),
            Err(error) => return Err(error),
        }
        self.remove_variants(&VariantFolder::from(key)).await?;
        Ok(Outcome::Removed.into())
    }
}
