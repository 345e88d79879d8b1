//! The worker's writes of records that count for the user's quota.

use media::failure::{Failure, FailureCode};
use thiserror::Error;

use crate::{
    counting::{Bound, CountError, Counting, Recount},
    record_item::{get_number, get_text},
    service_error::ServiceError,
    usage_item::Consistency,
    worker_store::{
        WorkerStore,
        records::{CompletionScope, completion_write, item_key, removal},
    },
};
use common::{
    attribute::Attribute,
    identity_id::IdentityId,
    keys::OriginalKey,
    quota::Limits,
    record::{Completion, Original},
    sequencer::Sequencer,
    usage::{Delta, Usage, UsageItem},
};

/// Attempts to write a record whose count others change at the same time.
const ATTEMPTS: u32 = 4;

/// What the worker takes for granted until a write is refused: the common case, a new record of a
/// user with room, is one write.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Assumed {
    /// What the record counts.
    counted: Option<u64>,
    /// Whether the image was there before it was counted. Its growth is not limited.
    is_old: bool,
    /// The user's usage item.
    item: UsageItem,
}

/// The reason why a completion was not written.
#[derive(Debug, Error)]
pub(super) enum WriteError {
    /// The user has no room for the original. The failure says so.
    #[error("the user has no room")]
    OverQuota(Failure),
    /// The record was to say that there is no room, and counts an image since.
    #[error("the record was counted meanwhile")]
    CountedMeanwhile,
    /// A service failed, or the record's condition does not hold.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The part of a record that decides what is counted.
struct Count {
    counted: Option<u64>,
    is_old: bool,
}

impl WorkerStore {
    /// Reads what an image of this user may need. Without quotas, nothing is read.
    pub(super) async fn assume(&self, identity: &IdentityId) -> Result<Assumed, ServiceError> {
        if !self.quota.is_on() {
            return Ok(Assumed::default());
        }
        let usage = self
            .counting()
            .usage(identity, Consistency::Eventual)
            .await?;
        Ok(Assumed {
            item: usage.item,
            ..Assumed::default()
        })
    }

    /// Returns the failure of an original for which the user has no room, before it is decoded.
    /// Another event may have counted the image already, so before it is refused, the record is
    /// read, and the usage again. The usage comes first: whatever was counted before that read is
    /// in the record.
    pub(super) async fn over_quota(
        &self,
        key: &OriginalKey,
        original: &Original,
        assumed: &mut Assumed,
    ) -> Result<Option<Failure>, ServiceError> {
        if !self.quota.is_on() || self.has_room(original, assumed) {
            return Ok(None);
        }
        let usage = self
            .counting()
            .usage(&key.identity, Consistency::Strong)
            .await?;
        let count = self.count_of(key).await?;
        *assumed = Assumed {
            counted: count.counted,
            is_old: count.is_old,
            item: usage.item,
        };
        if self.has_room(original, assumed) {
            return Ok(None);
        }
        let limits = self.quota.limits(&assumed.item);
        Ok(Some(no_room(original, limits, assumed.item.usage)))
    }

    fn has_room(&self, original: &Original, assumed: &Assumed) -> bool {
        let delta = Delta::between(assumed.counted, Some(original.size_bytes));
        let limits = self.quota.limits(&assumed.item);
        assumed.is_old || !delta.is_growth() || limits.admit(assumed.item.usage.after(&delta))
    }

