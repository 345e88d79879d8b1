//! The door in front of the HTTP API.

use std::sync::Arc;

use anyhow::Context;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::uri::PathAndQuery;
use http::{StatusCode, Uri};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::forward::Upstream;
use super::listening::Listening;

/// The payload quota of an HTTP API, which the emulator does not enforce.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// Names an operation of an AWS service; the emulator would perform it instead of calling the API.
const AWS_TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// The stage that an HTTP API serves at the root of its address.
const DEFAULT_STAGE: &str = "$default";

/// The deployed HTTP API that the door leads to.
#[derive(Clone, Debug)]
pub struct ApiTarget {
    /// `ApiId`, the first label of its address.
    pub api_id: String,
    /// The region in its address.
    pub region: String,
    /// The stage to serve; `$default` has no path segment of its own.
    pub stage: String,
}

/// The address of the whole application: `GET /healthz`, and everything else is the API.
///
/// Closes three gaps between the emulator and a real HTTP API, and only those: bodies over
/// 10 MB are refused, repeated headers arrive joined by commas (the emulator's event keeps only
/// the last), and the emulator's own pages (`/_…`) and operations (`X-Amz-Target`) are out of
/// reach.
pub struct ApiDoor {
    listening: Listening,
    target: watch::Sender<Option<ApiTarget>>,
}

impl ApiDoor {
    /// Serves on a bound listener until the handle is dropped; 503 until [`Self::configure`].
    #[expect(
        clippy::unused_async,
        reason = "needs a runtime to be called in; says so in its type"
    )]
    pub async fn start(listener: TcpListener, fakecloud_url: &str) -> anyhow::Result<Self> {
        let (target, configured) = watch::channel(None);
        let door = Arc::new(Door {
            upstream: Upstream::new(fakecloud_url)?,
            target: configured,
        });
        let routes = Router::new()
            .route("/healthz", get(health))
            .fallback(call_api)
            .with_state(door);
        Ok(Self {
            listening: Listening::serve(listener, routes)?,
            target,
        })
    }

    /// Opens the door to a deployed API. May be called again after another deployment.
    pub fn configure(&self, target: ApiTarget) {
        self.target.send_replace(Some(target));
    }

    /// `http://<address>:<port>`, without a slash at the end.
    pub fn url(&self) -> &str {
        self.listening.url()
    }
}

struct Door {
    upstream: Upstream,
    target: watch::Receiver<Option<ApiTarget>>,
}

async fn health(State(door): State<Arc<Door>>) -> Response {
    let (status, word) = if door.target.borrow().is_some() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "starting")
    };
    (status, Json(json!({ "status": word }))).into_response()
}

async fn call_api(State(door): State<Arc<Door>>, request: Request) -> Response {
    let Some(target) = door.target.borrow().clone() else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
    };
    // The emulator keeps its own pages there, a reset of everything among them.
    if request.uri().path().starts_with("/_") {
        return refuse(StatusCode::NOT_FOUND, "Not Found");
    }
    let (mut parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY_BYTES).await else {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
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
    door.upstream
        .forward(Request::from_parts(parts, Body::from(body)))
        .await
}

/// The `Host` by which the emulator finds the API, and the path with the stage in front.
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

/// Joins values as payload format 2.0 does. `Cookie` has a separator of its own.
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
        // Joining header values with visible ASCII always gives a header value.
        if let Ok(joined) = HeaderValue::from_bytes(&values.join(separator)) {
            headers.insert(name, joined);
        }
    }
}

/// A refusal in the words of API Gateway.
fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(stage: &str) -> ApiTarget {
        ApiTarget {
            api_id: "abc123".into(),
            region: "us-east-1".into(),
            stage: stage.into(),
        }
    }

    /// A door, not yet configured, in front of a server that answers with what it saw.
    async fn door() -> (Listening, ApiDoor) {
        let echo = Router::new().fallback(|request: Request| async move {
            let headers = request.headers();
            let joined = headers
                .get("x-twice")
                .map(|value| value.to_str().unwrap().to_owned());
            format!(
                "{} {} {joined:?}",
                headers[HOST].to_str().unwrap(),
                request.uri()
            )
        });
        let echo = Listening::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), echo).unwrap();
        let door = ApiDoor::start(TcpListener::bind("127.0.0.1:0").await.unwrap(), echo.url())
            .await
            .unwrap();
        (echo, door)
    }

    async fn get(url: String) -> (StatusCode, String) {
        let response = reqwest::get(url).await.unwrap();
        (response.status(), response.text().await.unwrap())
    }

    #[tokio::test]
    async fn the_door_is_closed_until_it_is_configured() {
        let (_echo, door) = door().await;

        assert_eq!(
            get(format!("{}/healthz", door.url())).await.0,
            StatusCode::SERVICE_UNAVAILABLE
        );
        assert_eq!(
            get(format!("{}/images", door.url())).await.0,
            StatusCode::SERVICE_UNAVAILABLE
        );

        door.configure(target("$default"));

        assert_eq!(
            get(format!("{}/healthz", door.url())).await.0,
            StatusCode::OK
        );
        assert_eq!(
            get(format!("{}/images", door.url())).await.0,
            StatusCode::OK
        );
    }

    #[tokio::test]
    async fn the_default_stage_adds_nothing_to_the_path() {
        let (_echo, door) = door().await;
        door.configure(target("$default"));

        let (_, seen) = get(format!("{}/images/a%2Fb?limit=1&limit=2", door.url())).await;

        assert_eq!(
            seen,
            "abc123.execute-api.us-east-1.amazonaws.com /images/a%2Fb?limit=1&limit=2 None"
        );
    }

    #[tokio::test]
    async fn a_named_stage_goes_in_front_of_the_path() {
        let (_echo, door) = door().await;
        door.configure(target("dev"));

        let (_, seen) = get(format!("{}/images?limit=1", door.url())).await;

        assert!(seen.contains(" /dev/images?limit=1 "), "{seen}");
    }

    #[tokio::test]
    async fn repeated_headers_arrive_joined() {
        let (_echo, door) = door().await;
        door.configure(target("$default"));

        let seen = reqwest::Client::new()
            .get(door.url())
            .header("x-twice", "a")
            .header("x-twice", "b")
            .send()
            .await
            .unwrap();

        assert!(seen.text().await.unwrap().ends_with(r#"Some("a,b")"#));
    }

    #[tokio::test]
    async fn the_emulators_own_pages_are_not_found() {
        let (_echo, door) = door().await;
        door.configure(target("$default"));

        for path in ["/_reset", "/_fakecloud/health", "/_aws/execute-api/x/y"] {
            let (status, _) = get(format!("{}{path}", door.url())).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn ten_megabytes_pass_and_one_byte_more_does_not() {
        let (_echo, door) = door().await;
        door.configure(target("$default"));
        let post = |bytes: usize| {
            reqwest::Client::new()
                .post(format!("{}/upload", door.url()))
                .body(vec![0; bytes])
                .send()
        };

        assert_eq!(post(MAX_BODY_BYTES).await.unwrap().status(), StatusCode::OK);
        assert_eq!(
            post(MAX_BODY_BYTES + 1).await.unwrap().status(),
            StatusCode::PAYLOAD_TOO_LARGE
        );
    }
}
