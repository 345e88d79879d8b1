//! Bringing record and variants to what the bucket says, whatever the events say and in whatever order they come.

use media::failure::FailureCode;
use thiserror::Error;
use time::OffsetDateTime;

use crate::{
    service_error::ServiceError,
    worker_store::{OriginalObject, WorkerStore, records::CompletionScope},
};
use common::{
    completion_event::CompletionEvent,
    keys::{OriginalKey, VariantFolder},
    record::{Completion, Original},
    s3_event::{Change, ObjectChange},
};

/// What became of a change. All of them are acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The record is complete, with variants.
    Ready,
    /// The record says why there are none.
    Failed,
    /// The original is gone, and now so are its variants and its record.
    Removed,
    /// Another event has been here, or will be; the bucket is as it says.
    Outdated,
    /// Nothing of ours.
    Ignored(Unrelated),
}

/// Why an event is none of our business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrelated {
    /// Of another bucket.
    Bucket,
    /// Of a key that no upload has, or of another stage.
    Key,
}

impl Unrelated {
    /// As a metric is told apart by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bucket => "other_bucket",
            Self::Key => "other_key",
        }
    }
}

impl Outcome {
    /// As a metric is told apart by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Removed => "removed",
            Self::Outdated => "outdated",
            Self::Ignored(_) => "ignored",
        }
    }
}

/// The original is changed faster than it can be processed. The next try may find it at rest.
#[derive(Debug, Error)]
#[error("{key}: the original has changed {ROUNDS} times while it was processed")]
pub struct ContendedOriginal {
    key: String,
}

/// How often an original may change under our hands.
const ROUNDS: u32 = 4;

impl WorkerStore {
    /// Brings variants and record to what the *bucket* says now; the event only says where to look.
    ///
    /// `complete` makes of an original what its record shall say, and writes the variants. It gets an original of at most
    /// `max_bytes`, or is told that there is a larger one.
    ///
    /// Who decides what:
    ///
    /// - a fault of the *picture* is recorded and the event acknowledged: `complete` returns it in a [`Completion`];
    /// - a fault of a *service* is returned here, the caller hands the message back, and the *queue* decides by its redrive
    ///   policy when it is enough;
    /// - *order* is decided by the *table*, which refuses a write with an older `sequencer` ([`Outcome::Outdated`]);
    /// - what was *true* is decided by the *bucket*, after everything is written: if the original is not the one that was
    ///   read, all of it is done again. So variants of an older original that land late are written over by the same
    ///   worker that wrote them, and what is written beside a deletion is removed. A worker that dies before this last
    ///   look has not acknowledged its message.
    pub async fn process_event<E>(
        &self,
        change: &ObjectChange,
        max_bytes: u64,
        complete: impl AsyncFn(&OriginalKey, OriginalObject) -> Result<Completion, E>,
    ) -> Result<Outcome, E>
    where
        E: From<ServiceError> + From<ContendedOriginal>,
    {
        if change.bucket != self.bucket {
            tracing::warn!(bucket = change.bucket, "ignored: another bucket");
            return Ok(Outcome::Ignored(Unrelated::Bucket));
        }
        let key = match OriginalKey::parse(&self.stage, &change.key) {
            Ok(key) => key,
            Err(error) => {
                tracing::warn!(key = change.key, %error, "ignored: not a key of ours");
                return Ok(Outcome::Ignored(Unrelated::Key));
            }
        };
        // A late removal: the key has been written again, and then a created event has come, or will.
        if change.change == Change::Removed && self.original_etag(&key).await?.is_some() {
            return Ok(Outcome::Outdated);
        }
        for _ in 0..ROUNDS {
            let found = self.read_original(&key, max_bytes).await?;
            let etag = found.as_ref().map(|contents| contents.etag().clone());
            let (outcome, completion) = match found {
                None => (self.clean_up(change, &key).await?, None),
                Some(contents) => {
                    let original = Original {
                        extension: key.extension.clone(),
                        size_bytes: contents.size_bytes(),
                        etag: contents.etag().for_record(),
                    };
                    let completion = complete(&key, contents).await?;
                    let outcome = self.record(change, &key, &original, &completion).await?;
                    (outcome, Some(completion))
                }
            };
            if self.original_etag(&key).await? == etag {
                if let (Outcome::Ready | Outcome::Failed, Some(completion)) = (outcome, completion)
                {
                    self.announce(&key, &completion).await?;
                }
                tracing::info!(%key, ?outcome, "done");
                return Ok(outcome);
            }
            tracing::info!(%key, ?outcome, "once more: the original has changed meanwhile");
        }
        Err(ContendedOriginal {
            key: key.to_string(),
        }
        .into())
    }

    /// Comes last, so that whoever hears of it finds the record as it says. Where it fails, all of it is done again.
    async fn announce(
        &self,
        key: &OriginalKey,
        completion: &Completion,
    ) -> Result<(), ServiceError> {
        if self.event_publisher.is_silent() {
            return Ok(());
        }
        let event = CompletionEvent::new(key, completion, OffsetDateTime::now_utc())
            .map_err(|error| ServiceError::unavailable(format!("announce {key}"), error))?;
        self.event_publisher.announce(event).await
    }

    async fn record(
        &self,
        change: &ObjectChange,
        key: &OriginalKey,
        original: &Original,
        completion: &Completion,
    ) -> Result<Outcome, ServiceError> {
        let complete = |which| self.complete(key, &change.sequencer, original, completion, which);
        match complete(CompletionScope::VisibleOnly).await {
            Ok(()) => {}
            // A later event has been here; or the image was deleted while we worked, or was hidden before and its
            // original has come after all. The bucket knows.
            Err(ServiceError::Precondition { .. }) => {
                if self.original_etag(key).await?.is_none() {
                    return Ok(Outcome::Outdated);
                }
                match complete(CompletionScope::IncludingHidden).await {
                    Ok(()) => {}
                    Err(ServiceError::Precondition { .. }) => return Ok(Outcome::Outdated),
                    Err(error) => return Err(error),
                }
            }
            Err(error) => return Err(error),
        }
        Ok(match completion {
            Completion::Ready(_) => Outcome::Ready,
            Completion::Failed(failure) => {
                // Of an earlier original. Only now, so that no record promises what is gone. Time is the one reason that
                // need not hold for another worker who is at the same picture: what it has written is left alone, and is
                // at worst in nobody's way until it is reconciled.
                if FailureCode::parse(&failure.code) != Some(FailureCode::TimedOut) {
                    self.remove_variants(&VariantFolder::from(key)).await?;
                }
                Outcome::Failed
            }
            Completion::GivenUp(_) => Outcome::Failed,
        })
    }

    /// The record goes first: should the variants' turn never come, a second try finds no record, which is fine, and
    /// goes on. The other way round, a record would promise variants that are gone.
    async fn clean_up(
        &self,
        change: &ObjectChange,
        key: &OriginalKey,
    ) -> Result<Outcome, ServiceError> {
        match self.remove_record(key, &change.sequencer).await {
            Ok(()) => {}
            Err(ServiceError::Precondition { .. }) => return Ok(Outcome::Outdated),
            Err(error) => return Err(error),
        }
        self.remove_variants(&VariantFolder::from(key)).await?;
        Ok(Outcome::Removed)
    }
}
