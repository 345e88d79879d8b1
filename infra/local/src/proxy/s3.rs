//! The proxy in front of S3, for browsers and functions.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, CONTENT_TYPE, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use percent_encoding::percent_decode_str;
use tokio::net::TcpListener;
use tokio::sync::RwLock;

use super::forward::Upstream;
use super::listening::Listening;

/// The emulator's root key, which no policy restricts. The emulator does not verify this signature.
const ROOT: HeaderValue = HeaderValue::from_static(
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
);

/// The header of requests for an object that is encrypted with a key of the sender's (SSE-C).
const CUSTOMER_KEY: HeaderName =
    HeaderName::from_static("x-amz-server-side-encryption-customer-algorithm");

/// The header of requests to encrypt an object.
const ENCRYPTION: HeaderName = HeaderName::from_static("x-amz-server-side-encryption");

const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// The proxy at the address of presigned URLs, so that a browser can use them.
///
/// Requests pass unchanged, the `Host` header included, because signatures cover it. The proxy does
/// what S3 does and the emulator does not:
///
/// - S3 answers any browser's preflight from the bucket's CORS configuration. The emulator can do
///   that too, but in strict mode it first checks the sender's permissions, and preflights are
///   never signed. So the proxy adds the root key to preflights, and to nothing else.
/// - A missing key is a 404 only to those who may list the bucket; to all others, it is a 403.
/// - An object that was put with a key of the sender's (SSE-C) can't be read without that key.
/// - A read of an object that is encrypted with a key of KMS is alone. The emulator locks its
///   buckets for it twice, and hangs where a write comes in between.
pub struct S3Proxy {
    listening: Listening,
}

struct ProxyState {
    upstream: Upstream,
    /// Paths of the objects that were put with a customer's key.
    customer_encrypted: Mutex<HashSet<String>>,
    /// Paths of the objects that were encrypted with a key of KMS.
    kms_encrypted: Mutex<HashSet<String>>,
    /// Locked alone by the reads of those, and together by all other requests.
    requests: RwLock<()>,
}

impl S3Proxy {
    /// Serves on a bound listener until the handle is dropped.
    ///
    /// `async`, because it has to be called within a runtime, as its siblings are.
    #[expect(
        clippy::unused_async,
        reason = "needs a runtime, which its type expresses"
    )]
    pub async fn start(listener: TcpListener, fakecloud_url: &str) -> anyhow::Result<Self> {
        let proxy = Router::new()
            .fallback(pass)
            .with_state(Arc::new(ProxyState {
                upstream: Upstream::new(fakecloud_url)?,
                customer_encrypted: Mutex::default(),
                kms_encrypted: Mutex::default(),
                requests: RwLock::default(),
            }));
        Ok(Self {
            listening: Listening::serve(listener, proxy)?,
        })
    }

    /// Returns the value for `AWS_ENDPOINT_URL_S3`.
    pub fn url(&self) -> &str {
        self.listening.url()
    }
}

async fn pass(State(proxy): State<Arc<ProxyState>>, mut request: Request) -> Response {
    // The template denies S3 without TLS. The local stack has no TLS; this header tells the
    // emulator that the request came over TLS. No signature covers it.
    request
        .headers_mut()
        .insert("x-forwarded-proto", HeaderValue::from_static("https"));
    if is_preflight(&request) {
        request.headers_mut().insert(AUTHORIZATION, ROOT);
    }
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path().to_owned();
    let has_customer_key = request.headers().contains_key(CUSTOMER_KEY);
    let has_kms_key = request
        .headers()
        .get(ENCRYPTION)
        .is_some_and(|value| value.as_bytes().starts_with(b"aws:kms"));
    if is_read && !has_customer_key && lock(&proxy.customer_encrypted).contains(&path) {
        return error(
            StatusCode::BAD_REQUEST,
            "InvalidRequest",
            "The object was stored using a form of Server Side Encryption. The correct parameters \
             must be provided to retrieve the object.",
        );
    }
    let (parts, body) = request.into_parts();
    let sent = parts.clone();
    let forward = proxy.upstream.forward(Request::from_parts(parts, body));
    let response = if is_read && lock(&proxy.kms_encrypted).contains(&path) {
        let _alone = proxy.requests.write().await;
        forward.await
    } else {
        let _together = proxy.requests.read().await;
        if has_kms_key {
            // Noted before the object is there to be read.
            lock(&proxy.kms_encrypted).insert(path.clone());
        }
        forward.await
    };
    if response.status().is_success() && sent.method == Method::PUT {
        if has_customer_key {
            lock(&proxy.customer_encrypted).insert(path);
        } else {
            lock(&proxy.customer_encrypted).remove(&path);
        }
    } else if is_read && response.status() == StatusCode::NOT_FOUND && is_of_object(&sent.uri) {
        return proxy.missing(&sent, response).await;
    }
    response
}

