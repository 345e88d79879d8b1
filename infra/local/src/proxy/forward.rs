//! Forwarding of requests, byte for byte.

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

/// The header that names an operation of an AWS service; the emulator would perform it instead of
/// calling the API.
pub(super) const AWS_TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// Hop-by-hop headers, which are not forwarded (RFC 9110, section 7.6.1).
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

/// A server to forward requests to.
///
/// It does not use `reqwest`, whose URL type normalises its input (`..`, quotes): a presigned URL
/// must arrive as it was signed.
#[derive(Clone)]
pub(crate) struct Upstream {
    client: Client<HttpConnector, Body>,
    authority: Authority,
}

impl Upstream {
    /// Parses a URL of the form `http://host:port`.
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

    /// Forwards a request and returns the upstream's response, streaming both bodies.
    ///
    /// Method, path, query, `Host` and all other end-to-end headers are unchanged. An unreachable
    /// upstream is a 502.
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
                tracing::debug!(%error, "request target cannot be forwarded");
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

/// Removes the standard hop-by-hop headers and those that `Connection` names.
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
mod tests;
