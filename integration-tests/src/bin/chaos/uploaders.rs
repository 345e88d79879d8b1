//! Uploads in all three ways, and the overwrites and deletions that follow.

use std::time::Duration;

use anyhow::{Context as _, bail};
use fastrand::Rng;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use integration_tests::images::random::{self, ImageFile};
use local::stack::Stack;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::uploader::Uploader;

const USERS: u32 = 5;
const AT_ONCE: usize = 6;

/// Number of attempts of a client that gets a 5xx.
const ATTEMPTS: u32 = 20;

/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(200);

/// An upload that was accepted.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) identity: String,
    pub(crate) image: String,
    /// The content that was accepted last.
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_deleted: bool,
}

/// The plan of one uploader.
struct Plan {
    way: Way,
    file: ImageFile,
    /// A second file, put over the first one after the pause.
    second: Option<ImageFile>,
    is_deleted: bool,
    /// Short enough for the worker to be at work, or for the event to be still in the queue.
    pause: Duration,
}

enum Way {
    Api,
    Presigned,
    Direct,
}

/// Carries out all uploads. Returns those that were accepted.
pub(crate) async fn upload(
    stack: &Stack,
    uploads: u32,
    rng: &mut Rng,
) -> anyhow::Result<Vec<Upload>> {
    let mut users = Vec::new();
    for _ in 0..USERS {
        users.push(Uploader::new(stack).await?);
    }
    let bucket = stack.outputs().bucket_name.as_str();
    let plans = (0..uploads)
        .map(|_| plan(rng))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let users = &users;
    stream::iter(plans)
        .enumerate()
        .map(|(number, plan)| async move {
            let uploader = &users[number % users.len()];
            carry_out(uploader, bucket, plan).await
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

fn plan(rng: &mut Rng) -> anyhow::Result<Plan> {
    let is_broken = rng.u8(0..100) < 10;
    let generate = if is_broken {
        random::broken
    } else {
        random::good
    };
    let is_overwritten = rng.u8(0..100) < 8;
    let first = generate(rng)?;
    Ok(Plan {
        way: match rng.u8(0..3) {
            0 => Way::Api,
            1 => Way::Presigned,
            _ => Way::Direct,
        },
        second: is_overwritten.then(|| generate(rng)).transpose()?,
        file: first,
        is_deleted: rng.u8(0..100) < 5,
        pause: Duration::from_millis(rng.u64(0..800)),
    })
}

async fn carry_out(uploader: &Uploader<'_>, bucket: &str, plan: Plan) -> anyhow::Result<Upload> {
    let ImageFile {
        bytes, extension, ..
    } = &plan.file;
    let accepted = match plan.way {
        Way::Api => by_api(uploader, bytes).await?,
        Way::Presigned => Some(by_presigned_url(uploader, &plan.file).await?),
        Way::Direct => None,
    };
    let is_direct = accepted.is_none();
    let image = accepted.unwrap_or_else(|| Uuid::now_v7().to_string());
    let key = format!(
        "original-files/dev/{}/{image}.{extension}",
        uploader.own.identity
    );
    let put = async |bytes: &Vec<u8>| -> anyhow::Result<()> {
        let put = uploader.own.s3.put_object().bucket(bucket).key(&key);
        put.body(bytes.clone().into()).send().await?;
        Ok(())
    };
    if is_direct {
        put(bytes).await?;
    }
    if let Some(second) = &plan.second {
        tokio::time::sleep(plan.pause).await;
        put(&second.bytes).await?;
    }
    if plan.is_deleted {
        tokio::time::sleep(plan.pause).await;
        if is_direct {
            let delete = uploader.own.s3.delete_object().bucket(bucket).key(&key);
            delete.send().await?;
        } else {
            delete(uploader, &image).await?;
        }
    }
    Ok(Upload {
        identity: uploader.own.identity.clone(),
        image,
        bytes: plan.second.unwrap_or(plan.file).bytes,
        is_deleted: plan.is_deleted,
    })
}

/// Uploads by the API until the upload is accepted: only an accepted upload can be lost. Returns
/// `None` where the API refuses the file as broken.
async fn by_api(uploader: &Uploader<'_>, bytes: &[u8]) -> anyhow::Result<Option<String>> {
    let answer = send_until_accepted(|| {
        uploader
            .user
            .request(Method::POST, "/upload")
            .header("content-type", "application/octet-stream")
            .body(bytes.to_vec())
    })
    .await?;
    answer.as_ref().map(image_of).transpose()
}

async fn by_presigned_url(uploader: &Uploader<'_>, file: &ImageFile) -> anyhow::Result<String> {
    let request = json!({
        "fileName": "chaos",
        "contentType": file.content_type,
        "size": file.bytes.len(),
    });
    let answer = send_until_accepted(|| {
        uploader
            .user
            .request(Method::POST, "/upload/presign")
            .json(&request)
    })
    .await?
    .context("the presign request was refused")?;
    let url = answer["url"]
        .as_str()
        .with_context(|| format!("a URL in {answer}"))?;
    let headers = answer["headers"].as_object();
    let mut last = None;
    for _ in 0..ATTEMPTS {
        let mut put = uploader.user.put(url).body(file.bytes.clone());
        for (name, value) in headers.into_iter().flatten() {
            put = put.header(name, value.as_str().unwrap_or_default());
        }
        // The proxy of S3 injects faults here too, and may break the connection.
        last = put.send().await.ok().map(|answer| answer.status());
        // The URL is good for one object: an earlier attempt has put it, and the response was lost.
        if let Some(StatusCode::OK | StatusCode::PRECONDITION_FAILED) = last {
            return image_of(&answer["image"]);
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!("the presigned PUT was not answered, or last with {last:?}")
}

async fn delete(uploader: &Uploader<'_>, image: &str) -> anyhow::Result<()> {
    let path = format!("/images/{image}");
    for _ in 0..ATTEMPTS {
        let answer = uploader.user.request(Method::DELETE, &path).send().await?;
        // A 404 is a success: an earlier attempt has deleted the image, and the response was lost.
        if answer.status().is_success() || answer.status() == StatusCode::NOT_FOUND {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!("{image} could not be deleted in {ATTEMPTS} attempts")
}

/// Repeats a request until it succeeds. Returns `None` for a refusal.
async fn send_until_accepted(
    request: impl Fn() -> reqwest::RequestBuilder,
) -> anyhow::Result<Option<Value>> {
    let mut last = String::new();
    for _ in 0..ATTEMPTS {
        let answer = request().send().await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(Some(answer.json().await?));
        }
        last = format!("{status}: {}", answer.text().await?);
        if status == StatusCode::BAD_REQUEST || status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            return Ok(None);
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!("not accepted: {last}")
}

fn image_of(resource: &Value) -> anyhow::Result<String> {
    let image = resource["imageId"].as_str();
    Ok(image
        .with_context(|| format!("an image id in {resource}"))?
        .to_owned())
}
