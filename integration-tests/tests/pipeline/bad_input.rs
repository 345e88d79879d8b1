//! Invalid input: a clear error, and no change.

use image::ImageFormat;
use reqwest::Method;
use serde_json::Value;

use crate::with_stack;
use integration_tests::{images, user::TestUser};

/// Checks that a response is a problem document of the given type.
pub(crate) async fn assert_problem(
    response: reqwest::Response,
    status: u16,
    slug: &str,
    row: &str,
) -> anyhow::Result<Value> {
    let (given, media_type) = (
        response.status(),
        response.headers().get("content-type").cloned(),
    );
    let body = response.text().await?;
    assert_eq!(given, status, "{row}: {body}");
    assert_eq!(
        media_type.expect("a content type"),
        "application/problem+json",
        "{row}"
    );
    let problem: Value = serde_json::from_str(&body)?;
    assert_eq!(
        problem["type"],
        format!("urn:hikidashi:problem:{slug}"),
        "{row}: {body}"
    );
    assert_eq!(problem["status"], status, "{row}");
    Ok(problem)
}

/// Checks that no object and no record of a user is stored.
pub(crate) async fn assert_nothing_stored(user: &TestUser<'_>) -> anyhow::Result<()> {
    assert_eq!(user.items().await?, Vec::<Value>::new());
    let own = user.own().await?;
    let root = user.stack.s3();
    for folder in ["original-files", "thumbnails"] {
        let objects = root
            .list_objects_v2()
            .bucket(&user.stack.outputs().bucket_name)
            .prefix(format!("{folder}/dev/{}/", own.identity))
            .send()
            .await?;
        assert_eq!(objects.key_count(), Some(0), "{objects:?}");
    }
    let records = own
        .dynamodb
        .query()
        .table_name(&user.stack.outputs().table_name)
        .key_condition_expression("identityId = :i")
        .expression_attribute_values(
            ":i",
            aws_sdk_dynamodb::types::AttributeValue::S(own.identity),
        )
        .send()
        .await?;
    assert_eq!(records.count(), 0, "{records:?}");
    Ok(())
}

#[test]
fn a_body_that_is_no_complete_image_is_refused_and_leaves_nothing() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let jpeg = images::jpeg(200, 200);
        let png = images::encoded(images::halves(64, 64), ImageFormat::Png);
        for (row, bytes, status, slug) in [
            ("empty", Vec::new(), 400, "body-empty"),
            ("text", b"hello".to_vec(), 415, "unsupported-format"),
            (
                "svg",
                b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
                415,
                "unsupported-format",
            ),
            (
                "video",
                b"\0\0\0\x18ftypisom\0\0\0\0".to_vec(),
                415,
                "unsupported-format",
            ),
            (
                "cut-off heic",
                b"\0\0\0\x10ftypheic\0\0\0\0".to_vec(),
                400,
                "file-cut-off",
            ),
            (
                "jpeg, cut off before its pixels",
                jpeg[..100].to_vec(),
                400,
                "file-cut-off",
            ),
            (
                "png, cut off in its pixels",
                png[..png.len() - 30].to_vec(),
                400,
                "file-cut-off",
            ),
        ] {
            assert_problem(alice.post("/upload", bytes).await?, status, slug, row).await?;
        }
        assert_nothing_stored(&alice).await
    });
}

#[test]
fn a_body_that_is_too_large_is_a_413_that_names_presigned_uploads() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let mut bytes = images::jpeg(200, 200);
        bytes.resize(4_700_001, 0);
        let problem = assert_problem(
            alice.post("/upload", bytes).await?,
            413,
            "body-too-large",
            "the limit + 1",
        )
        .await?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(
            detail.contains("4700001") && detail.contains("4700000"),
            "{detail}"
        );
        assert!(detail.contains("POST /upload/presign"), "{detail}");
        assert_nothing_stored(&alice).await
    });
}

