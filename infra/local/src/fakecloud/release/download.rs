//! Bounded downloads from one place.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use reqwest::{Client, Response, Url, redirect::Policy};
use sha2::{Digest as _, Sha256};
use tokio::{fs::File, io::AsyncWriteExt as _};

use super::{VERSION, error::ReleaseError, is_allowed};
use crate::console::Verbosity;

const CONNECT: Duration = Duration::from_secs(10);
/// Limit for a server that sends nothing.
const STALLED: Duration = Duration::from_secs(30);
const MAX_REDIRECTS: usize = 5;
const PROGRESS_EVERY: Duration = Duration::from_secs(5);

/// The files of one release.
pub(super) struct Downloads {
    http: Client,
    base: Url,
}

impl Downloads {
    /// Prepares requests that end after `timeout` each.
    pub(super) fn new(base: &Url, timeout: Duration) -> Result<Self, ReleaseError> {
        let mut client = Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(STALLED)
            .timeout(timeout)
            .user_agent("hikidashi")
            .redirect(redirects(base.scheme() == "https"));
        if base.scheme() == "http" {
            // This machine. A proxy for the outside could not reach it.
            client = client.no_proxy();
        }
        let http = client.build().map_err(request_error("the client"))?;
        let mut base = base.clone();
        // A URL with a host always has segments; without them the request fails.
        if let Ok(mut segments) = base.path_segments_mut() {
            segments.pop_if_empty().push(&format!("v{VERSION}"));
        }
        Ok(Self { http, base })
    }

    /// Returns the content of a small text file.
    pub(super) async fn text(&self, file: &str, max_bytes: u64) -> Result<String, ReleaseError> {
        let mut response = self.get(file, max_bytes).await?;
        let mut content = Vec::new();
        let mut bound = Bound::new(file, max_bytes);
        while let Some(chunk) = response.chunk().await.map_err(request_error(file))? {
            bound.add(chunk.len())?;
            content.extend_from_slice(&chunk);
        }
        String::from_utf8(content).map_err(|_| ReleaseError::Checksum(file.to_owned()))
    }

    /// Saves a file and returns its SHA-256, in lower-case hexadecimal digits.
    pub(super) async fn file(
        &self,
        file: &str,
        to: &Path,
        max_bytes: u64,
        verbosity: Verbosity,
    ) -> Result<String, ReleaseError> {
        let mut response = self.get(file, max_bytes).await?;
        let total = response.content_length();
        let mut output = File::create(to).await?;
        let mut sha256 = Sha256::new();
        let mut bound = Bound::new(file, max_bytes);
        let mut told = Instant::now();
        while let Some(chunk) = response.chunk().await.map_err(request_error(file))? {
            bound.add(chunk.len())?;
            sha256.update(&chunk);
            output.write_all(&chunk).await?;
            if told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                verbosity.say(progress(bound.bytes, total));
            }
        }
        output.flush().await?;
        Ok(hexadecimal(&sha256.finalize()))
    }

    async fn get(&self, file: &str, max_bytes: u64) -> Result<Response, ReleaseError> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(file);
        }
        let response = self
            .http
            .get(url)
            .send()
            .await
            .map_err(request_error(file))?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(ReleaseError::Status {
                file: file.to_owned(),
                status: response.status(),
            });
        }
        if response.content_length() > Some(max_bytes) {
            return Err(too_large(file, max_bytes));
        }
        Ok(response)
    }
}

/// Follows redirects, but never from TLS to plain HTTP, nor by plain HTTP to another machine.
fn redirects(tls: bool) -> Policy {
    Policy::custom(move |attempt| {
        if attempt.previous().len() > MAX_REDIRECTS {
            attempt.error("too many redirects")
        } else if !is_allowed(attempt.url()) || tls && attempt.url().scheme() != "https" {
            attempt.error("redirected to a URL without TLS")
        } else {
            attempt.follow()
        }
    })
}

/// Counts what a server sends, whatever length it announced.
struct Bound<'a> {
    file: &'a str,
    bytes: u64,
    max_bytes: u64,
}

impl<'a> Bound<'a> {
    fn new(file: &'a str, max_bytes: u64) -> Self {
        Self {
            file,
            bytes: 0,
            max_bytes,
        }
    }

    fn add(&mut self, bytes: usize) -> Result<(), ReleaseError> {
        self.bytes += bytes as u64;
        if self.bytes > self.max_bytes {
            return Err(too_large(self.file, self.max_bytes));
        }
        Ok(())
    }
}

fn too_large(file: &str, max_bytes: u64) -> ReleaseError {
    ReleaseError::TooLarge {
        file: file.to_owned(),
        max_bytes,
    }
}

fn request_error(file: &str) -> impl FnOnce(reqwest::Error) -> ReleaseError {
    let file = file.to_owned();
    move |error| ReleaseError::Request {
        file,
        source: error.without_url(),
    }
}

fn progress(bytes: u64, total: Option<u64>) -> String {
    let megabytes = |bytes: u64| bytes / 1_000_000;
    match total {
        Some(total) => format!("  {} of {} MB", megabytes(bytes), megabytes(total)),
        None => format!("  {} MB", megabytes(bytes)),
    }
}

/// Returns bytes as lower-case hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}
