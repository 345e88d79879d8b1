//! The logs at the most verbose level: the required fields, and the data that must not appear.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use local::stack::Stack;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::with_stack;
use integration_tests::{images, stack::eventually, user::TestUser};

/// Reads the whole log of a function.
fn log_of(stack: &Stack, function: &str) -> anyhow::Result<String> {
    let file = format!("hikidashi-dev-{function}.log");
    let path: PathBuf = stack.logs().join("containers/logs").join(file);
    std::fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))
}

/// Parses the lines that contain a text. Every line must be JSON.
fn lines(log: &str, text: &str) -> anyhow::Result<Vec<Value>> {
    log.lines()
        .filter(|line| line.contains(text))
        .map(|line| serde_json::from_str(line).with_context(|| line.to_owned()))
        .collect()
}

/// Adds a comment to a JPEG, which decoders ignore.
fn with_comment(mut jpeg: Vec<u8>, comment: &str) -> Vec<u8> {
    let length = u16::try_from(comment.len() + 2).expect("a short comment");
    let [high, low] = length.to_be_bytes();
    let segment = [&[0xFF, 0xFE, high, low][..], comment.as_bytes()].concat();
    jpeg.splice(2..2, segment);
    jpeg
}

#[test]
fn neither_token_nor_claim_nor_body_is_ever_logged_and_ids_always_are() {
    with_stack(|stack| async move {
        let mark = format!("marked{}", Uuid::new_v4().simple());
        let user = stack.create_user(&mark).await?;
        let alice = TestUser::of(stack, user).await?;
        let token = alice.tokens.id.clone();

        let upload = format!("/upload?name=query.jpg&{mark}=1");
        let refused = alice.post(&upload, b"not an image".to_vec()).await?;
        let refused_id = refused.headers()["x-request-id"].to_str()?.to_owned();
        ensure!(refused.status().is_client_error(), "{}", refused.status());

        let commented = with_comment(images::jpeg(64, 64), &mark);
        let uploaded = alice.post("/upload", commented).await?;
        ensure!(uploaded.status() == 201, "{}", uploaded.text().await?);
        let request_id = uploaded.headers()["x-request-id"].to_str()?.to_owned();
        let image = uploaded.json::<Value>().await?["imageId"]
            .as_str()
            .context("an image id")?
            .to_owned();
        alice.ready(&image).await?;
        alice.items().await?;
        let patch = alice.request(Method::PATCH, &format!("/images/{image}"));
        let caption = json!({ "caption": format!("caption {mark}") });
        ensure!(patch.json(&caption).send().await?.status() == 200);
        let request =
            json!({"fileName": "a.png", "contentType": "image/png", "size": 9, "sha256": mark});
        let presign = alice
            .request(Method::POST, "/upload/presign")
            .json(&request);
        ensure!(presign.send().await?.status() == 400);
        let delete = alice.request(Method::DELETE, &format!("/images/{image}"));
        ensure!(delete.send().await?.status() == 202);
        // A forged token of the same user.
        let forged = format!("{}x", &token[..token.len() - 1]);
        alice
            .request_with(Method::GET, "/images", &forged)
            .send()
            .await?;

        // Another process copies standard output to the log.
        let (image, request_id) = (image.as_str(), request_id.as_str());
        eventually("the worker has logged the deletion", || async move {
            let log = log_of(stack, "thumbnail")?;
            let removed = lines(&log, image)?
                .iter()
                .any(|line| line["outcome"] == "removed");
            Ok(removed.then_some(()))
        })
        .await?;

        let claims = token.split('.').nth(1).context("claims")?;
        let signature = token.split('.').nth(2).context("a signature")?;
        let sub = sub_of(claims)?;
        for function in ["authorizer", "upload", "images", "thumbnail"] {
            let log = log_of(stack, function)?;
            for secret in [&token, claims, signature, &forged, &mark, &sub] {
                let line = log.lines().find(|line| line.contains(secret));
                assert_eq!(line, None, "{function} logs {secret}");
            }
            for secret in ["X-Amz-Signature", "X-Amz-Security-Token", "@example.com"] {
                assert!(!log.contains(secret), "{function} logs {secret}");
            }
        }

        // The control: the identifiers are logged, and connect upload, object and worker.
        let upload = lines(&log_of(stack, "upload")?, image)?;
        let told = upload
            .iter()
            .find(|line| line["message"] == "upload accepted")
            .context("the upload is logged")?;
        assert_eq!(told["spans"][0]["requestId"], request_id);
        assert_eq!(told["image"], image);
        let worker = lines(&log_of(stack, "thumbnail")?, image)?;
        let done = worker
            .iter()
            .find(|line| line["message"] == "S3 event processed" && line["outcome"] == "Ready")
            .context("the work is logged")?;
        assert_eq!(done["spans"][1]["image"], image);
        assert_eq!(done["spans"][1]["upload"], request_id);
        let trace = told["spans"][0]["xrayTraceId"].as_str();
        assert_eq!(done["spans"][1]["uploadTrace"].as_str(), trace);
        assert!(trace.is_some_and(|trace| trace.starts_with("Root=1-")));

        // The metrics are logged too, one line for each unit of work.
        let measured: Vec<&Value> = upload.iter().filter(|line| line["Uploads"] == 1).collect();
        assert_eq!(measured.len(), 1);
        assert_eq!(measured[0]["requestId"], request_id);
        assert_eq!(measured[0]["outcome"], "accepted");
        let made = worker
            .iter()
            .find(|line| line["EventsProcessed"] == 1 && line["outcome"] == "ready")
            .context("the upload is measured")?;
        assert!(made["TimeToReady"].as_f64() > Some(0.0), "{made}");
        assert!(made["DecodeTime"].as_f64() > Some(0.0), "{made}");
        let refusals = lines(&log_of(stack, "upload")?, &refused_id)?;
        let refusal = refusals
            .iter()
            .find(|line| line["Uploads"] == 1)
            .context("the refusal is measured")?;
        assert_eq!(refusal["outcome"], "refused");
        assert_eq!(refusal["reason"], "unsupported-format");
        Ok(())
    });
}

fn sub_of(claims: &str) -> anyhow::Result<String> {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
    Ok(claims["sub"].as_str().context("a sub")?.to_owned())
}
