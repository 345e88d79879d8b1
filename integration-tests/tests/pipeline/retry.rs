//! Retries of failed images.

use aws_sdk_s3::types::MetadataDirective;
use reqwest::{Method, Response};
use serde_json::Value;
use uuid::Uuid;

use crate::with_stack;
use crate::{bad_input::assert_problem, deletion::write_pending, root};
use integration_tests::{images, stack::eventually, user::TestUser};

async fn retry(user: &TestUser<'_>, image: &str) -> anyhow::Result<Response> {
    let request = user.request(Method::POST, &format!("/images/{image}/retry"));
    Ok(request.send().await?)
}

#[test]
fn a_broken_image_is_retried_and_fails_again() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let image = Uuid::now_v7().to_string();
        let key = format!("original-files/dev/{}/{image}.gif", own.identity);
        own.s3
            .put_object()
            .bucket(&stack.outputs().bucket_name)
            .key(&key)
            .content_type("application/x-unheard-of")
            .metadata("camera", "pinhole")
            .body(b"not an image".to_vec().into())
            .send()
            .await?;
        let failed = alice.done(&image).await?;
        assert_eq!(failed["status"], "failed");
        let before = root::record(stack, &own.identity, &image).await?;

        let response = retry(&alice, &image).await?;
        assert_eq!(response.status(), 202);
        let resource: Value = response.json().await?;
        assert_eq!(
            (&resource["imageId"], &resource["status"]),
            (&image.as_str().into(), &"failed".into())
        );
        let (path, first) = (format!("/images/{image}"), &failed["processedAt"]);
        let (alice, path) = (&alice, path.as_str());
        let again = eventually("it has been tried again", || async move {
            let (_, now) = alice.get(path).await?;
            Ok((now["processedAt"] != *first).then_some(now))
        })
        .await?;
        assert_eq!(again["status"], "failed");
        let after = root::record(stack, &own.identity, &image).await?;
        let sequencer = |item: &Option<root::Item>| {
            item.as_ref()
                .and_then(|item| item["sequencer"].as_s().ok().cloned())
        };
        assert!(
            sequencer(&before) < sequencer(&after),
            "{before:?} {after:?}"
        );

        let object = stack
            .s3()
            .get_object()
            .bucket(&stack.outputs().bucket_name)
            .key(&key)
            .send()
            .await?;
        assert_eq!(object.content_type(), Some("application/x-unheard-of"));
        assert_eq!(
            object.metadata().and_then(|all| all.get("camera")),
            Some(&"pinhole".to_owned())
        );
        assert_eq!(object.body.collect().await?.to_vec(), b"not an image");
        Ok(())
    });
}

#[test]
fn an_intact_image_that_failed_becomes_ready_after_a_retry() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let identity = alice.own().await?.identity;
        let bytes = images::jpeg(640, 480);
        let response = alice
            .post("/upload?name=sea.jpg", bytes.clone())
            .await?
            .json::<Value>()
            .await?;
        let image = response["imageId"].as_str().unwrap_or_default();
        alice.ready(image).await?;
        root::fail(stack, &identity, image).await?;
        let path = format!("/images/{image}");
        let (_, failed) = alice.get(&path).await?;
        assert_eq!(failed["status"], "failed");
        assert_eq!(failed["thumbnails"].as_array().map(Vec::len), Some(0));

        assert_eq!(retry(&alice, image).await?.status(), 202);
        let (alice, path) = (&alice, path.as_str());
        let ready = eventually("it is ready after all", || async move {
            let (_, now) = alice.get(path).await?;
            Ok((now["status"] == "ready").then_some(now))
        })
        .await?;
        assert_eq!(ready["thumbnails"].as_array().map(Vec::len), Some(3));
        assert_eq!(ready.get("failure"), None);
        assert_eq!(
            (&ready["fileName"], &ready["contentType"]),
            (&"sea.jpg".into(), &"image/jpeg".into())
        );
        let original = reqwest::get(ready["original"]["url"].as_str().unwrap_or_default()).await?;
        assert_eq!(original.headers()["content-type"], "image/jpeg");
        assert_eq!(original.bytes().await?, bytes);
        Ok(())
    });
}

#[test]
fn only_a_failed_image_is_retried() {
    with_stack(|stack| async move {
        let (alice, bob) = (TestUser::new(stack).await?, TestUser::new(stack).await?);
        let own = alice.own().await?;
        let ready = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&ready).await?;
        let pending = Uuid::now_v7().to_string();
        write_pending(stack, &own, &pending).await?;
        for (image, status) in [(&ready, "ready"), (&pending, "pending")] {
            let response = retry(&alice, image).await?;
            let problem = assert_problem(response, 409, "image-not-failed", status).await?;
            let detail = problem["detail"].as_str().unwrap_or_default();
            assert!(detail.contains(status), "{detail}");
        }
        let orphan = Uuid::now_v7().to_string();
        write_pending(stack, &own, &orphan).await?;
        root::fail(stack, &own.identity, &orphan).await?;
        let never = Uuid::now_v7().to_string();
        for (row, user, image) in [
            ("never was", &alice, never.as_str()),
            ("no id", &alice, "cat"),
            ("another user's", &bob, &ready),
            ("without an original", &alice, &orphan),
        ] {
            assert_problem(retry(user, image).await?, 404, "image-not-found", row).await?;
        }
        assert_eq!(
            root::files(stack, &bob.own().await?.identity).await?,
            Vec::<String>::new()
        );
        Ok(())
    });
}

/// A retry relies on this: S3 refuses to copy an object onto itself unless the copy replaces
/// something.
#[test]
fn a_user_may_copy_their_own_original_onto_itself_and_no_other_user_s() {
    with_stack(|stack| async move {
        let (alice, bob) = (TestUser::new(stack).await?, TestUser::new(stack).await?);
        let (hers, his) = (alice.own().await?, bob.own().await?);
        let image = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&image).await?;
        let bucket = &stack.outputs().bucket_name;
        let key = format!("original-files/dev/{}/{image}.jpg", hers.identity);
        for (own, is_allowed) in [(&hers, true), (&his, false)] {
            let copy = own
                .s3
                .copy_object()
                .bucket(bucket)
                .key(&key)
                .copy_source(format!("{bucket}/{key}"))
                .metadata_directive(MetadataDirective::Replace)
                .send()
                .await;
            assert_eq!(copy.is_ok(), is_allowed, "{copy:?}");
        }
        Ok(())
    });
}
