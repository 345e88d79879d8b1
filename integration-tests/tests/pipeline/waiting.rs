//! Reads that wait until an image is no longer pending.

use std::time::{Duration, Instant};

use reqwest::Method;
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
fn a_wait_that_times_out_returns_the_pending_image_after_the_full_time() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = Uuid::now_v7().to_string();
        write_pending(stack, &alice.own().await?, &image).await?;
        let start = Instant::now();
        let (status, answer) = alice.get(&format!("/images/{image}?wait=2")).await?;
        assert_eq!((status, &answer["status"]), (200, &"pending".into()));
        // A lower bound, which holds on any machine.
        assert!(start.elapsed() >= Duration::from_secs(2));
        let (status, answer) = alice.get(&format!("/images/{image}?wait=0")).await?;
        assert_eq!((status, &answer["status"]), (200, &"pending".into()));
        Ok(())
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