    /// Writes the worker's attributes of a record, and creates the record where it is missing.
    /// [`ServiceError::Precondition`] means that a later event wrote the record, or that the record
    /// may not be completed.
    pub(super) async fn complete(
        &self,
        key: &OriginalKey,
        sequencer: &Sequencer,
        original: &Original,
        completion: &Completion,
        which: CompletionScope,
        assumed: &mut Assumed,
    ) -> Result<(), WriteError> {
        let write = completion_write(key, sequencer, original, completion, which);
        let what = || format!("complete {key}");
        if !self.quota.is_on() {
            return Ok(write.send(&self.dynamodb, &self.table, what()).await?);
        }
        let is_refusal = matches!(completion, Completion::Failed(failure)
            if FailureCode::parse(&failure.code) == Some(FailureCode::OverQuota));
        let image_ref = key.image_ref();
        for _ in 0..ATTEMPTS {
            let recount = Recount {
                before: assumed.counted,
                after: (!is_refusal).then_some(original.size_bytes),
            };
            let bound = if assumed.is_old {
                Bound::Free
            } else {
                Bound::Quota(self.quota, assumed.item)
            };
            let written = self
                .counting()
                .write(&image_ref, write.clone(), recount, bound)
                .await;
            match written {
                Ok(()) => return Ok(()),
                Err(CountError::Record) => {
                    let count = self.count_of(key).await?;
                    if count.counted == assumed.counted {
                        return Err(ServiceError::Precondition { what: what() }.into());
                    }
                    assumed.counted = count.counted;
                    if is_refusal {
                        return Err(WriteError::CountedMeanwhile);
                    }
                }
                Err(CountError::OverQuota(item)) => {
                    assumed.item = item;
                    let count = self.count_of(key).await?;
                    if count.is_old && !assumed.is_old {
                        assumed.is_old = true;
                        continue;
                    }
                    let limits = self.quota.limits(&item);
                    let failure = no_room(original, limits, item.usage);
                    return Err(WriteError::OverQuota(failure));
                }
                Err(CountError::Service(error)) => return Err(error.into()),
            }
        }
        Err(ServiceError::unavailable(what(), "its count has changed each time").into())
    }

    /// Removes the record of an original that is gone, if there is one, and what it counts.
    /// [`ServiceError::Precondition`] means that a later event wrote the record, or that it is of
    /// another original: two keys that differ in their extensions are one image, which happens only
    /// where a user puts objects directly.
    pub async fn remove_record(
        &self,
        key: &OriginalKey,
        sequencer: &Sequencer,
    ) -> Result<(), ServiceError> {
        let write = removal(key, sequencer);
        let what = || format!("remove the record of {key}");
        if !self.quota.is_on() {
            return write.send(&self.dynamodb, &self.table, what()).await;
        }
        let mut before = self.count_of(key).await?.counted;
        for _ in 0..ATTEMPTS {
            let recount = Recount {
                before,
                after: None,
            };
            let written = self
                .counting()
                .write(&key.image_ref(), write.clone(), recount, Bound::Free)
                .await;
            match written {
                Ok(()) => return Ok(()),
                Err(CountError::Record) => {
                    let now = self.count_of(key).await?.counted;
                    if now == before {
                        return Err(ServiceError::Precondition { what: what() });
                    }
                    before = now;
                }
                // A removal does not grow.
                Err(CountError::OverQuota(_)) => break,
                Err(CountError::Service(error)) => return Err(error),
            }
        }
        Err(ServiceError::unavailable(
            what(),
            "its count has changed each time",
        ))
    }

    fn counting(&self) -> Counting<'_> {
        Counting {
            dynamodb: &self.dynamodb,
            table: &self.table,
        }
    }

    /// Reads what a record counts, and nothing that a user wrote.
    async fn count_of(&self, key: &OriginalKey) -> Result<Count, ServiceError> {
        let answer = self
            .dynamodb
            .get_item()
            .table_name(&self.table)
            .set_key(Some(item_key(key)))
            .consistent_read(true)
            .projection_expression("#status, failure, countedBytes")
            .expression_attribute_names("#status", Attribute::Status.name())
            .send()
            .await
            .map_err(|error| ServiceError::classify(format!("read what {key} counts"), error))?;
        let Some(item) = answer.item() else {
            return Ok(Count {
                counted: None,
                is_old: false,
            });
        };
        let failure = item
            .get(Attribute::Failure.name())
            .and_then(|value| value.as_m().ok());
        let code = failure.and_then(|failure| get_text(failure, "code"));
        let is_refused = code.and_then(FailureCode::parse) == Some(FailureCode::OverQuota);
        let is_completed = get_text(item, Attribute::Status).is_some();
        let counted = get_number(item, Attribute::CountedBytes);
        Ok(Count {
            counted,
            is_old: counted.is_none() && is_completed && !is_refused,
        })
    }
}

fn no_room(original: &Original, limits: Limits, usage: Usage) -> Failure {
    let message = format!(
        "there is no room for the file's {} bytes: {}; delete images and try again, or the file is \
         removed within a day",
        original.size_bytes,
        limits.sentence(usage)
    );
    Failure::new(FailureCode::OverQuota, message)
}
