//! The proxy in front of the HTTP API.

use std::sync::Arc;

use anyhow::Context;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use http::uri::PathAndQuery;
use http::{StatusCode, Uri};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::container::MAX_EVENT_BYTES;

use super::forward::{AWS_TARGET, Upstream};
use super::gallery::{self, Page};
use super::listening::Listening;
use super::user_pool;
use crate::workspace::workspace;

/// Payload quota of an HTTP API, which the emulator does not enforce.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// Media type of the emulator's own error responses, which no function of this project uses.
const EMULATOR_ERROR: &str = "application/x-amz-json-1.1";

/// Stage that an HTTP API serves at the root of its address.
const DEFAULT_STAGE: &str = "$default";

/// The deployed HTTP API that the proxy forwards to.
#[derive(Clone, Debug)]
pub struct ApiTarget {
    /// The `ApiId`, which is the first label of its address.
    pub api_id: String,
    /// The region in its address.
    pub region: String,
    /// The stage to serve; `$default` has no path segment of its own.
    pub stage: String,
}

/// The OpenAPI document. AWS has no route for it: there it is a file of the repository.
const DESCRIPTION: &str = include_str!("../../../openapi.yaml");

/// Folder of the built gallery.
const PAGE_FOLDER: &str = "web/dist";

/// The proxy at the address of the whole application: the gallery at `/` with its user pool,
/// `GET /healthz`, `GET /openapi.yaml`, and the API for everything else.
///
/// It closes six gaps between the emulator and a real HTTP API, and only those: bodies over 10 MB
/// are refused; repeated headers arrive joined by commas (the emulator's event keeps only the
/// last); responses have one `Content-Type`; error responses are in the words of API Gateway; the
/// emulator's own pages (`/_…`) and operations (`X-Amz-Target`) are out of reach; and a call goes
/// on when its caller disconnects (the emulator would give the function, busy as it is, to the next
/// caller).
pub struct ApiProxy {
    listening: Listening,
    target: watch::Sender<Option<ApiTarget>>,
    page: watch::Sender<Option<Page>>,
}

impl ApiProxy {
    /// Serves on a bound listener until the handle is dropped; 503 until [`Self::configure`].
    #[expect(
        clippy::unused_async,
        reason = "needs a runtime, which its type expresses"
    )]
    pub async fn start(
        listener: TcpListener,
        fakecloud_url: &str,
        user_pool_url: &str,
    ) -> anyhow::Result<Self> {
        let (target, configured) = watch::channel(None);
        let (page, shown) = watch::channel(None);
        let proxy = Arc::new(ProxyState {
            upstream: Upstream::new(fakecloud_url)?,
            target: configured,
        });
        let routes = Router::new()
            .route("/healthz", get(health))
            .route("/openapi.yaml", get(describe))
            .fallback(call_api)
            .with_state(proxy)
            .merge(gallery::routes(workspace().join(PAGE_FOLDER), shown))
            .merge(user_pool::routes(Upstream::new(user_pool_url)?));
        Ok(Self {
            listening: Listening::serve(listener, routes)?,
            target,
            page,
        })
    }

    /// Stops, and returns when the port is free.
    pub async fn stop(self) {
        self.listening.stop().await;
    }

    /// Sets the gallery's configuration.
    pub fn show(&self, page: Page) {
        self.page.send_replace(Some(page));
    }

    /// Opens the proxy to a deployed API. It may be called again after another deployment.
    pub fn configure(&self, target: ApiTarget) {
        self.target.send_replace(Some(target));
    }

    /// Returns the base URL, `http://<address>:<port>`, without a trailing slash.
    pub fn url(&self) -> &str {
        self.listening.url()
    }
}

struct ProxyState {
    upstream: Upstream,
    target: watch::Receiver<Option<ApiTarget>>,
}

async fn health(State(proxy): State<Arc<ProxyState>>) -> Response {
    let (status, word) = if proxy.target.borrow().is_some() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "starting")
    };
    (status, Json(json!({ "status": word }))).into_response()
}

