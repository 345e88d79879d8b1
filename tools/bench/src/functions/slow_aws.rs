//! A stub of S3 and DynamoDB for the worker, which answers as late as AWS does.
//!
//! It serves one original under every key. Variants and records are checked and not stored.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde_json::Value;

use super::{
    fake_aws::{REQUEST_IDS, aws_json, refusal},
    http_server::{Answer, Request, Server, Service},
    tls::Certificate,
};

/// The times until a call is answered.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Latencies {
    /// `GetObject`, and a call of Cognito.
    pub(crate) get: Duration,
    /// `PutObject`.
    pub(crate) put: Duration,
    /// A write of an item.
    pub(crate) table: Duration,
    /// Whether one call in ten takes twice as long, and one in a hundred ten times.
    pub(crate) has_tail: bool,
}

/// The calls since the last look.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) gets: usize,
    pub(super) puts: usize,
    pub(super) updates: usize,
    /// Records of images that took too long.
    pub(super) timed_out: usize,
    /// All other calls, and variants or records that are not what they should be.
    pub(super) strange: usize,
    /// The time at which each image's record was ready, by image id.
    pub(super) ready: BTreeMap<String, Instant>,
}

/// The running stub.
pub(super) struct SlowAws {
    server: Server,
    aws: Arc<Aws>,
}

struct Aws {
    original: Bytes,
    latencies: Latencies,
    calls: AtomicU64,
    seen: Mutex<Seen>,
}

enum Call {
    Get,
    Put,
    Update(String),
    TimedOut,
    Strange,
}

impl SlowAws {
    /// Starts the stub; with TLS, if there is a certificate.
    pub(super) fn start(
        original: Bytes,
        latencies: Latencies,
        certificate: Option<&Certificate>,
    ) -> std::io::Result<Self> {
        let aws = Arc::new(Aws {
            original,
            latencies,
            calls: AtomicU64::new(0),
            seen: Mutex::default(),
        });
        let server = Server::start_with_tls(Arc::clone(&aws), certificate)?;
        Ok(Self { server, aws })
    }

    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    /// Returns the calls since the last look.
    pub(super) fn take(&self) -> Seen {
        std::mem::take(&mut *self.aws.seen())
    }
}

impl Aws {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "each connection has a thread of its own"
    )]
    fn wait(&self, latency: Duration) {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let factor = match call % 100 {
            _ if !self.latencies.has_tail => 1,
            // Spread, so that a batch does not get all of the slow ones.
            37 => 10,
            n if n % 10 == 3 => 2,
            _ => 1,
        };
        thread::sleep(latency * factor);
    }
}

impl Service for Aws {
    fn answer(&self, request: &Request<'_>) -> Answer {
        match call(request) {
            Call::Get => {
                self.wait(self.latencies.get);
                self.seen().gets += 1;
                Answer {
                    status: "200 OK",
                    headers: format!(
                        "{REQUEST_IDS}etag: \"0123456789abcdef0123456789abcdef\"\r\ncontent-type: image/jpeg\r\n"
                    ),
                    body: self.original.clone(),
                }
            }
            Call::Put => {
                self.wait(self.latencies.put);
                self.seen().puts += 1;
                Answer {
                    status: "200 OK",
                    headers: format!("{REQUEST_IDS}etag: \"fedcba9876543210fedcba9876543210\"\r\n"),
                    body: Bytes::new(),
                }
            }
            Call::Update(image) => {
                self.wait(self.latencies.table);
                let mut seen = self.seen();
                seen.updates += 1;
                seen.ready.insert(image, Instant::now());
                aws_json(Bytes::from_static(b"{}"))
            }
            Call::TimedOut => {
                self.seen().timed_out += 1;
                aws_json(Bytes::from_static(b"{}"))
            }
            Call::Strange => {
                self.seen().strange += 1;
                refusal("not a call that the worker makes for a finished image")
            }
        }
    }
}

fn call(request: &Request<'_>) -> Call {
    let is_original = request.path().contains("/original-files/");
    let is_variant = request.path().contains("/thumbnails/");
    match (request.method(), request.header("x-amz-target")) {
        ("GET", None) if is_original => Call::Get,
        ("PUT", None) if is_variant && request.body.starts_with(b"\xFF\xD8\xFF") => Call::Put,
        ("POST", Some("DynamoDB_20120810.UpdateItem")) => {
            update(request.body).unwrap_or(Call::Strange)
        }
        _ => Call::Strange,
    }
}

/// Recognises the update that completes an image with three thumbnails, or as timed out.
fn update(body: &[u8]) -> Option<Call> {
    let update: Value = serde_json::from_slice(body).ok()?;
    let values = &update["ExpressionAttributeValues"];
    let image = update["Key"]["imageId"]["S"].as_str()?;
    match values[":status"]["S"].as_str()? {
        "ready" if values[":thumbnails"]["L"].as_array()?.len() == 3 => {
            Some(Call::Update(image.to_owned()))
        }
        "failed" if values[":failure"]["M"]["code"]["S"] == "timed_out" => Some(Call::TimedOut),
        _ => None,
    }
}
