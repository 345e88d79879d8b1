//! Deletion: immediate for the user, and eventual in bucket and table.

use std::time::{SystemTime, UNIX_EPOCH};

use local::stack::Stack;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::root;
use crate::with_stack;
use integration_tests::denial::text;
use integration_tests::{
    images,
    stack::eventually,
    user::{Own, TestUser},
};

/// Sends a `DELETE` and returns its status and JSON.
async fn delete(user: &TestUser<'_>, image: &str) -> anyhow::Result<(u16, Value)> {
    let request = user.request(Method::DELETE, &format!("/images/{image}"));
    let response = request.send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

fn deleting(image: &str) -> (u16, Value) {
    (202, json!({"imageId": image, "status": "deleting"}))
}

/// Waits until a user has neither an object nor a record.
async fn nothing_is_left(stack: &'static Stack, identity: &str) -> anyhow::Result<()> {
    eventually("all files and records are gone", || async move {
        let files = root::files(stack, identity).await?;
        let records = root::records(stack, identity).await?;
        Ok((files.is_empty() && records == 0).then_some(()))
    })
    .await
}

/// Writes the record of an upload that has not arrived yet, as a user may.
pub(crate) async fn write_pending(stack: &Stack, own: &Own, image: &str) -> anyhow::Result<()> {
    own.dynamodb
        .update_item()
        .table_name(&stack.outputs().table_name)
        .key("identityId", text(&own.identity))
        .key("imageId", text(image))
        .update_expression("SET contentType = :type, expiresAt = :later")
        .expression_attribute_values(":type", text("image/jpeg"))
        .expression_attribute_values(":later", root::number(4_000_000_000_u64))
        .send()
        .await?;
    Ok(())
}

#[test]
fn a_deleted_image_is_hidden_at_once_and_gone_in_the_end() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let identity = alice.own().await?.identity;
        let image = alice.upload(images::jpeg(640, 480)).await?;
        alice.ready(&image).await?;
        assert_eq!(root::files(stack, &identity).await?.len(), 4);

        assert_eq!(delete(&alice, &image).await?, deleting(&image));
        assert_eq!(alice.get(&format!("/images/{image}")).await?.0, 404);
        assert_eq!(alice.items().await?, Vec::<Value>::new());
        nothing_is_left(stack, &identity).await
    });
}

#[test]
fn a_failed_image_can_be_deleted() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let image = Uuid::now_v7().to_string();
        stack
            .s3()
            .put_object()
            .bucket(&stack.outputs().bucket_name)
            // No upload has this extension, and no user can put it: it is of an earlier version, or
            // the operator's. The worker processes the object anyway.
            .key(format!("original-files/dev/{}/{image}.raw", own.identity))
            .body(b"not an image".to_vec().into())
            .send()
            .await?;
        assert_eq!(alice.done(&image).await?["status"], "failed");
        assert_eq!(delete(&alice, &image).await?, deleting(&image));
        assert_eq!(alice.get(&format!("/images/{image}")).await?.0, 404);
        nothing_is_left(stack, &own.identity).await
    });
}

#[test]
fn an_image_that_is_deleted_before_the_worker_has_seen_it_is_gone_in_the_end() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let identity = alice.own().await?.identity;
        let image = alice.upload(images::noise(1000, 1000)).await?;
        assert_eq!(delete(&alice, &image).await?, deleting(&image));
        let (alice, identity) = (&alice, identity.as_str());
        let path = format!("/images/{image}");
        let path = path.as_str();
        eventually(
            "nothing is left, and nothing shows meanwhile",
            || async move {
                assert_eq!(alice.get(path).await?.0, 404);
                let files = root::files(stack, identity).await?;
                let records = root::records(stack, identity).await?;
                Ok((files.is_empty() && records == 0).then_some(()))
            },
        )
        .await
    });
}

#[test]
fn an_original_put_after_its_deletion_is_processed_again() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let image = Uuid::now_v7().to_string();
        write_pending(stack, &own, &image).await?;
        delete(&alice, &image).await?;
        assert_eq!(alice.get(&format!("/images/{image}")).await?.0, 404);
        own.s3
            .put_object()
            .bucket(&stack.outputs().bucket_name)
            .key(format!("original-files/dev/{}/{image}.jpg", own.identity))
            .body(images::jpeg(64, 64).into())
            .send()
            .await?;
        alice.ready(&image).await?;
        assert_eq!(alice.items().await?[0]["imageId"], image);
        Ok(())
    });
}

