//! Presigned PUTs, each good for one object with one body. Every refusal has a control.

use std::time::{Duration, SystemTime};

use anyhow::Context;
use aws_sdk_s3::{operation::get_object::GetObjectError, presigning::PresigningConfig};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::TURN;
use crate::with_stack;
use integration_tests::{
    images,
    user::{Own, TestUser},
};

/// A request that may differ from the signed one.
#[derive(Clone)]
struct Attempt {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Attempt {
    /// Builds the request that the response of `POST /upload/presign` describes.
    fn described(answer: &Value, body: Vec<u8>) -> anyhow::Result<Self> {
        let headers = answer["headers"].as_object().context("headers")?;
        let header = |(name, value): (&String, &Value)| {
            let value = value.as_str().context("a header's value")?;
            anyhow::Ok((name.clone(), value.to_owned()))
        };
        Ok(Self {
            method: Method::PUT,
            url: answer["url"].as_str().context("a URL")?.to_owned(),
            headers: headers.iter().map(header).collect::<Result<_, _>>()?,
            body,
        })
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    fn with_url(&self, from: &str, to: &str) -> Self {
        assert!(self.url.contains(from), "{from} is not in the URL");
        self.with(|attempt| attempt.url = attempt.url.replace(from, to))
    }

    fn without_header(&self, name: &str) -> Self {
        self.with(|attempt| attempt.headers.retain(|(given, _)| given != name))
    }

    fn with_header(&self, name: &str, value: &str) -> Self {
        let mut changed = self.without_header(name);
        changed.headers.push((name.to_owned(), value.to_owned()));
        changed
    }

    /// Sends the request and returns the status and S3's error code.
    async fn send(self) -> anyhow::Result<(u16, String)> {
        let mut request = reqwest::Client::new().request(self.method, self.url);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let response = request.body(self.body).send().await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        let code = text
            .split_once("<Code>")
            .and_then(|(_, rest)| rest.split_once("</Code>"))
            .map_or("", |(code, _)| code);
        Ok((status, code.to_owned()))
    }
}

/// Checks that an object does not exist.
async fn assert_absent(own: &Own, user: &TestUser<'_>, key: &str, row: &str) {
    let bucket = &user.stack.outputs().bucket_name;
    let got = own.s3.get_object().bucket(bucket).key(key).send().await;
    let error = got.expect_err(row);
    assert!(
        error
            .as_service_error()
            .is_some_and(GetObjectError::is_no_such_key)
            || format!("{error:?}").contains("AccessDenied"),
        "{row}: {error:?}"
    );
}

fn digest(bytes: &[u8]) -> String {
    STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes))
}

#[test]
fn a_presigned_put_accepts_exactly_the_announced_file_and_accepts_it_once() {
    with_stack(|stack| async move {
        let _turn = TURN.read().await;
        let (alice, bob) = (TestUser::new(stack).await?, TestUser::new(stack).await?);
        let (own, his) = (alice.own().await?, bob.own().await?.identity);
        let bytes = images::jpeg(300, 200);
        let file = json!({"contentType": "image/jpeg", "size": bytes.len()});
        let answer = alice.presigned(&file).await?;
        let image = answer["image"]["imageId"].as_str().context("an id")?;
        let key = format!("original-files/dev/{}/{image}.jpg", own.identity);
        let good = Attempt::described(&answer, bytes.clone())?;
        let hers = own.identity.replace(':', "%3A");
        let other_image = Uuid::now_v7().to_string();

        let rows = [
            ("one byte longer", good.with(|it| it.body.push(0))),
            (
                "one byte shorter",
                good.with(|it| it.body.truncate(bytes.len() - 1)),
            ),
            ("no body", good.with(|it| it.body.clear())),
            (
                "another type",
                good.with_header("content-type", "image/png"),
            ),
            ("HTML", good.with_header("content-type", "text/html")),
            ("no type", good.without_header("content-type")),
            ("no condition", good.without_header("if-none-match")),
            (
                "another condition",
                good.with_header("if-none-match", "\"x\""),
            ),
            ("another image", good.with_url(image, &other_image)),
            ("another extension", good.with_url(".jpg?", ".svg?")),
            (
                "another user",
                good.with_url(&hers, &his.replace(':', "%3A")),
            ),
            (
                "another folder",
                good.with_url("original-files/", "thumbnails/"),
            ),
            (
                "a longer life",
                good.with_url("X-Amz-Expires=", "X-Amz-Expires=9"),
            ),
            (
                "fewer signed headers",
                good.with_url("content-length%3B", ""),
            ),
            ("a read", good.with(|it| it.method = Method::GET)),
            ("a delete", good.with(|it| it.method = Method::DELETE)),
            (
                "no signature",
                good.with(|it| it.url.truncate(it.url.find('?').unwrap_or_default())),
            ),
        ];
        for (row, attempt) in rows {
            let (status, code) = attempt.send().await?;
            assert_eq!(status, 403, "{row}: {code}");
            // For a missing signed header, the emulator's code is the third, and S3's is the first.
            let codes = [
                "SignatureDoesNotMatch",
                "AccessDenied",
                "IncompleteSignature",
            ];
            assert!(codes.contains(&code.as_str()), "{row}: {code}");
            assert_absent(&own, &alice, &key, row).await;
        }
        assert_eq!(good.clone().send().await?.0, 200);
        let (status, code) = good.send().await?;
        assert_eq!((status, code.as_str()), (412, "PreconditionFailed"));
        let ready = alice.processed(image).await?;
        assert_eq!(ready["width"], 300);
        Ok(())
    });
}