/// API Gateway takes 10,240 bytes of request line and headers. With the largest of them, the event
/// that carries a body of the limit in base64 is still one that Lambda takes.
#[test]
fn a_body_of_the_limit_passes_with_as_many_headers_as_the_gateway_takes() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let padding = 10_240 - 512 - alice.tokens.id.len();
        let response = alice
            .request(Method::POST, "/upload")
            .header("content-type", "application/octet-stream")
            .header("x-padding", "\"".repeat(padding))
            .body(images::jpeg_of_bytes(4_700_000))
            .send()
            .await?;
        assert_eq!(response.status(), 201, "{}", response.text().await?);
        Ok(())
    });
}

#[test]
fn a_body_that_lambda_does_not_take_is_refused_by_the_gateway() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let response = alice.post("/upload", vec![0; 4_718_668]).await?;
        assert_eq!(response.status(), 413);
        let body: Value = response.json().await?;
        assert!(
            body["message"].is_string() && body["type"].is_null(),
            "{body}"
        );
        assert_nothing_stored(&alice).await
    });
}

#[test]
fn a_form_without_a_file_is_refused_and_leaves_nothing() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let part = |name: &str, bytes: &str| {
            format!(
                "--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.jpg\"\r\n\r\n{bytes}\r\n--b--\r\n"
            )
        };
        for (row, body, slug) in [
            ("a file part of 0 bytes", part("file", ""), "body-empty"),
            ("another field", part("other", "x"), "form-invalid"),
            (
                "no end",
                "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx".to_owned(),
                "form-invalid",
            ),
            ("no form", "hello".to_owned(), "form-invalid"),
        ] {
            let request = alice
                .request(Method::POST, "/upload")
                .header("content-type", "multipart/form-data; boundary=b")
                .body(body);
            assert_problem(request.send().await?, 400, slug, row).await?;
        }
        assert_nothing_stored(&alice).await
    });
}

#[test]
fn a_bad_file_name_is_refused_and_leaves_nothing() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let long = format!("{}.jpg", "a".repeat(296));
        for name in [
            "..%2Fa.jpg",
            "C%3A%5Cfakepath%5Ca.jpg",
            "a%0A.jpg",
            "a%00.jpg",
            "",
            &long,
        ] {
            let response = alice
                .post(&format!("/upload?name={name}"), images::jpeg(32, 32))
                .await?;
            assert_problem(response, 400, "file-name-invalid", name).await?;
        }
        assert_nothing_stored(&alice).await
    });
}

#[test]
fn a_bad_limit_or_cursor_is_refused() {
    with_stack(|stack| async move {
        let (alice, bob) = (TestUser::new(stack).await?, TestUser::new(stack).await?);
        for _ in 0..2 {
            bob.upload(images::jpeg(32, 32)).await?;
        }
        let (_, page) = bob.get("/images?limit=1").await?;
        let his = page["nextCursor"]
            .as_str()
            .expect("more than one page")
            .to_owned();
        for (query, slug) in [
            ("limit=0".to_owned(), "limit-invalid"),
            ("limit=101".to_owned(), "limit-invalid"),
            ("limit=abc".to_owned(), "limit-invalid"),
            ("cursor=garbage".to_owned(), "cursor-invalid"),
            ("cursor=".to_owned(), "cursor-invalid"),
            (format!("cursor={his}"), "cursor-invalid"),
        ] {
            let response = alice
                .request(Method::GET, &format!("/images?{query}"))
                .send()
                .await?;
            assert_problem(response, 400, slug, &query).await?;
        }
        Ok(())
    });
}

#[test]
fn an_invalid_id_is_not_found() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        for id in [
            "cat",
            // Not "..": the HTTP client would resolve it to the parent, which is the gallery's
            // page.
            "..%2Fimages",
            "0190a5d0-7bcd-7abc-8def-0123456789AB",
            "'%20OR%201=1",
        ] {
            let response = alice
                .request(Method::GET, &format!("/images/{id}"))
                .send()
                .await?;
            assert_eq!(response.status(), 404, "{id}");
        }
        Ok(())
    });
}
