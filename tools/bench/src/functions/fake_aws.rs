//! Stub of S3, DynamoDB and Cognito that responds at once, so that the function is measured and not
//! an emulator; or as late as AWS does.
//!
//! Bodies are read completely. Nothing is checked before the response and nothing is stored; after
//! the response, the body is compared with the expected file.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    http_server::{Answer, Request, Server, Service},
    slow_aws::Latencies,
    tls::Certificate,
};

/// Request ids, which the AWS JSON protocols and S3 include in responses.
pub(super) const REQUEST_IDS: &str =
    "x-amzn-requestid: 4442587FB7D0A2F9\r\nx-amz-request-id: 4442587FB7D0A2F9\r\n";

/// Identity id for every token.
pub(super) const IDENTITY: &str = "eu-central-1:01234567-89ab-4def-8123-456789abcdef";

/// Approximate length of Cognito's session tokens, before base64.
const SESSION_TOKEN_BYTES: usize = 900;

/// Lifetime of credentials.
const LIFETIME: Duration = Duration::from_hours(1);

/// Calls since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Calls {
    pub(super) exchanges: usize,
    pub(super) updates: usize,
    /// PUTs of exactly the file's bytes, signed with their hash, and with the correct checksum if
    /// there is a SHA-256 checksum.
    pub(super) files: usize,
    /// All other calls.
    pub(super) strange: usize,
}

/// The running stub.
pub(super) struct Stub {
    server: Server,
    aws: Arc<Aws>,
}

struct Aws {
    file: Bytes,
    latencies: Latencies,
    /// SHA-256 of the file in base64.
    checksum: String,
    /// SHA-256 of the file in hexadecimal digits.
    payload_hash: String,
    calls: Mutex<Calls>,
}

enum Call {
    GetId,
    GetCredentials,
    Update,
    Put,
    Strange,
}

impl Stub {
    /// Starts a stub that expects this file; with TLS, if there is a certificate.
    pub(super) fn start(
        file: Bytes,
        latencies: Latencies,
        certificate: Option<&Certificate>,
    ) -> std::io::Result<Self> {
        let hash = Sha256::digest(&file);
        let aws = Arc::new(Aws {
            checksum: STANDARD.encode(hash),
            payload_hash: hash
                .iter()
                .fold(String::new(), |text, byte| format!("{text}{byte:02x}")),
            file,
            latencies,
            calls: Mutex::default(),
        });
        let server = Server::start_with_tls(Arc::clone(&aws), certificate)?;
        Ok(Self { server, aws })
    }

    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    pub(super) fn calls(&self) -> Calls {
        *self.aws.calls()
    }
}

impl Aws {
    fn calls(&self) -> std::sync::MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_whole(&self, request: &Request<'_>) -> bool {
        request.body == self.file
            && request
                .header("x-amz-checksum-sha256")
                .is_none_or(|checksum| checksum == self.checksum)
            && request.header("x-amz-content-sha256") == Some(&self.payload_hash)
    }
}

impl Service for Aws {
    fn answer(&self, request: &Request<'_>) -> Answer {
        let call = call(request);
        wait(match call {
            Call::GetId | Call::GetCredentials => self.latencies.get,
            Call::Update => self.latencies.table,
            Call::Put => self.latencies.put,
            Call::Strange => Duration::ZERO,
        });
        match call {
            Call::GetId | Call::GetCredentials => {
                exchange(request).unwrap_or_else(|| refusal("not a call of Cognito"))
            }
            Call::Update => aws_json(Bytes::from_static(b"{}")),
            Call::Put => Answer {
                status: "200 OK",
                headers: format!("{REQUEST_IDS}etag: \"0123456789abcdef0123456789abcdef\"\r\n"),
                body: Bytes::new(),
            },
            Call::Strange => refusal("not a call that an upload makes"),
        }
    }

    fn afterwards(&self, request: &Request<'_>) {
        let call = call(request);
        let whole = matches!(call, Call::Put) && self.is_whole(request);
        let mut calls = self.calls();
        match call {
            Call::GetId => {}
            Call::GetCredentials => calls.exchanges += 1,
            Call::Update => calls.updates += 1,
            Call::Put if whole => calls.files += 1,
            Call::Put | Call::Strange => calls.strange += 1,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "each connection has a thread of its own"
)]
fn wait(latency: Duration) {
    if !latency.is_zero() {
        std::thread::sleep(latency);
    }
}

fn call(request: &Request<'_>) -> Call {
    match (request.method(), request.header("x-amz-target")) {
        ("POST", Some("AWSCognitoIdentityService.GetId")) => Call::GetId,
        ("POST", Some("AWSCognitoIdentityService.GetCredentialsForIdentity")) => {
            Call::GetCredentials
        }
        ("POST", Some("DynamoDB_20120810.UpdateItem")) => Call::Update,
        ("PUT", None) => Call::Put,
        _ => Call::Strange,
    }
}

/// Returns a session token that is always the same, and as hard to compress as a real one.
fn session_token() -> String {
    let bytes: Vec<u8> = (0..=u8::MAX)
        .flat_map(|seed| Sha256::digest([seed]))
        .take(SESSION_TOKEN_BYTES)
        .collect();
    STANDARD.encode(bytes)
}

/// Returns Cognito's response, if the request is for Cognito.
pub(super) fn exchange(request: &Request<'_>) -> Option<Answer> {
    let body = match call(request) {
        Call::GetId => json!({ "IdentityId": IDENTITY }),
        Call::GetCredentials => json!({
            "IdentityId": IDENTITY,
            "Credentials": {
                "AccessKeyId": "ASIAEXAMPLEEXAMPLE00",
                "SecretKey": "0123456789abcdefghij0123456789abcdefghij",
                "SessionToken": session_token(),
                "Expiration": (SystemTime::now() + LIFETIME)
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default()
                    .as_secs(),
            },
        }),
        Call::Update | Call::Put | Call::Strange => return None,
    };
    Some(aws_json(Bytes::from(body.to_string())))
}

/// Builds a 200 response of an AWS JSON service.
pub(super) fn aws_json(body: Bytes) -> Answer {
    Answer {
        status: "200 OK",
        headers: format!("{REQUEST_IDS}content-type: application/x-amz-json-1.1\r\n"),
        body,
    }
}

/// Builds a 400 response, which no SDK retries.
pub(super) fn refusal(why: &str) -> Answer {
    let body = json!({ "__type": "ValidationException", "message": why });
    Answer {
        status: "400 Bad Request",
        headers: format!("{REQUEST_IDS}content-type: application/x-amz-json-1.1\r\n"),
        body: Bytes::from(body.to_string()),
    }
}
