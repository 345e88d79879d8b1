//! Quotas: what is counted, what is refused, and what a user is told.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use local::stack::Stack;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::with_stack;
use crate::{
    bad_input::assert_problem,
    root::{self, number},
};
use integration_tests::{
    images,
    stack::{dynamodb, eventually},
    user::{Own, TestUser},
};

const MAX_BYTES: u64 = 10_737_418_240;
const MAX_IMAGES: u64 = 10_000;

/// Writes attributes of a user's usage item, as only an operator can.
async fn set<const N: usize>(
    stack: &Stack,
    identity: &str,
    attributes: [(&str, AttributeValue); N],
) -> anyhow::Result<()> {
    let mut update = dynamodb(stack)
        .update_item()
        .table_name(&stack.outputs().table_name)
        .key("identityId", AttributeValue::S(format!("usage#{identity}")))
        .key("imageId", AttributeValue::S("usage".to_owned()));
    let mut sets = Vec::new();
    for (name, value) in attributes {
        sets.push(format!("#{name} = :{name}"));
        update = update
            .expression_attribute_names(format!("#{name}"), name)
            .expression_attribute_values(format!(":{name}"), value);
    }
    let update = update.update_expression(format!("SET {}", sets.join(", ")));
    update.send().await?;
    Ok(())
}

/// Returns a user's usage item, as it is stored.
async fn stored(stack: &Stack, identity: &str) -> anyhow::Result<HashMap<String, AttributeValue>> {
    let answer = dynamodb(stack)
        .get_item()
        .table_name(&stack.outputs().table_name)
        .key("identityId", AttributeValue::S(format!("usage#{identity}")))
        .key("imageId", AttributeValue::S("usage".to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    Ok(answer.item.unwrap_or_default())
}

async fn me(user: &TestUser<'_>) -> anyhow::Result<Value> {
    let (status, me) = user.get("/me").await?;
    assert_eq!(status, 200, "{me}");
    Ok(me)
}

/// Waits until a user's usage is this.
async fn usage_becomes(user: &TestUser<'_>, bytes: usize, images: u64) -> anyhow::Result<()> {
    let expected = json!({"bytes": bytes, "images": images});
    let expected = &expected;
    eventually(&format!("the usage is {expected}"), || async move {
        Ok((me(user).await?["usage"] == *expected).then_some(()))
    })
    .await
}

/// Uploads an image, and waits until it is ready and counted as the user's only one.
async fn first_image(user: &TestUser<'_>, bytes: &[u8]) -> anyhow::Result<String> {
    let image = user.upload(bytes.to_vec()).await?;
    user.ready(&image).await?;
    usage_becomes(user, bytes.len(), 1).await?;
    Ok(image)
}

async fn delete(user: &TestUser<'_>, image: &str) -> anyhow::Result<()> {
    let deletion = user.request(Method::DELETE, &format!("/images/{image}"));
    assert_eq!(deletion.send().await?.status(), 202);
    Ok(())
}

async fn retry(user: &TestUser<'_>, image: &str) -> anyhow::Result<()> {
    let retrial = user.request(Method::POST, &format!("/images/{image}/retry"));
    assert_eq!(retrial.send().await?.status(), 202);
    Ok(())
}

/// Puts an original over itself, and returns the image when it has been processed again.
async fn put_again(
    user: &TestUser<'_>,
    own: &Own,
    image: &str,
    bytes: &[u8],
) -> anyhow::Result<Value> {
    let path = &format!("/images/{image}");
    let first = &user.get(path).await?.1["processedAt"].clone();
    put(user.stack, own, image, bytes).await?;
    eventually("it is processed again", || async move {
        let (_, image) = user.get(path).await?;
        Ok((image["processedAt"] != *first).then_some(image))
    })
    .await
}

async fn put(stack: &Stack, own: &Own, image: &str, bytes: &[u8]) -> anyhow::Result<()> {
    own.s3
        .put_object()
        .bucket(&stack.outputs().bucket_name)
        .key(format!("original-files/dev/{}/{image}.jpg", own.identity))
        .body(bytes.to_vec().into())
        .send()
        .await?;
    Ok(())
}

#[test]
fn a_user_is_told_usage_quota_and_limits() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let expected = json!({
            "identityId": own.identity,
            "usage": {"bytes": 0, "images": 0},
            "quota": {"maxBytes": MAX_BYTES, "maxImages": MAX_IMAGES},
            "limits": {"maxUploadBytes": 4_700_000, "maxImageBytes": 67_108_864, "acceptHeic": true},
        });
        assert_eq!(me(&alice).await?, expected);
        // Of wrong types: the stage's values.
        let odd = [
            ("bytes", AttributeValue::S("many".to_owned())),
            ("images", AttributeValue::N("-3".to_owned())),
            ("maxBytes", AttributeValue::Bool(true)),
            ("maxImages", AttributeValue::N("1.5".to_owned())),
        ];
        set(stack, &own.identity, odd).await?;
        assert_eq!(me(&alice).await?, expected);
        // What can't be added to is set.
        let bytes = images::jpeg(64, 64);
        first_image(&alice, &bytes).await?;
        // No limit.
        let none = [("maxBytes", number(0)), ("maxImages", number(0))];
        set(stack, &own.identity, none).await?;
        let quota = json!({"maxBytes": null, "maxImages": null});
        assert_eq!(me(&alice).await?["quota"], quota);
        Ok(())
    });
}

