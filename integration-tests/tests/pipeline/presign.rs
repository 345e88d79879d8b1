//! Uploads straight into the bucket, with presigned URLs.

use anyhow::{Context, ensure};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::bad_input::{assert_nothing_stored, assert_problem};
use crate::with_stack;
use integration_tests::{images, user::TestUser};

async fn presign(user: &TestUser<'_>, body: &Value) -> anyhow::Result<Response> {
    let request = user.request(Method::POST, "/upload/presign").json(body);
    Ok(request.send().await?)
}

async fn presigned(user: &TestUser<'_>, body: &Value) -> anyhow::Result<Value> {
    let response = presign(user, body).await?;
    let status = response.status();
    let answer: Value = response.json().await?;
    ensure!(status == 201, "{status}: {answer}");
    Ok(answer)
}

/// Builds the request that the response describes, without a body.
fn described(answer: &Value) -> anyhow::Result<RequestBuilder> {
    let method = answer["method"].as_str().context("a method")?.parse()?;
    let url = answer["url"].as_str().context("a URL")?;
    let mut request = reqwest::Client::new().request(method, url);
    for (name, value) in answer["headers"].as_object().context("headers")? {
        request = request.header(name, value.as_str().context("a value")?);
    }
    Ok(request)
}

fn image_of(answer: &Value) -> anyhow::Result<&str> {
    answer["image"]["imageId"].as_str().context("an image id")
}

#[test]
fn an_image_put_with_a_presigned_url_becomes_ready() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let bytes = images::jpeg(1600, 1200);
        let body =
            json!({"fileName": "引き出し.jpg", "contentType": "image/jpeg", "size": bytes.len()});
        let response = presign(&alice, &body).await?;
        assert_eq!(response.status(), 201);
        let location = response.headers()["location"].to_str()?.to_owned();
        let answer: Value = response.json().await?;
        let image = image_of(&answer)?;
        assert_eq!(location, format!("/images/{image}"));
        assert_eq!(answer["method"], "PUT");
        assert_eq!(answer["fields"], json!({}));
        assert_eq!(
            answer["headers"],
            json!({"content-type": "image/jpeg", "if-none-match": "*"})
        );
        assert!(
            answer["expiresAt"]
                .as_str()
                .is_some_and(|at| at.ends_with('Z'))
        );
        let pending = &answer["image"];
        assert_eq!(
            (&pending["status"], &pending["fileName"], &pending["size"]),
            (
                &"pending".into(),
                &"引き出し.jpg".into(),
                &bytes.len().into()
            )
        );
        assert_eq!(alice.get(&location).await?.1["status"], "pending");

        let put = described(&answer)?.body(bytes.clone()).send().await?;
        assert_eq!(put.status(), 200, "{}", put.text().await?);
        let ready = alice.ready(image).await?;
        assert_eq!(
            (&ready["width"], &ready["fileName"], &ready["uploadedAt"]),
            (&1600.into(), &"引き出し.jpg".into(), &pending["uploadedAt"])
        );
        assert_eq!(ready["thumbnails"].as_array().map(Vec::len), Some(3));
        let original = reqwest::get(ready["original"]["url"].as_str().context("a URL")?).await?;
        assert_eq!(original.bytes().await?, bytes);
        Ok(())
    });
}

#[test]
fn an_upload_of_twenty_megabytes_is_accepted() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let bytes = images::noise(2600, 2600);
        ensure!(bytes.len() > 20_000_000, "{}", bytes.len());
        let body = json!({"contentType": "image/png", "size": bytes.len()});
        let answer = presigned(&alice, &body).await?;
        let size = bytes.len();
        let put = described(&answer)?.body(bytes).send().await?;
        assert_eq!(put.status(), 200, "{}", put.text().await?);
        let ready = alice.ready(image_of(&answer)?).await?;
        assert_eq!(
            (&ready["width"], &ready["size"]),
            (&2600.into(), &size.into())
        );
        Ok(())
    });
}

#[test]
fn an_announced_checksum_adds_a_header_and_is_checked() {
    with_stack(|stack| async move {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let alice = TestUser::new(stack).await?;
        let bytes = images::jpeg(64, 64);
        let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
        let sum = STANDARD.encode(sum);
        let body = json!({"contentType": "image/jpeg", "size": bytes.len(), "sha256": sum});
        let answer = presigned(&alice, &body).await?;
        assert_eq!(
            answer["headers"],
            json!({"content-type": "image/jpeg", "if-none-match": "*", "x-amz-checksum-sha256": sum})
        );
        let mut other = bytes.clone();
        other[bytes.len() / 2] ^= 1;
        let refused = described(&answer)?.body(other).send().await?;
        assert_eq!(refused.status(), 400, "{}", refused.text().await?);
        let put = described(&answer)?.body(bytes).send().await?;
        assert_eq!(put.status(), 200, "{}", put.text().await?);
        alice.ready(image_of(&answer)?).await?;
        Ok(())
    });
}

#[test]
fn a_file_over_the_limit_is_neither_recorded_nor_presigned() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let body = |size: u64| json!({"contentType": "image/png", "size": size});
        let response = presign(&alice, &body(67_108_865)).await?;
        let problem = assert_problem(response, 413, "body-too-large", "64 MiB + 1").await?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(
            detail.contains("67108865") && detail.contains("67108864"),
            "{detail}"
        );
        assert!(!problem.to_string().contains("X-Amz"), "{problem}");
        assert_nothing_stored(&alice).await?;
        // The control: one byte less is accepted.
        presigned(&alice, &body(67_108_864)).await?;
        Ok(())
    });
}

#[test]
fn a_bad_presign_request_is_a_problem_and_leaves_nothing() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        for (body, status, slug) in [
            (json!({}), 400, "body-invalid"),
            (
                json!({"contentType": "image/png", "size": 0}),
                400,
                "body-invalid",
            ),
            (
                json!({"contentType": "image/png", "size": 1, "identityId": "x"}),
                400,
                "body-invalid",
            ),
            (
                json!({"contentType": "image/png", "size": 1, "sha256": "x"}),
                400,
                "body-invalid",
            ),
            (
                json!({"contentType": "text/html", "size": 1}),
                415,
                "unsupported-format",
            ),
            (
                json!({"contentType": "image/png", "size": 1, "fileName": "../a.png"}),
                400,
                "file-name-invalid",
            ),
        ] {
            let response = presign(&alice, &body).await?;
            assert_problem(response, status, slug, &body.to_string()).await?;
        }
        let no_json = alice.post("/upload/presign", b"hello".to_vec()).await?;
        assert_problem(no_json, 400, "body-invalid", "no JSON").await?;
        assert_nothing_stored(&alice).await
    });
}
