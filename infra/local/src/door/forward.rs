//! Passing a request on, byte for byte.

use anyhow::Context;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{
    CONNECTION, HeaderName, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, StatusCode, Uri, Version};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// Headers about one connection, which end here (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// A server to pass requests on to.
///
/// Not `reqwest`: its URL type normalises what it is given (`..`, quotes), and a presigned URL
/// must arrive as it was signed.
#[derive(Clone)]
pub(crate) struct Upstream {
    client: Client<HttpConnector, Body>,
    authority: Authority,
}

impl Upstream {
    /// `url` is `http://host:port`.
    pub(crate) fn new(url: &str) -> anyhow::Result<Self> {
        let uri: Uri = url.parse().with_context(|| format!("not a URL: {url}"))?;
        let authority = uri
            .authority()
            .with_context(|| format!("URL without a host: {url}"))?
            .clone();
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            authority,
        })
    }

    /// Answers with the upstream's answer, streaming both bodies.
    ///
    /// Method, path, query, `Host` and all other end-to-end headers go on unchanged. An
    /// unreachable upstream is a 502.
    pub(crate) async fn forward(&self, request: Request) -> Response {
        let (mut parts, body) = request.into_parts();
        let path_and_query = parts
            .uri
            .path_and_query()
            .cloned()
            .unwrap_or_else(|| PathAndQuery::from_static("/"));
        let mut uri = http::uri::Parts::default();
        uri.scheme = Some(Scheme::HTTP);
        uri.authority = Some(self.authority.clone());
        uri.path_and_query = Some(path_and_query);
        parts.uri = match Uri::from_parts(uri) {
            Ok(uri) => uri,
            Err(error) => {
                tracing::debug!(%error, "request target cannot be passed on");
                return StatusCode::BAD_REQUEST.into_response();
            }
        };
        parts.version = Version::HTTP_11;
        drop_hop_by_hop(&mut parts.headers);

        match self.client.request(Request::from_parts(parts, body)).await {
            Ok(response) => {
                let (mut parts, body) = response.into_parts();
                drop_hop_by_hop(&mut parts.headers);
                Response::from_parts(parts, Body::new(body))
            }
            Err(error) => {
                tracing::warn!(%error, upstream = %self.authority, "upstream did not answer");
                (
                    StatusCode::BAD_GATEWAY,
                    axum::Json(serde_json::json!({ "message": "Bad Gateway" })),
                )
                    .into_response()
            }
        }
    }
}

/// Drops the standard hop-by-hop headers and those that `Connection` names.
fn drop_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::door::listening::Listening;
    use axum::Router;
    use bytes::Bytes;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    /// A door in front of a server that answers with what it saw.
    async fn door_to_an_echo() -> (Listening, Listening) {
        let echo = Router::new().fallback(|request: Request| async move {
            let (parts, body) = request.into_parts();
            let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            let seen = format!(
                "{} {} {:?} {}",
                parts.method,
                parts.uri,
                parts.headers,
                body.len()
            );
            ([("keep-alive", "timeout=5"), ("x-kept", "yes")], seen)
        });
        let echo = Listening::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), echo).unwrap();
        let upstream = Upstream::new(echo.url()).unwrap();
        let door =
            Router::new().fallback(move |request| async move { upstream.forward(request).await });
        let door = Listening::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), door).unwrap();
        (echo, door)
    }

    /// Sends bytes that no URL library would let through.
    async fn exchange(door: &Listening, request: &str) -> String {
        let mut stream = TcpStream::connect(door.url().trim_start_matches("http://"))
            .await
            .unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn path_query_and_host_arrive_byte_for_byte() {
        let (_echo, door) = door_to_an_echo().await;

        let answer = exchange(
            &door,
            "GET /a/../b//c%2Fd%3A'e?x='1'&y=%2f&y=%2F&z=a+b HTTP/1.1\r\nHost: signed.example:81\r\nConnection: close\r\n\r\n",
        )
        .await;

        assert!(
            answer.contains("GET /a/../b//c%2Fd%3A'e?x='1'&y=%2f&y=%2F&z=a+b "),
            "{answer}"
        );
        assert!(
            answer.contains(r#""host": "signed.example:81""#),
            "{answer}"
        );
    }

    #[tokio::test]
    async fn headers_about_the_connection_end_at_the_door() {
        let (_echo, door) = door_to_an_echo().await;

        let answer = exchange(
            &door,
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\nTE: trailers\r\nX-Other: 2\r\n\r\n",
        )
        .await;

        assert!(
            !answer.contains("x-mine") && !answer.contains("trailers"),
            "{answer}"
        );
        assert!(answer.contains("x-other"), "{answer}");
        assert!(
            answer.contains("x-kept: yes") && !answer.contains("keep-alive"),
            "{answer}"
        );
    }

    #[tokio::test]
    async fn a_chunked_body_arrives_whole() {
        let (_echo, door) = door_to_an_echo().await;

        let answer = exchange(
            &door,
            "PUT / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\n123\r\n0\r\n\r\n",
        )
        .await;

        assert!(answer.trim_end().ends_with(" 8"), "{answer}");
    }

    #[tokio::test]
    async fn an_unreachable_upstream_is_a_bad_gateway() {
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = Upstream::new(&format!("http://{}", closed.local_addr().unwrap())).unwrap();
        drop(closed);

        let response = upstream.forward(Request::new(Body::empty())).await;

        assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    }
}
