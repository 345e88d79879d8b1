//! The number of service calls of a request, counted at the functions' proxies.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use local::stack::Stack;
use serde_json::json;

use crate::TURN;
use crate::with_stack;
use integration_tests::{images, user::TestUser};

/// Returns the worker's access keys. Its calls are asynchronous, and are left out of the counts.
fn keys_of_the_worker(stack: &Stack) -> anyhow::Result<BTreeSet<String>> {
    let containers = stack.containers()?;
    let keys = containers
        .into_iter()
        .filter(|container| container.function.ends_with("thumbnail"))
        .filter_map(|container| container.env.get("AWS_ACCESS_KEY_ID").cloned());
    Ok(keys.collect())
}

/// Returns the calls since the last query, in alphabetical order, without the worker's.
fn operations(stack: &Stack) -> anyhow::Result<Vec<String>> {
    let workers = keys_of_the_worker(stack)?;
    ensure!(!workers.is_empty(), "the worker has no process");
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

#[test]
fn a_warm_request_never_calls_cognito_and_other_services_no_more_than_needed() {
    with_stack(|stack| async move {
        let _alone = TURN.write().await;
        let alice = TestUser::new(stack).await?;
        let bytes = images::jpeg(300, 200);
        let upload = async || {
            let uploaded = alice.invoke("upload", "POST", "/upload", Some(&bytes));
            let (status, resource) = uploaded.await?;
            ensure!(status == 201, "{resource}");
            Ok(resource["imageId"].as_str().context("an id")?.to_owned())
        };
        operations(stack)?;

        let image = upload().await?;
        let exchange = ["GetCredentialsForIdentity", "GetId"];
        assert_eq!(
            operations(stack)?,
            [&exchange[..], &["PutObject", "UpdateItem"]].concat(),
            "a cold upload"
        );
        alice.processed(&image).await?;
        assert_eq!(operations(stack)?[..2], exchange, "a cold read");

        upload().await?;
        assert_eq!(operations(stack)?, ["PutObject", "UpdateItem"], "an upload");
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
        Ok(())
    });
}
