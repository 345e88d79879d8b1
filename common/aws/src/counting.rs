//! Writes of a record that change what it counts, together with its user's usage item.
//!
//! Both are written in one transaction, conditional on what the record counted before. So whatever
//! comes twice, late or at the same time is counted once.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, error::TransactionCanceledException},
};
use time::OffsetDateTime;

use crate::{
    item_write::ItemWrite,
    service_error::ServiceError,
    usage_item::{Consistency, StoredUsage, UsageChange, request, stored, write},
};
use common::{
    identity_id::IdentityId,
    keys::ImageRef,
    quota::{Limits, Quota},
    usage::{Delta, UsageItem},
};

#[cfg(test)]
mod tests;

/// Attempts of a transaction. Many images of one user at once meet on the user's usage item: of a
/// thousand, some needed more than eight, and a message that fails waits for minutes in its queue
/// (`make simulate`).
const ATTEMPTS: u32 = 12;

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(1280);

/// The usage items of a table, and the counts of its records.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counting<'a> {
    pub(crate) dynamodb: &'a Client,
    pub(crate) table: &'a str,
}

/// What a record counts before and after a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Recount {
    pub(crate) before: Option<u64>,
    pub(crate) after: Option<u64>,
}

/// How growth is limited.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    /// By the stage's quota, or the user's override. The item is that which was read last.
    Quota(Quota, UsageItem),
    /// Not at all: the image was there before it was counted.
    Free,
}

impl Bound {
    pub(crate) fn limits(&self) -> Limits {
        match self {
            Self::Quota(quota, item) => quota.limits(item),
            Self::Free => Limits::default(),
        }
    }
}

/// The reason why nothing was written.
#[derive(Debug)]
pub(crate) enum CountError {
    /// The record's conditions do not hold, or it counts something else than was assumed.
    Record,
    /// The user has no room.
    OverQuota(UsageItem),
    /// A service failed.
    Service(ServiceError),
}

impl From<ServiceError> for CountError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl Counting<'_> {
    /// Reads a user's usage item.
    pub(crate) async fn usage(
        &self,
        identity: &IdentityId,
        consistency: Consistency,
    ) -> Result<StoredUsage, ServiceError> {
        let answer = request(self.dynamodb, self.table, identity, consistency)
            .send()
            .await
            .map_err(|error| {
                ServiceError::classify(format!("read the usage of {identity}"), error)
            })?;
        Ok(stored(answer.item()))
    }

    /// Writes a record, and the user's counters if the record's count changes. Without a change,
    /// it is a write of the record alone.
    pub(crate) async fn write(
        &self,
        image_ref: &ImageRef,
        record: ItemWrite,
        recount: Recount,
        mut bound: Bound,
    ) -> Result<(), CountError> {
        let identity = &image_ref.identity;
        let what = format!("write {image_ref} and the usage of its user");
        let record = record.counting(recount.before, recount.after);
        let delta = Delta::between(recount.before, recount.after);
        if delta.is_nothing() {
            return match record.send(self.dynamodb, self.table, what).await {
                Err(ServiceError::Precondition { .. }) => Err(CountError::Record),
                sent => Ok(sent?),
            };
        }
        let mut seen: Option<StoredUsage> = None;
        for attempt in 0..ATTEMPTS {
            let limits = bound.limits();
            let change = match &seen {
                None => UsageChange::Add(delta, limits),
                Some(seen) => UsageChange::Set(seen.item.usage.after(&delta), seen),
            };
            let usage = write(identity, &change, OffsetDateTime::now_utc());
            match self.transact(&what, record.clone(), usage).await? {
                Verdict::Written => return Ok(()),
                Verdict::RecordRefused => return Err(CountError::Record),
                Verdict::UsageRefused => {
                    let now = self.usage(identity, Consistency::Strong).await?;
                    if let Bound::Quota(_, item) = &mut bound {
                        *item = now.item;
                    }
                    let has_room = bound.limits().admit(now.item.usage.after(&delta));
                    if delta.is_growth() && !has_room {
                        return Err(CountError::OverQuota(now.item));
                    }
                    if seen.is_none() && needs_repair(&now, &delta) {
                        tracing::warn!(
                            %identity,
                            "usage item has drifted: it counts less than the user's records"
                        );
                    }
                    // What can't be added to is set.
                    seen = needs_repair(&now, &delta).then_some(now);
                }
                Verdict::Conflict => pause(attempt).await,
            }
        }
        let error = ServiceError::unavailable(what, "other transactions were faster each time");
        Err(error.into())
    }

    async fn transact(
        &self,
        what: &str,
        record: ItemWrite,
        usage: ItemWrite,
    ) -> Result<Verdict, ServiceError> {
        let unavailable = |error| ServiceError::unavailable(what, error);
        let answer = self
            .dynamodb
            .transact_write_items()
            .transact_items(record.member(self.table).map_err(unavailable)?)
            .transact_items(usage.member(self.table).map_err(unavailable)?)
            .send()
            .await;
        let Err(error) = answer else {
            return Ok(Verdict::Written);
        };
        match cancellation(&error) {
            Some(cancelled) => match verdict(cancelled.cancellation_reasons()) {
                Some(verdict) => Ok(verdict),
                None if is_too_large(cancelled.cancellation_reasons()) => {
                    Err(ServiceError::ItemTooLarge { what: what.into() })
                }
                None => Err(ServiceError::classify(what, error)),
            },
            None => Err(ServiceError::classify(what, error)),
        }
    }
}

/// Whether a counter is smaller than what is taken from it, or is no number that can be added to.
fn needs_repair(seen: &StoredUsage, delta: &Delta) -> bool {
    let usage = seen.item.usage;
    let is_below = |counter: u64, delta: i128| i128::from(counter) + delta < 0;
    is_below(usage.bytes, delta.bytes)
        || is_below(usage.images, delta.images)
        || seen.has_wrong_types()
}

/// The outcome of a transaction of a record and a usage item, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Written,
    RecordRefused,
    UsageRefused,
    Conflict,
}

fn cancellation(
    error: &SdkError<TransactWriteItemsError>,
) -> Option<&TransactionCanceledException> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => Some(cancelled),
        _ => None,
    }
}

/// Reads the reasons of a cancellation, one for each member. `None` for those that a retry does not
/// mend.
fn verdict(reasons: &[CancellationReason]) -> Option<Verdict> {
    const REFUSED: Option<&str> = Some("ConditionalCheckFailed");
    let codes: Vec<_> = reasons.iter().map(CancellationReason::code).collect();
    match codes[..] {
        [REFUSED, ..] => Some(Verdict::RecordRefused),
        [_, REFUSED, ..] => Some(Verdict::UsageRefused),
        _ if codes.iter().flatten().any(|code| PASSING.contains(code)) => Some(Verdict::Conflict),
        _ => None,
    }
}

/// The codes of reasons that pass.
const PASSING: [&str; 3] = [
    "TransactionConflict",
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
];

fn is_too_large(reasons: &[CancellationReason]) -> bool {
    reasons.iter().any(|reason| {
        let message = reason.message().unwrap_or_default();
        reason.code() == Some("ValidationError") && message.contains("Item size")
    })
}

/// Waits with a random share of a pause that doubles.
async fn pause(attempt: u32) {
    let longest = (FIRST_PAUSE * 2_u32.saturating_pow(attempt)).min(LONGEST_PAUSE);
    tokio::time::sleep(longest.mul_f32(fastrand::f32())).await;
}