#[test]
fn an_image_counts_once_whatever_happens_to_it() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let (small, large) = (images::jpeg(64, 64), images::jpeg(640, 480));
        let image = first_image(&alice, &small).await?;
        let record = root::record(stack, &own.identity, &image).await?;
        let counted = record.map(|item| item["countedBytes"].clone());
        assert_eq!(counted, Some(number(small.len())));

        // The same bytes again, which is an event of its own.
        let before = stored(stack, &own.identity).await?;
        put_again(&alice, &own, &image, &small).await?;
        let after = stored(stack, &own.identity).await?;
        assert_eq!(after, before, "nothing was counted");

        put(stack, &own, &image, &large).await?;
        usage_becomes(&alice, large.len(), 1).await?;
        put(stack, &own, &image, &small).await?;
        usage_becomes(&alice, small.len(), 1).await?;

        // A failed image counts too: its file is there.
        put(stack, &own, &image, b"not an image").await?;
        usage_becomes(&alice, 12, 1).await?;
        retry(&alice, &image).await?;
        usage_becomes(&alice, 12, 1).await?;

        let second = alice.upload(large.clone()).await?;
        usage_becomes(&alice, 12 + large.len(), 2).await?;
        for (image, bytes, images) in [(&image, large.len(), 1), (&second, 0, 0)] {
            delete(&alice, image).await?;
            usage_becomes(&alice, bytes, images).await?;
        }
        Ok(())
    });
}

#[test]
fn a_counter_never_goes_below_zero() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let image = first_image(&alice, &images::jpeg(64, 64)).await?;
        let drifted = [("bytes", number(3)), ("images", number(7))];
        set(stack, &own.identity, drifted).await?;
        delete(&alice, &image).await?;
        usage_becomes(&alice, 0, 6).await
    });
}

#[test]
fn an_upload_beyond_the_quota_is_refused_and_stores_nothing() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let bytes = images::jpeg(640, 480);
        let size = bytes.len();
        // Used bytes and images; limits of both, where 0 is none.
        for (row, [used_bytes, used_images, max_bytes, max_images]) in [
            ("too many bytes", [0, 0, size - 1, 0]),
            ("too many bytes with those used", [5, 0, size + 4, 0]),
            ("too many images", [5, 1, 0, 1]),
            ("below today's usage", [size * 3, 3, size, 2]),
        ] {
            let item = [
                ("bytes", number(used_bytes)),
                ("images", number(used_images)),
                ("maxBytes", number(max_bytes)),
                ("maxImages", number(max_images)),
            ];
            set(stack, &own.identity, item).await?;
            let file = json!({"contentType": "image/jpeg", "size": size});
            let presign = alice.request(Method::POST, "/upload/presign").json(&file);
            for response in [
                alice.post("/upload", bytes.clone()).await?,
                presign.send().await?,
            ] {
                assert!(response.headers().get("x-quota-usage").is_none(), "{row}");
                let problem = assert_problem(response, 403, "quota-exceeded", row).await?;
                let members = ["usedBytes", "usedImages", "maxBytes", "maxImages"];
                let limit = |max: usize| (max > 0).then_some(max);
                assert_eq!(
                    members.map(|member| problem[member].clone()),
                    [
                        json!(used_bytes),
                        json!(used_images),
                        json!(limit(max_bytes)),
                        json!(limit(max_images)),
                    ],
                    "{row}"
                );
            }
        }
        assert_eq!(root::records(stack, &own.identity).await?, 0);
        let files = root::files(stack, &own.identity).await?;
        assert!(files.is_empty(), "{files:?}");
        Ok(())
    });
}

