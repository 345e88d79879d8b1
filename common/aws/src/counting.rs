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

/// Attempts of a transaction. Many images of one user at once meet on the user's usage item.
const ATTEMPTS: u32 = 8;

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(640);

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
            return self.write_alone(&what, record).await;
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

    async fn write_alone(&self, what: &str, record: ItemWrite) -> Result<(), CountError> {
        let sent = if record.is_removal() {
            let request = record.removal_request(self.dynamodb, self.table);
            let sent = request.send().await.map(|_| ());
            sent.map_err(|error| ServiceError::classify(what, error))
        } else {
            let request = record.update_request(self.dynamodb, self.table);
            let sent = request.send().await.map(|_| ());
            sent.map_err(|error| ServiceError::classify(what, error))
        };
        match sent {
            Err(ServiceError::Precondition { .. }) => Err(CountError::Record),
            sent => Ok(sent?),
        }
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::{fake_dynamodb::FakeDynamoDb, record_item::text};

    const DONE: (u16, &str) = (200, "{}");

    fn cancelled(codes: [&str; 2]) -> String {
        let [record, usage] = codes;
        format!(
            r#"{{"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
                "CancellationReasons": [{{"Code": "{record}"}}, {{"Code": "{usage}"}}]}}"#
        )
    }

    fn item(bytes: u64, images: u64) -> String {
        format!(r#"{{"Item": {{"bytes": {{"N": "{bytes}"}}, "images": {{"N": "{images}"}}}}}}"#)
    }

    /// Writes a record of 30 bytes more or less, where 100 are allowed.
    async fn write(fake: &FakeDynamoDb, recount: Recount) -> Result<(), CountError> {
        let place =
            "eu-west-1:01234567-89ab-cdef-0123-456789abcdef/0190a5d0-7bcd-7abc-8def-0123456789ab";
        let client = fake.client();
        let counting = Counting {
            dynamodb: &client,
            table: "t",
        };
        let record = ItemWrite::update(HashMap::from([("imageId".to_owned(), text("x"))]));
        let bound = Bound::Quota(Quota::new(100, 0), UsageItem::default());
        counting
            .write(
                &ImageRef::parse(place).unwrap(),
                record.set("a = a"),
                recount,
                bound,
            )
            .await
    }

    const NEW: Recount = Recount {
        before: None,
        after: Some(30),
    };

    const GONE: Recount = Recount {
        before: Some(30),
        after: None,
    };

    #[tokio::test]
    async fn a_conflict_is_tried_again_and_not_for_ever() {
        let conflict = cancelled(["None", "TransactionConflict"]);
        let fake = FakeDynamoDb::answering([(400, &conflict), (400, &conflict), DONE]).await;
        write(&fake, NEW).await.unwrap();
        assert_eq!(fake.operations(), ["TransactWriteItems"; 3]);
        // A new token each time: the same would stand for the transaction that was refused.
        let tokens = fake.bodies();
        assert_ne!(
            tokens[0]["ClientRequestToken"],
            tokens[1]["ClientRequestToken"]
        );

        let fake = FakeDynamoDb::answering([(400, conflict.as_str()); 8]).await;
        let error = write(&fake, NEW).await.unwrap_err();
        assert!(
            matches!(error, CountError::Service(ServiceError::Unavailable { .. })),
            "{error:?}"
        );
        assert_eq!(fake.operations().len(), 8);
    }

    #[tokio::test]
    async fn a_refused_usage_is_over_quota_only_if_there_is_no_room() {
        let refused = cancelled(["None", "ConditionalCheckFailed"]);
        let full = item(71, 2);
        let fake = FakeDynamoDb::answering([(400, &refused), (200, &full)]).await;
        let error = write(&fake, NEW).await.unwrap_err();
        assert!(
            matches!(error, CountError::OverQuota(item) if item.usage.bytes == 71),
            "{error:?}"
        );
        // Another image went in between.
        let room = item(70, 2);
        let fake = FakeDynamoDb::answering([(400, &refused), (200, &room), DONE]).await;
        write(&fake, NEW).await.unwrap();
    }

    #[tokio::test]
    async fn a_counter_that_is_too_small_is_set_to_zero() {
        let refused = cancelled(["None", "ConditionalCheckFailed"]);
        let small = item(7, 5);
        let fake = FakeDynamoDb::answering([(400, &refused), (200, &small), DONE]).await;
        write(&fake, GONE).await.unwrap();
        let last = &fake.bodies()[2]["TransactItems"][1]["Update"]["ExpressionAttributeValues"];
        assert_eq!(last[":bytes"]["N"], "0");
        assert_eq!(last[":images"]["N"], "4");
        assert_eq!(last[":seen_bytes"]["N"], "7");
    }

    #[tokio::test]
    async fn a_refused_record_is_told_and_nothing_is_tried_again() {
        let refused = cancelled(["ConditionalCheckFailed", "None"]);
        let fake = FakeDynamoDb::answering([(400, refused.as_str())]).await;
        let error = write(&fake, NEW).await.unwrap_err();
        assert!(matches!(error, CountError::Record), "{error:?}");
    }

    #[tokio::test]
    async fn what_changes_nothing_is_a_write_of_the_record_alone() {
        let fake = FakeDynamoDb::answering([DONE]).await;
        let same = Recount {
            before: Some(30),
            after: Some(30),
        };
        write(&fake, same).await.unwrap();
        assert_eq!(fake.operations(), ["UpdateItem"]);
    }

    fn reasons(codes: [&str; 2]) -> Vec<CancellationReason> {
        let reason = |code| CancellationReason::builder().code(code).build();
        codes.into_iter().map(reason).collect()
    }

    #[test]
    fn a_cancellation_says_which_write_was_refused() {
        for (codes, expected) in [
            (
                ["ConditionalCheckFailed", "None"],
                Some(Verdict::RecordRefused),
            ),
            (
                ["None", "ConditionalCheckFailed"],
                Some(Verdict::UsageRefused),
            ),
            // The record decides: what it counts was not what was assumed.
            (
                ["ConditionalCheckFailed", "ConditionalCheckFailed"],
                Some(Verdict::RecordRefused),
            ),
            (["None", "TransactionConflict"], Some(Verdict::Conflict)),
            (["TransactionConflict", "None"], Some(Verdict::Conflict)),
            (["ThrottlingError", "None"], Some(Verdict::Conflict)),
            (
                ["None", "ProvisionedThroughputExceeded"],
                Some(Verdict::Conflict),
            ),
            (["ValidationError", "None"], None),
        ] {
            assert_eq!(verdict(&reasons(codes)), expected, "{codes:?}");
        }
        assert_eq!(verdict(&[]), None);
    }

    #[test]
    fn an_item_that_is_too_large_is_told_from_other_invalid_writes() {
        let invalid = |message| {
            let reason = CancellationReason::builder().code("ValidationError");
            [reason.message(message).build()]
        };
        let size = "Item size to update has exceeded the maximum allowed size";
        assert!(is_too_large(&invalid(size)));
        assert!(!is_too_large(&invalid("Type mismatch")));
    }
}
