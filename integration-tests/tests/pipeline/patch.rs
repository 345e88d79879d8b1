//! Changes of an image's name and caption by its owner.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::with_stack;
use crate::{bad_input::assert_problem, root};
use integration_tests::denial::text;
use integration_tests::{images, user::TestUser};

async fn patch(user: &TestUser<'_>, image: &str, body: impl ToString) -> anyhow::Result<Response> {
    let request = user
        .request(Method::PATCH, &format!("/images/{image}"))
        .header("content-type", "application/json");
    Ok(request.body(body.to_string()).send().await?)
}

#[test]
fn a_name_and_a_caption_are_set_kept_and_removed() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&image).await?;
        let caption = "引き出し, 2026\n🌊";
        for (body, name, says) in [
            (
                json!({"fileName": "sea.jpg", "caption": caption}),
                json!("sea.jpg"),
                json!(caption),
            ),
            (
                json!({"fileName": "meer.jpg"}),
                json!("meer.jpg"),
                json!(caption),
            ),
            (json!({"caption": null}), json!("meer.jpg"), Value::Null),
            (
                json!({"caption": "x", "fileName": null}),
                Value::Null,
                json!("x"),
            ),
            (
                json!({"caption": "x".repeat(500)}),
                Value::Null,
                json!("x".repeat(500)),
            ),
        ] {
            let response = patch(&alice, &image, &body).await?;
            assert_eq!(response.status(), 200, "{body}");
            let answer: Value = response.json().await?;
            let (_, read) = alice.get(&format!("/images/{image}")).await?;
            let listed = alice.items().await?.remove(0);
            for resource in [answer, read, listed] {
                assert_eq!(
                    (
                        &resource["fileName"],
                        &resource["caption"],
                        &resource["status"]
                    ),
                    (&name, &says, &json!("ready")),
                    "{body}"
                );
                assert_eq!(resource["thumbnails"].as_array().map(Vec::len), Some(3));
            }
        }
        Ok(())
    });
}

#[test]
fn attributes_set_on_a_pending_image_are_kept_when_it_is_ready() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = alice.upload(images::jpeg(640, 480)).await?;
        let response = patch(&alice, &image, json!({"caption": "early"})).await?;
        assert_eq!(response.status(), 200);
        assert_eq!(alice.ready(&image).await?["caption"], "early");
        Ok(())
    });
}

#[test]
fn a_bad_body_is_refused_and_changes_nothing() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&image).await?;
        patch(&alice, &image, json!({"fileName": "a.jpg", "caption": "b"})).await?;
        let path = format!("/images/{image}");
        for (body, slug) in [
            (String::new(), "body-invalid"),
            ("caption=x".to_owned(), "body-invalid"),
            ("{}".to_owned(), "body-invalid"),
            ("null".to_owned(), "body-invalid"),
            (json!(["a.jpg", "x"]).to_string(), "body-invalid"),
            (json!({"caption": 1}).to_string(), "body-invalid"),
            (json!({"caption": ["x"]}).to_string(), "body-invalid"),
            (json!({"fileName": false}).to_string(), "body-invalid"),
            (
                json!({"caption": "x", "status": "ready"}).to_string(),
                "body-invalid",
            ),
            (
                json!({"caption": "x", "identityId": "me"}).to_string(),
                "body-invalid",
            ),
            (json!({"filename": "x.jpg"}).to_string(), "body-invalid"),
            (json!({"caption": ""}).to_string(), "caption-invalid"),
            (
                json!({"caption": "x".repeat(501)}).to_string(),
                "caption-invalid",
            ),
            (json!({"caption": "a\u{0}b"}).to_string(), "caption-invalid"),
            (json!({"fileName": ""}).to_string(), "file-name-invalid"),
            (
                json!({"fileName": "../a.jpg"}).to_string(),
                "file-name-invalid",
            ),
            (
                json!({"fileName": "x".repeat(256)}).to_string(),
                "file-name-invalid",
            ),
            (
                json!({"caption": "good", "fileName": "a/b"}).to_string(),
                "file-name-invalid",
            ),
        ] {
            assert_problem(patch(&alice, &image, &body).await?, 400, slug, &body).await?;
        }
        let (_, read) = alice.get(&path).await?;
        assert_eq!(
            (&read["fileName"], &read["caption"]),
            (&json!("a.jpg"), &json!("b"))
        );
        Ok(())
    });
}

#[test]
fn a_patch_does_not_create_a_missing_image() {
    with_stack(|stack| async move {
        let (alice, bob) = (TestUser::new(stack).await?, TestUser::new(stack).await?);
        let hers = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&hers).await?;
        let his = bob.own().await?.identity;
        let never = Uuid::now_v7().to_string();
        for (row, image) in [
            ("another user's", hers.as_str()),
            ("never was", &never),
            ("no id", "cat"),
        ] {
            let response = patch(&bob, image, json!({"caption": "mine"})).await?;
            assert_problem(response, 404, "image-not-found", row).await?;
        }
        assert_eq!(root::records(stack, &his).await?, 0);
        assert_eq!(alice.ready(&hers).await?.get("caption"), None);

        // Hidden, as after a deletion whose event has not arrived yet.
        let hidden = Uuid::now_v7().to_string();
        bob.own()
            .await?
            .dynamodb
            .update_item()
            .table_name(&stack.outputs().table_name)
            .key("identityId", text(&his))
            .key("imageId", text(&hidden))
            .update_expression("SET expiresAt = :past")
            .expression_attribute_values(":past", root::number(1000))
            .send()
            .await?;
        let response = patch(&bob, &hidden, json!({"caption": "mine"})).await?;
        assert_problem(response, 404, "image-not-found", "hidden").await?;
        let record = root::record(stack, &his, &hidden).await?;
        assert_eq!(
            record.and_then(|record| record.get("caption").cloned()),
            None
        );
        Ok(())
    });
}

#[test]
fn the_caption_is_the_user_s_own_attribute() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let image = Uuid::now_v7().to_string();
        own.dynamodb
            .update_item()
            .table_name(&stack.outputs().table_name)
            .key("identityId", text(&own.identity))
            .key("imageId", text(&image))
            .update_expression("SET caption = :caption")
            .expression_attribute_values(":caption", text("by hand"))
            .send()
            .await?;
        assert_eq!(alice.items().await?[0]["caption"], "by hand");
        Ok(())
    });
}