/// Serves the OpenAPI document with the media type of RFC 9512.
async fn describe() -> Response {
    ([(CONTENT_TYPE, "application/yaml")], DESCRIPTION).into_response()
}

async fn call_api(State(proxy): State<Arc<ProxyState>>, request: Request) -> Response {
    let Some(target) = proxy.target.borrow().clone() else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
    };
    // The emulator keeps its own pages there, including one that resets everything.
    if request.uri().path().starts_with("/_") {
        return refuse(StatusCode::NOT_FOUND, "Not Found");
    }
    let (mut parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY_BYTES).await else {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    // The event has the body in base64. Lambda refuses it, and the gateway passes that on.
    if body.len().div_ceil(3) * 4 > MAX_EVENT_BYTES {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long");
    }
    match address(&target, &parts.uri) {
        Ok((host, uri)) => {
            parts.headers.insert(HOST, host);
            parts.uri = uri;
        }
        Err(error) => {
            tracing::debug!(%error, "request target cannot be passed on");
            return refuse(StatusCode::BAD_REQUEST, "Bad Request");
        }
    }
    join_repeated(&mut parts.headers);
    parts.headers.remove(AWS_TARGET);
    if parts.headers.remove(TRANSFER_ENCODING).is_some() {
        parts.headers.insert(CONTENT_LENGTH, body.len().into());
    }
    let request = Request::from_parts(parts, Body::from(body));
    let Ok(mut response) = tokio::spawn(async move { proxy.upstream.forward(request).await }).await
    else {
        return refuse(StatusCode::BAD_GATEWAY, "Bad Gateway");
    };
    keep_one_content_type(response.headers_mut());
    reword(response)
}

/// Returns the `Host` by which the emulator finds the API, and the path with the stage in front.
fn address(target: &ApiTarget, uri: &Uri) -> anyhow::Result<(HeaderValue, Uri)> {
    let host = format!(
        "{}.execute-api.{}.amazonaws.com",
        target.api_id, target.region
    );
    let path_and_query = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let uri = if target.stage == DEFAULT_STAGE {
        path_and_query.parse()
    } else {
        format!("/{}{path_and_query}", target.stage).parse()
    };
    Ok((
        host.parse().context("API id or region")?,
        uri.context("path")?,
    ))
}

/// Joins repeated headers as payload format 2.0 does. `Cookie` has a separator of its own.
fn join_repeated(headers: &mut HeaderMap) {
    let names: Vec<_> = headers.keys().cloned().collect();
    for name in names {
        let values: Vec<&[u8]> = headers
            .get_all(&name)
            .iter()
            .map(HeaderValue::as_bytes)
            .collect();
        if values.len() < 2 {
            continue;
        }
        let separator: &[u8] = if name == http::header::COOKIE {
            b"; "
        } else {
            b","
        };
        // Header values of visible ASCII, joined, always form a valid header value.
        if let Ok(joined) = HeaderValue::from_bytes(&values.join(separator)) {
            headers.insert(name, joined);
        }
    }
}

/// Removes a second `Content-Type`: the emulator sends a function's twice, which a browser reads as
/// a list.
fn keep_one_content_type(headers: &mut HeaderMap) {
    if let Some(last) = headers.get_all(CONTENT_TYPE).iter().next_back().cloned() {
        headers.insert(CONTENT_TYPE, last);
    }
}

/// Replaces the body of the emulator's own error responses, `{"__type", "message"}`, by API
/// Gateway's, which holds the reason phrase of the status. Headers stay: without those of CORS, a
/// browser can't read the response.
fn reword(response: Response) -> Response {
    let headers = response.headers();
    if headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes) != Some(EMULATOR_ERROR.as_bytes()) {
        return response;
    }
    let (parts, _) = response.into_parts();
    let message = parts.status.canonical_reason().unwrap_or_default();
    let mut reworded = refuse(parts.status, message);
    for (name, value) in &parts.headers {
        if *name != CONTENT_TYPE && *name != CONTENT_LENGTH {
            reworded.headers_mut().append(name, value.clone());
        }
    }
    reworded
}

/// Builds an error response in the words of API Gateway.
fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}

#[cfg(test)]
mod tests;
