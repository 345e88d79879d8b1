//! Writes against a `DynamoDB` that gives prepared answers.

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

    let fake = FakeDynamoDb::answering([(400, conflict.as_str()); 12]).await;
    let error = write(&fake, NEW).await.unwrap_err();
    assert!(
        matches!(error, CountError::Service(ServiceError::Unavailable { .. })),
        "{error:?}"
    );
    assert_eq!(fake.operations().len(), 12);
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