#[test]
fn an_image_that_was_never_uploaded_is_left_to_the_table_s_ttl() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let image = Uuid::now_v7().to_string();
        write_pending(stack, &own, &image).await?;
        let path = format!("/images/{image}");
        assert_eq!(alice.get(&path).await?.1["status"], "pending");

        assert_eq!(delete(&alice, &image).await?, deleting(&image));
        assert_eq!(alice.get(&path).await?.0, 404);
        assert_eq!(alice.items().await?, Vec::<Value>::new());
        if let Some(record) = root::record(stack, &own.identity, &image).await? {
            let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
            let expires_at = record["expiresAt"].as_n().expect("a number");
            assert!(expires_at.parse::<u64>()? <= now, "{record:?}");
        }
        Ok(())
    });
}

#[test]
fn deleting_again_or_deleting_a_missing_image_gives_the_same_response_and_creates_nothing() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let identity = alice.own().await?.identity;
        let image = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&image).await?;
        for _ in 0..2 {
            assert_eq!(delete(&alice, &image).await?, deleting(&image));
        }
        nothing_is_left(stack, &identity).await?;
        let never = Uuid::now_v7().to_string();
        for id in [&image, &never] {
            assert_eq!(delete(&alice, id).await?, deleting(id));
        }
        assert_eq!(root::records(stack, &identity).await?, 0);
        assert_eq!(delete(&alice, "cat").await?.0, 404);
        Ok(())
    });
}

#[test]
fn a_deletion_that_stopped_half_way_goes_on_when_requested_again() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let image = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&image).await?;
        own.dynamodb
            .update_item()
            .table_name(&stack.outputs().table_name)
            .key("identityId", text(&own.identity))
            .key("imageId", text(&image))
            .update_expression("SET expiresAt = :past")
            .expression_attribute_values(":past", root::number(1000))
            .send()
            .await?;
        assert_eq!(alice.get(&format!("/images/{image}")).await?.0, 404);
        assert_eq!(delete(&alice, &image).await?, deleting(&image));
        nothing_is_left(stack, &own.identity).await
    });
}

#[test]
fn a_user_can_not_delete_another_user_s_image_or_learn_of_it() {
    with_stack(|stack| async move {
        let (alice, bob) = (TestUser::new(stack).await?, TestUser::new(stack).await?);
        let image = alice.upload(images::jpeg(64, 64)).await?;
        let before = alice.ready(&image).await?;
        assert_eq!(delete(&bob, &image).await?, deleting(&image));
        let his = bob.own().await?.identity;
        assert_eq!(root::records(stack, &his).await?, 0);
        let after = alice.ready(&image).await?;
        assert_eq!(after["processedAt"], before["processedAt"]);
        let original = after["original"]["url"].as_str().unwrap_or_default();
        assert_eq!(reqwest::get(original).await?.status(), 200);
        Ok(())
    });
}

#[test]
fn a_late_event_does_not_bring_a_deleted_image_back() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let identity = alice.own().await?.identity;
        let image = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&image).await?;
        let key = format!("original-files/dev/{identity}/{image}.jpg");
        delete(&alice, &image).await?;
        nothing_is_left(stack, &identity).await?;

        let key = key.as_str();
        // The worker logs the outcome last.
        let before = eventually("the worker is done", || async move {
            let removed = root::outcomes(stack, key, "Removed")?;
            Ok((removed > 0).then_some(removed))
        })
        .await?;
        // One event is older than the deletion's, and one is newer.
        for sequencer in ["1", &"F".repeat(32)] {
            root::send_event(stack, "ObjectCreated:Put", key, sequencer).await?;
        }
        eventually("the worker has seen both", || async move {
            Ok((root::outcomes(stack, key, "Removed")? >= before + 2).then_some(()))
        })
        .await?;
        assert_eq!(root::records(stack, &identity).await?, 0);
        assert_eq!(root::files(stack, &identity).await?, Vec::<String>::new());
        assert_eq!(alice.get(&format!("/images/{image}")).await?.0, 404);
        Ok(())
    });
}