fn lock(paths: &Mutex<HashSet<String>>) -> MutexGuard<'_, HashSet<String>> {
    paths.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ProxyState {
    /// Returns the response to a read of a missing key: a 403, unless the sender may list the
    /// bucket.
    ///
    /// The emulator is asked for a listing by the same sender. A stack that checks signatures
    /// refuses that request for its signature, which does not say whether the sender may list; the
    /// 404 stays.
    async fn missing(&self, sent: &Parts, not_found: Response) -> Response {
        let listing = self.upstream.forward(listing_by(sent)).await;
        if listing.status() != StatusCode::FORBIDDEN {
            return not_found;
        }
        let body = axum::body::to_bytes(listing.into_body(), 1 << 16).await;
        let body = body.unwrap_or_default();
        if !String::from_utf8_lossy(&body).contains("<Code>AccessDenied") {
            return not_found;
        }
        if sent.method == Method::HEAD {
            return StatusCode::FORBIDDEN.into_response();
        }
        error(StatusCode::FORBIDDEN, "AccessDenied", "Access Denied")
    }
}

/// Returns whether a path names an object and not a bucket.
fn is_of_object(uri: &Uri) -> bool {
    let path = uri.path().trim_start_matches('/');
    path.split_once('/').is_some_and(|(_, key)| !key.is_empty())
}

/// Makes a request for an empty listing of the bucket by the sender of another request.
fn listing_by(sent: &Parts) -> Request {
    let bucket = sent.uri.path().split('/').nth(1).unwrap_or_default();
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = format!("/{bucket}?list-type=2&max-keys=0")
        .parse()
        .unwrap_or_default();
    let headers = request.headers_mut();
    for name in [
        "host",
        "x-forwarded-proto",
        "x-amz-date",
        "x-amz-content-sha256",
    ] {
        if let Some(value) = sent.headers.get(name) {
            headers.insert(name, value.clone());
        }
    }
    sign_as(sent, headers);
    request
}

/// Copies the sender's key id and session token, from the headers or from a presigned URL.
fn sign_as(sent: &Parts, headers: &mut HeaderMap) {
    let authorization = sent.headers.get(AUTHORIZATION).cloned();
    let token = sent.headers.get(SECURITY_TOKEN).cloned();
    let query = |name: &str| {
        let query = sent.uri.query().unwrap_or_default();
        let found = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name);
        found.map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    let authorization = authorization.or_else(|| {
        let credential = query("X-Amz-Credential")?;
        let header =
            format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0");
        header.parse().ok()
    });
    let token = token.or_else(|| query("X-Amz-Security-Token")?.parse().ok());
    headers.extend(authorization.map(|value| (AUTHORIZATION, value)));
    headers.extend(token.map(|value| (SECURITY_TOKEN, value)));
}

fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    (status, [(CONTENT_TYPE, "application/xml")], body).into_response()
}

/// Returns whether a request is a preflight, by the headers that only the Fetch standard sends.
fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(ORIGIN)
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

#[cfg(test)]
mod tests;
