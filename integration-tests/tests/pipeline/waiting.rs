//! Reads that wait until an image is no longer pending.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

use crate::with_stack;
use crate::{bad_input::assert_problem, deletion::write_pending, root};
use integration_tests::{images, stack::eventually, user::TestUser};

#[test]
fn a_read_waits_until_an_upload_is_ready() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = alice.upload(images::jpeg(640, 480)).await?;
        let path = format!("/images/{image}?wait=20");
        let (alice, path) = (&alice, path.as_str());
        // One read is enough, unless the machine is very busy.
        let image = eventually("a read answers with another status", || async move {
            let (status, image) = alice.get(path).await?;
            assert_eq!(status, 200, "{image}");
            Ok((image["status"] != "pending").then_some(image))
        })
        .await?;
        assert_eq!(image["status"], "ready");
        Ok(())
    });
}

#[test]
fn a_wait_ends_when_the_image_changes() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let image = Uuid::now_v7().to_string();
        write_pending(stack, &own, &image).await?;
        let path = format!("/images/{image}?wait=20");
        let (read, failed) =
            tokio::join!(alice.get(&path), root::fail(stack, &own.identity, &image));
        failed?;
        let (status, image) = read?;
        assert_eq!((status, &image["status"]), (200, &"failed".into()));
        Ok(())
    });
}

#[test]
fn a_wait_that_times_out_returns_the_pending_image() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = Uuid::now_v7().to_string();
        write_pending(stack, &alice.own().await?, &image).await?;
        let path = format!("/images/{image}?wait=2");
        eventually("a request has waited", || async {
            let start = Instant::now();
            let answer = alice.request(Method::GET, &path).send().await?;
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.headers()["retry-after"], "1");
            let answer: Value = answer.json().await?;
            assert_eq!(answer["status"], "pending");
            // A lower bound, which holds on any machine. While other tests wait, this request may
            // be answered at once.
            Ok((start.elapsed() >= Duration::from_secs(2)).then_some(()))
        })
        .await?;
        let path = format!("/images/{image}?wait=0");
        let answer = alice.request(Method::GET, &path).send().await?;
        assert_eq!(answer.status(), 200);
        assert!(!answer.headers().contains_key("retry-after"));
        Ok(())
    });
}

/// A request that waits holds a function. Those beyond the function's share are answered at once.
#[test]
fn not_every_request_of_many_may_wait() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = Uuid::now_v7().to_string();
        write_pending(stack, &alice.own().await?, &image).await?;
        let (alice, path) = (&alice, &format!("/images/{image}?wait=20"));
        eventually("a request is answered at once", || async move {
            let start = Instant::now();
            let answer = alice.request(Method::GET, path).send().await?;
            assert_eq!(answer.headers()["retry-after"], "1");
            // The longest wait is 5 seconds, and the pause between two reads half of one.
            Ok((start.elapsed() < Duration::from_secs(5)).then_some(()))
        })
        .await
    });
}

#[test]
fn a_missing_image_is_not_waited_for() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let path = format!("/images/{}?wait=20", Uuid::now_v7());
        let response = alice.request(Method::GET, &path).send().await?;
        assert_problem(response, 404, "image-not-found", &path).await?;
        Ok(())
    });
}
