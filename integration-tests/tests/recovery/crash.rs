//! Images that crash every worker.

use std::time::Duration;

use local::stack::Stack;
use reqwest::Method;

use crate::alone;
use crate::with_stack;
use integration_tests::{images, stack::eventually, user::TestUser};

#[test]
fn an_image_whose_processing_always_crashes_becomes_failed_and_can_be_retried() {
    let _alone = alone();
    with_stack(|stack| async move {
        let alice = &TestUser::new(stack).await?;
        // Large enough for the worker to be killed at work.
        let image = alice.upload(images::noise(1200, 1200)).await?;
        let path = &format!("/images/{image}");
        let given_up = eventually("the image is given up", || async move {
            let (_, resource) = alice.get(path).await?;
            anyhow::ensure!(
                resource["status"] != "ready",
                "processed before the kill: {resource}"
            );
            Ok((resource["status"] == "failed").then_some(resource))
        });
        let failed = tokio::select! {
            failed = given_up => failed?,
            Err(error) = kill_workers_at_work(stack) => return Err(error),
        };
        assert_eq!(failed["failure"]["code"], "processing_failed", "{failed}");
        let message = failed["failure"]["message"].as_str().unwrap_or_default();
        assert!(message.contains("5 attempts"), "{message}");
        assert!(failed["processedAt"].is_string(), "{failed}");

        let retry = alice.request(Method::POST, &format!("{path}/retry"));
        assert_eq!(retry.send().await?.status(), 202);
        eventually("the image is ready", || async move {
            let (_, resource) = alice.get(path).await?;
            Ok((resource["status"] == "ready").then_some(()))
        })
        .await
    });
}

/// The first attempt fails the whole batch. From then on, each message is retried alone.
#[test]
fn an_image_that_crashes_every_worker_fails_its_batch_only_once() {
    let _alone = alone();
    with_stack(|stack| async move {
        let alice = &TestUser::new(stack).await?;
        // All messages are in one batch, and the fatal one is the first.
        stack.set_event_source_enabled("thumbnail", false).await?;
        let uploaded = upload_batch(alice).await;
        stack.set_event_source_enabled("thumbnail", true).await?;
        let (fatal, neighbours) = uploaded?;
        let path = &format!("/images/{fatal}");
        let given_up = eventually("the image is given up", || async move {
            let (_, resource) = alice.get(path).await?;
            anyhow::ensure!(
                resource["status"] != "ready",
                "processed before the kill: {resource}"
            );
            Ok((resource["status"] == "failed").then_some(()))
        });
        tokio::select! {
            given_up = given_up => given_up?,
            stopped = kill_long_workers(stack) => stopped?,
        }
        // The emulator redelivers failed messages at once and first; SQS waits for the visibility
        // timeout.
        for neighbour in &neighbours {
            alice.ready(neighbour).await?;
        }
        Ok(())
    });
}

/// Uploads an image that takes long to process, for its many pixels, and small ones.
async fn upload_batch(user: &TestUser<'_>) -> anyhow::Result<(&'static str, Vec<String>)> {
    let fatal = "0190a5d0-7bcd-7abc-8def-0123456789ac";
    let own = user.own().await?;
    let key = format!("original-files/dev/{}/{fatal}.png", own.identity);
    let put = own
        .s3
        .put_object()
        .body(images::one_colour_png(8000, 8000).into());
    put.bucket(&user.stack.outputs().bucket_name)
        .key(key)
        .send()
        .await?;
    let mut neighbours = Vec::new();
    for edge in 20..24 {
        neighbours.push(user.upload(images::jpeg(edge, edge)).await?);
    }
    Ok((fatal, neighbours))
}

/// Kills the workers that have had an invocation for long, again and again.
async fn kill_long_workers(stack: &Stack) -> anyhow::Result<()> {
    let mut at_work = Vec::new();
    loop {
        // A small image is processed long before the second look.
        at_work = kill_workers_still_at_work(stack, at_work).await?;
        tokio::time::sleep(Duration::from_millis(170)).await;
    }
}

/// Kills the workers that have had the same invocation since the last look. Takes the invocations
/// of the last look, and returns the current ones.
async fn kill_workers_still_at_work(
    stack: &Stack,
    last: Vec<String>,
) -> anyhow::Result<Vec<String>> {
    let mut now = Vec::new();
    for container in stack.containers()? {
        let (Some(invocation), Some(pid)) = (container.in_flight, container.pid) else {
            continue;
        };
        if !container.function.ends_with("thumbnail") {
            continue;
        }
        if last.contains(&invocation) {
            kill(pid).await?;
        }
        now.push(invocation);
    }
    Ok(now)
}

/// Kills every worker that has an invocation, again and again.
async fn kill_workers_at_work(stack: &Stack) -> anyhow::Result<()> {
    loop {
        let workers = stack.containers()?.into_iter().filter(|container| {
            container.function.ends_with("thumbnail") && container.in_flight.is_some()
        });
        for pid in workers.filter_map(|worker| worker.pid) {
            kill(pid).await?;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Kills a process, which may have ended by itself.
async fn kill(pid: u32) -> anyhow::Result<()> {
    let pid = pid.to_string();
    let mut command = tokio::process::Command::new("kill");
    command.args(["-9", &pid]).status().await?;
    Ok(())
}