#[test]
fn a_user_is_warned_from_four_fifths_on() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let bytes = images::jpeg(64, 64);
        let size = bytes.len();
        let file = json!({"contentType": "image/jpeg", "size": size});
        for (max, warned) in [
            (size * 5 / 4 + 1, None),
            (
                size * 5 / 4,
                Some(format!("bytes={size}/{}, images=1/*", size * 5 / 4)),
            ),
            (size, Some(format!("bytes={size}/{size}, images=1/*"))),
        ] {
            let limits = [("maxBytes", number(max)), ("maxImages", number(0))];
            set(stack, &own.identity, limits).await?;
            let presign = alice.request(Method::POST, "/upload/presign").json(&file);
            let response = presign.send().await?;
            assert_eq!(response.status(), 201);
            let header = response.headers().get("x-quota-usage");
            let header = header.and_then(|value| value.to_str().ok());
            assert_eq!(header, warned.as_deref(), "{max}");
        }
        let response = alice.post("/upload", bytes).await?;
        assert_eq!(response.status(), 201);
        assert!(response.headers().contains_key("x-quota-usage"));
        Ok(())
    });
}

#[test]
fn what_is_put_directly_beyond_the_quota_fails_and_does_not_count() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let (small, large) = (images::jpeg(64, 64), images::jpeg(640, 480));
        let kept = first_image(&alice, &small).await?;
        let limits = [("maxBytes", number(large.len())), ("maxImages", number(0))];
        set(stack, &own.identity, limits).await?;

        let image = Uuid::now_v7().to_string();
        put(stack, &own, &image, &large).await?;
        let failed = alice.done(&image).await?;
        assert_eq!(failed["failure"]["code"], "over_quota", "{failed}");
        let message = failed["failure"]["message"].as_str().unwrap_or_default();
        let said = format!("{} of {} bytes", small.len(), large.len());
        assert!(message.contains(&said), "{message}");
        assert_eq!(me(&alice).await?["usage"]["images"], 1);
        let record = root::record(stack, &own.identity, &image).await?;
        assert!(record.is_some_and(|item| !item.contains_key("countedBytes")));
        // An image that counts already is not refused, however often it comes.
        put(stack, &own, &kept, &small).await?;

        // A retry finds room once something was deleted.
        delete(&alice, &kept).await?;
        usage_becomes(&alice, 0, 0).await?;
        retry(&alice, &image).await?;
        let (alice, path) = (&alice, format!("/images/{image}"));
        let path = path.as_str();
        eventually("there is room", || async move {
            Ok((alice.get(path).await?.1["status"] == "ready").then_some(()))
        })
        .await?;
        usage_becomes(alice, large.len(), 1).await
    });
}

#[test]
fn a_quota_below_the_usage_deletes_nothing() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let bytes = images::jpeg(64, 64);
        let image = first_image(&alice, &bytes).await?;
        set(stack, &own.identity, [("maxBytes", number(1))]).await?;
        let response = alice.post("/upload", bytes.clone()).await?;
        assert_problem(response, 403, "quota-exceeded", "upload").await?;
        let again = put_again(&alice, &own, &image, &bytes).await?;
        assert_eq!(again["status"], "ready", "{again}");
        Ok(())
    });
}

#[test]
fn an_image_of_before_quotas_stays_whatever_the_quota() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let bytes = images::jpeg(64, 64);
        let image = first_image(&alice, &bytes).await?;
        dynamodb(stack)
            .update_item()
            .table_name(&stack.outputs().table_name)
            .key("identityId", AttributeValue::S(own.identity.clone()))
            .key("imageId", AttributeValue::S(image.clone()))
            .update_expression("REMOVE countedBytes")
            .send()
            .await?;
        let none = [
            ("bytes", number(0)),
            ("images", number(0)),
            ("maxBytes", number(1)),
        ];
        set(stack, &own.identity, none).await?;
        let again = put_again(&alice, &own, &image, &bytes).await?;
        assert_eq!(again["status"], "ready", "{again}");
        usage_becomes(&alice, bytes.len(), 1).await
    });
}
