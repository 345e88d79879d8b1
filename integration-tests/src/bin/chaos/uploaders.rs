//! Uploads, by all three ways, and what their users do next.

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

/// A client's patience with a service that says 5xx.
const ATTEMPTS: u32 = 20;

/// Before it asks again.
const PAUSE: Duration = Duration::from_millis(200);

/// An upload that was accepted.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) identity: String,
    pub(crate) image: String,
    /// The file that was accepted last.
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_deleted: bool,
}

/// What one of the crowd does.
struct Plan {
    way: Way,
    picture: ImageFile,
    /// Put over the first one, after a pause.
    second: Option<ImageFile>,
    is_deleted: bool,
    /// Short enough to meet the worker at it, or its event still in the queue.
    pause: Duration,
}

enum Way {
    Api,
    Presigned,
    Direct,
}

/// Uploads everything; gives back what was accepted.
pub(crate) async fn upload(
    stack: &Stack,
    uploads: u32,
    rng: &mut Rng,
) -> anyhow::Result<Vec<Upload>> {
    let mut people = Vec::new();
    for _ in 0..USERS {
        people.push(Uploader::new(stack).await?);
    }
    let bucket = stack.outputs().bucket_name.as_str();
    let plans = (0..uploads)
        .map(|_| plan(rng))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let people = &people;
    stream::iter(plans)
        .enumerate()
        .map(|(number, plan)| async move {
            let uploader = &people[number % people.len()];
            carry_out(uploader, bucket, plan).await
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

fn plan(rng: &mut Rng) -> anyhow::Result<Plan> {
    let is_broken = rng.u8(0..100) < 10;
    let picture = if is_broken {
        random::broken
    } else {
        random::good
    };
    let is_overwritten = rng.u8(0..100) < 8;
    let first = picture(rng)?;
    Ok(Plan {
        way: match rng.u8(0..3) {
            0 => Way::Api,
            1 => Way::Presigned,
            _ => Way::Direct,
        },
        second: is_overwritten.then(|| picture(rng)).transpose()?,
        picture: first,
        is_deleted: rng.u8(0..100) < 5,
        pause: Duration::from_millis(rng.u64(0..800)),
    })
}

async fn carry_out(uploader: &Uploader<'_>, bucket: &str, plan: Plan) -> anyhow::Result<Upload> {
    let ImageFile {
        bytes, extension, ..
    } = &plan.picture;
    let accepted = match plan.way {
        Way::Api => by_api(uploader, bytes).await?,
        Way::Presigned => Some(by_presigned_url(uploader, &plan.picture).await?),
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
        bytes: plan.second.unwrap_or(plan.picture).bytes,
        is_deleted: plan.is_deleted,
    })
}

/// Until it is accepted: an upload that was not is nothing that could be lost. `None` where the file is refused, because it
/// can be seen to be broken.
async fn by_api(uploader: &Uploader<'_>, bytes: &[u8]) -> anyhow::Result<Option<String>> {
    let answer = persist(|| {
        uploader
            .user
            .request(Method::POST, "/upload")
            .header("content-type", "application/octet-stream")
            .body(bytes.to_vec())
    })
    .await?;
    answer.as_ref().map(image_of).transpose()
}

async fn by_presigned_url(uploader: &Uploader<'_>, picture: &ImageFile) -> anyhow::Result<String> {
    let announcement = json!({
        "fileName": "chaos",
        "contentType": picture.content_type,
        "size": picture.bytes.len(),
    });
    let answer = persist(|| {
        uploader
            .user
            .request(Method::POST, "/upload/presign")
            .json(&announcement)
    })
    .await?
    .context("the announcement was refused")?;
    let url = answer["url"]
        .as_str()
        .with_context(|| format!("a URL in {answer}"))?;
    let headers = answer["headers"].as_object();
    let mut last = None;
    for _ in 0..ATTEMPTS {
        let mut put = uploader.user.put(url).body(picture.bytes.clone());
        for (name, value) in headers.into_iter().flatten() {
            put = put.header(name, value.as_str().unwrap_or_default());
        }
        // The URL's service is disturbed as the functions' are, and may break the connection.
        last = put.send().await.ok().map(|answer| answer.status());
        // It is good for one object: an earlier attempt has put it, and its answer was lost.
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
        // Gone already is as good: the first attempt may have done it, and its answer was lost.
        if answer.status().is_success() || answer.status() == StatusCode::NOT_FOUND {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!("{image} could not be deleted in {ATTEMPTS} attempts")
}

/// `None` for a refusal.
async fn persist(request: impl Fn() -> reqwest::RequestBuilder) -> anyhow::Result<Option<Value>> {
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
