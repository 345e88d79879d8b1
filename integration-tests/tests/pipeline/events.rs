//! Events: objects put and deleted without the API, and killed workers.

use aws_sdk_s3::primitives::ByteStream;
use local::stack::Stack;
use uuid::Uuid;

use crate::with_stack;
use integration_tests::{images, stack::eventually, user::TestUser};

#[test]
fn an_object_that_its_user_puts_directly_is_processed_and_listed() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let image = Uuid::now_v7().to_string();
        let bytes = images::jpeg(640, 480);
        own.s3
            .put_object()
            .bucket(&stack.outputs().bucket_name)
            .key(format!("original-files/dev/{}/{image}.jpg", own.identity))
            .body(ByteStream::from(bytes.clone()))
            .send()
            .await?;
        let ready = alice.ready(&image).await?;
        assert_eq!(
            (&ready["width"], &ready["size"]),
            (&640.into(), &bytes.len().into())
        );
        let original = reqwest::get(ready["original"]["url"].as_str().unwrap_or_default()).await?;
        assert_eq!(original.bytes().await?, bytes);
        assert_eq!(alice.items().await?[0]["imageId"], image);
        Ok(())
    });
}

#[test]
fn a_broken_object_ends_as_failed_with_a_reason_for_its_owner() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let whole = images::jpeg(640, 480);
        for (bytes, code) in [
            (whole[..whole.len() / 2].to_vec(), "corrupt"),
            (b"%PDF-1.7".to_vec(), "unsupported_format"),
            (Vec::new(), "empty"),
        ] {
            let image = Uuid::now_v7().to_string();
            own.s3
                .put_object()
                .bucket(&stack.outputs().bucket_name)
                .key(format!("original-files/dev/{}/{image}.jpg", own.identity))
                .body(bytes.into())
                .send()
                .await?;
            let failed = alice.done(&image).await?;
            assert_eq!(failed["status"], "failed", "{failed}");
            assert_eq!(failed["failure"]["code"], code, "{failed}");
            assert!(
                !failed["failure"]["message"]
                    .as_str()
                    .unwrap_or_default()
                    .is_empty()
            );
            assert_eq!(failed["thumbnails"].as_array().map(Vec::len), Some(0));
        }
        Ok(())
    });
}

#[test]
fn a_key_that_no_upload_has_is_ignored_and_delays_nothing() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        for name in [
            "cat.jpg",
            "a b+c.jpg",
            "nested/0190a5d0-7bcd-7abc-8def-0123456789ab.jpg",
        ] {
            stack
                .s3()
                .put_object()
                .bucket(&stack.outputs().bucket_name)
                .key(format!("original-files/dev/{}/{name}", own.identity))
                .body(images::jpeg(32, 32).into())
                .send()
                .await?;
        }
        let image = alice.upload(images::jpeg(32, 32)).await?;
        alice.ready(&image).await?;
        assert_eq!(alice.items().await?.len(), 1);
        Ok(())
    });
}

#[test]
fn deleting_the_original_takes_the_variants_and_the_record_with_it() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let image = alice.upload(images::jpeg(640, 480)).await?;
        let ready = alice.ready(&image).await?;
        let small = ready["thumbnails"][2]["url"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert_eq!(reqwest::get(&small).await?.status(), 200);
        own.s3
            .delete_object()
            .bucket(&stack.outputs().bucket_name)
            .key(format!("original-files/dev/{}/{image}.jpg", own.identity))
            .send()
            .await?;
        let (alice, image, small) = (&alice, image.as_str(), small.as_str());
        eventually("the record and the variants are gone", || async move {
            let record = alice.get(&format!("/images/{image}")).await?.0;
            let variant = reqwest::get(small).await?.status();
            Ok((record == 404 && variant != 200).then_some(()))
        })
        .await?;
        assert!(alice.items().await?.is_empty());
        Ok(())
    });
}

#[test]
fn an_image_whose_worker_is_killed_in_the_middle_ends_ready() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = loop {
            // Large enough for the worker to be killed at work.
            let image = alice.upload(images::noise(1200, 1200)).await?;
            kill_a_worker_at_work(stack).await?;
            // The killed worker may have processed another test's image. Then this upload proves
            // nothing, and the test uploads again.
            if alice.get(&format!("/images/{image}")).await?.1["status"] == "pending" {
                break image;
            }
        };
        alice.ready(&image).await?;
        Ok(())
    });
}

async fn kill_a_worker_at_work(stack: &'static Stack) -> anyhow::Result<()> {
    eventually("a worker is at work and is killed", || async move {
        let at_work = stack
            .containers()?
            .into_iter()
            .find(|c| c.function.ends_with("thumbnail") && c.in_flight.is_some())
            .and_then(|c| c.pid);
        let Some(pid) = at_work else { return Ok(None) };
        let status = tokio::process::Command::new("kill")
            .args(["-9", &pid.to_string()])
            .status()
            .await?;
        Ok(status.success().then_some(()))
    })
    .await
}
