//! The number of service calls of a request, counted at the functions' proxies.

use std::{collections::BTreeSet, sync::Mutex};

use anyhow::{Context, ensure};
use local::stack::Stack;
use serde_json::json;

use crate::{STACK_WITH_QUOTAS, TURN, with_stack};
use integration_tests::{images, stack::eventually, user::TestUser};

/// Returns the access keys of functions, by the ends of their names.
fn keys_of(stack: &Stack, functions: &[&str]) -> anyhow::Result<BTreeSet<String>> {
    let containers = stack.containers()?;
    let is_one = |name: &str| functions.iter().any(|end| name.ends_with(end));
    let keys = containers
        .into_iter()
        .filter(|container| is_one(&container.function))
        .filter_map(|container| container.env.get("AWS_ACCESS_KEY_ID").cloned());
    Ok(keys.collect())
}

/// The functions behind the queues. Their calls are asynchronous, and are left out of the counts.
const BEHIND_QUEUES: [&str; 2] = ["dispatch", "thumbnail"];

/// Returns the calls since the last query, in alphabetical order, without those of the functions
/// behind the queues.
fn operations(stack: &Stack) -> anyhow::Result<Vec<String>> {
    let workers = keys_of(stack, &BEHIND_QUEUES)?;
    ensure!(workers.len() >= 2, "a function has no process");
    let mut operations: Vec<String> = stack
        .call_log()
        .take()
        .into_iter()
        .filter(|call| {
            call.key_id
                .as_ref()
                .is_none_or(|key| !workers.contains(key))
        })
        .map(|call| call.operation)
        .collect();
    operations.sort();
    Ok(operations)
}

/// Uploads an image through the API, and returns its id.
async fn upload(alice: &TestUser<'_>) -> anyhow::Result<String> {
    let bytes = images::jpeg(300, 200);
    let uploaded = alice.invoke("upload", "POST", "/upload", Some(&bytes));
    let (status, resource) = uploaded.await?;
    ensure!(status == 201, "{resource}");
    Ok(resource["imageId"].as_str().context("an id")?.to_owned())
}

/// Returns the calls of the functions behind the queues since the last query, sorted.
fn behind_queues(stack: &Stack) -> anyhow::Result<Vec<String>> {
    let keys = keys_of(stack, &BEHIND_QUEUES)?;
    let calls = stack.call_log().take();
    let by = |key: &Option<String>| key.as_ref().is_some_and(|key| keys.contains(key));
    let calls = calls.into_iter().filter(|call| by(&call.key_id));
    let mut operations: Vec<_> = calls.map(|call| call.operation).collect();
    operations.sort();
    Ok(operations)
}

#[test]
fn a_warm_request_never_calls_cognito_and_other_services_no_more_than_needed() {
    with_stack(|stack| async move {
        let _alone = TURN.write().await;
        let alice = TestUser::new(stack).await?;
        operations(stack)?;

        let image = upload(&alice).await?;
        let exchange = ["GetCredentialsForIdentity", "GetId"];
        assert_eq!(
            operations(stack)?,
            [&exchange[..], &["PutObject", "UpdateItem"]].concat(),
            "a cold upload"
        );
        alice.processed(&image).await?;
        assert_eq!(operations(stack)?[..2], exchange, "a cold read");

        let second = upload(&alice).await?;
        assert_eq!(operations(stack)?, ["PutObject", "UpdateItem"], "an upload");
        let me = alice.invoke("images", "GET", "/me", None).await?;
        ensure!(me.0 == 200 && me.1["usage"].is_null(), "{me:?}");
        assert!(operations(stack)?.is_empty(), "GET /me");
        let file = json!({"contentType": "image/png", "size": 20_000_000});
        alice.presigned(&file).await?;
        assert_eq!(operations(stack)?, ["UpdateItem"], "a presigned upload");
        for (path, calls) in [
            ("/images".to_owned(), ["Query"]),
            (format!("/images/{image}"), ["GetItem"]),
        ] {
            let (status, answer) = alice.invoke("images", "GET", &path, None).await?;
            ensure!(status == 200, "{answer}");
            // The listing has items to presign, and presigning takes no call.
            assert!(answer.to_string().contains("X-Amz-Signature"), "{answer}");
            assert_eq!(operations(stack)?, calls, "GET {path}");
        }
        // So that its calls are not counted by the next test.
        alice.processed(&second).await?;
        Ok(())
    });
}

/// Without quotas, the worker makes five calls for an image of three variants, and the dispatcher
/// one for a batch.
#[test]
fn without_quotas_the_worker_reads_no_item_and_makes_no_transaction() {
    with_stack(|stack| async move {
        let _alone = TURN.write().await;
        let alice = TestUser::new(stack).await?;
        operations(stack)?;
        let image = upload(&alice).await?;
        alice.processed(&image).await?;
        // The write of the record is the last call.
        let calls = [
            "GetObject",
            "PutObject",
            "PutObject",
            "PutObject",
            "SendMessageBatch",
            "UpdateItem",
        ];
        assert_eq!(behind_queues(stack)?, calls);
        let (status, answer) = alice
            .invoke("images", "DELETE", &format!("/images/{image}"), None)
            .await?;
        ensure!(status == 202, "{answer}");
        let seen = Mutex::new(Vec::new());
        eventually("the record is removed", || async {
            let operations = behind_queues(stack)?;
            let is_removed = operations.iter().any(|one| one == "DeleteItem");
            seen.lock().expect("no panic").extend(operations);
            Ok(is_removed.then_some(()))
        })
        .await?;
        let seen = seen.into_inner()?;
        for operation in ["TransactWriteItems", "GetItem"] {
            assert!(!seen.iter().any(|one| one == operation), "{seen:?}");
        }
        Ok(())
    });
}

/// What quotas cost, in calls: the API and the worker each read the usage item, and the worker's
/// write of the record becomes a transaction (docs/quotas.md).
#[test]
fn with_quotas_the_usage_is_read_twice_and_written_with_the_record() {
    STACK_WITH_QUOTAS.run(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let first = upload(&alice).await?;
        alice.processed(&first).await?;
        operations(stack)?;

        let second = upload(&alice).await?;
        let calls = ["GetItem", "PutObject", "UpdateItem"];
        assert_eq!(operations(stack)?, calls, "an upload");
        alice.processed(&second).await?;
        operations(stack)?;

        let third = upload(&alice).await?;
        alice.processed(&third).await?;
        let calls = [
            "GetItem",
            "GetObject",
            "PutObject",
            "PutObject",
            "PutObject",
            "SendMessageBatch",
            "TransactWriteItems",
        ];
        assert_eq!(behind_queues(stack)?, calls, "what follows an upload");
        Ok(())
    });
}
