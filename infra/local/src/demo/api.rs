//! A client of the API.

use anyhow::{Context as _, bail};
use bytes::Bytes;
use reqwest::{RequestBuilder, Response};
use serde::de::DeserializeOwned;

use super::{
    image::{Image, Page, Problem},
    image_file::ImageFile,
};

/// The API, called with a user's token.
#[derive(Debug)]
pub struct Api {
    http: reqwest::Client,
    url: String,
    id_token: String,
}

impl Api {
    /// Creates a client for the API at a URL, with a user's id token.
    pub fn new(url: &str, id_token: String) -> anyhow::Result<Self> {
        Ok(Self {
            http: reqwest::Client::builder().no_proxy().build()?,
            url: url.to_owned(),
            id_token,
        })
    }

    /// Uploads an image file.
    pub async fn upload(&self, image_file: ImageFile) -> anyhow::Result<Image> {
        let request = self
            .http
            .post(format!("{}/upload", self.url))
            .query(&[("name", image_file.name.as_str())])
            .header("content-type", image_file.content_type)
            .body(image_file.bytes);
        self.ask(request).await.context("can't upload")
    }

    /// Reads one image.
    pub async fn read(&self, image_id: &str) -> anyhow::Result<Image> {
        let request = self.http.get(format!("{}/images/{image_id}", self.url));
        self.ask(request).await.context("can't read the image")
    }

    /// Lists the newest images.
    pub async fn list(&self) -> anyhow::Result<Vec<Image>> {
        let request = self.http.get(format!("{}/images", self.url));
        let page: Page = self.ask(request).await.context("can't list the images")?;
        Ok(page.items)
    }

    /// Downloads from a presigned URL, which needs no token.
    pub async fn download(&self, url: &str) -> anyhow::Result<Bytes> {
        let answer = self.http.get(url).send().await?.error_for_status()?;
        Ok(answer.bytes().await?)
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> anyhow::Result<T> {
        let answer = request
            .header("authorization", &self.id_token)
            .send()
            .await?;
        if !answer.status().is_success() {
            return refused(answer).await;
        }
        Ok(answer.json().await?)
    }
}

async fn refused<T>(answer: Response) -> anyhow::Result<T> {
    let status = answer.status();
    let body = answer.text().await?;
    match serde_json::from_str::<Problem>(&body) {
        Ok(problem) => bail!("{status}: {problem}"),
        // Responses of the gateway itself are no problem documents.
        Err(_) => bail!("{status}: {body}"),
    }
}