#[test]
fn an_announced_checksum_refuses_every_other_body() {
    with_stack(|stack| async move {
        let _turn = TURN.read().await;
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let bytes = images::jpeg(300, 200);
        let mut other = bytes.clone();
        other[bytes.len() / 2] ^= 1;
        let file =
            json!({"contentType": "image/jpeg", "size": bytes.len(), "sha256": digest(&bytes)});
        let answer = alice.presigned(&file).await?;
        let image = answer["image"]["imageId"].as_str().context("an id")?;
        let key = format!("original-files/dev/{}/{image}.jpg", own.identity);
        let good = Attempt::described(&answer, bytes)?;
        let with_other = good.with(|it| it.body.clone_from(&other));
        let sum = "x-amz-checksum-sha256";

        for (row, attempt, status) in [
            ("another body", with_other.clone(), 400),
            (
                "another body with its own sum",
                with_other.with_header(sum, &digest(&other)),
                403,
            ),
            (
                "another body without a sum",
                with_other.without_header(sum),
                403,
            ),
            ("no sum", good.without_header(sum), 403),
        ] {
            let (given, code) = attempt.send().await?;
            assert_eq!(given, status, "{row}: {code}");
            assert_absent(&own, &alice, &key, row).await;
        }
        assert_eq!(good.send().await?.0, 200);
        alice.processed(image).await?;
        Ok(())
    });
}

#[test]
fn a_presigned_put_expires_at_the_announced_time() {
    with_stack(|stack| async move {
        let _turn = TURN.read().await;
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let bytes = images::jpeg(30, 20);
        let key = format!("original-files/dev/{}/{}.jpg", own.identity, Uuid::now_v7());
        let length = i64::try_from(bytes.len())?;
        // Signs as the function does, but with a start time of the test.
        let signed = async |start: SystemTime| {
            let config = PresigningConfig::builder()
                .start_time(start)
                .expires_in(Duration::from_mins(15))
                .build()?;
            let request = own
                .s3
                .put_object()
                .bucket(&stack.outputs().bucket_name)
                .key(&key)
                .content_type("image/jpeg")
                .content_length(length)
                .if_none_match("*")
                .presigned(config)
                .await?;
            let headers = [("content-type", "image/jpeg"), ("if-none-match", "*")];
            let owned = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
            anyhow::Ok(Attempt {
                method: Method::PUT,
                url: request.uri().to_owned(),
                headers: owned.to_vec(),
                body: bytes.clone(),
            })
        };
        let now = SystemTime::now();
        let over = signed(now - Duration::from_mins(16)).await?.send().await?;
        assert_eq!(over, (403, "AccessDenied".to_owned()));
        assert_absent(&own, &alice, &key, "expired").await;
        let good = signed(now - Duration::from_mins(14)).await?.send().await?;
        assert_eq!(good.0, 200, "{}", good.1);
        Ok(())
    });
}
