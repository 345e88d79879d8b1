//! The proxy in front of S3, for browsers.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::header::{ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, ORIGIN};
use http::{HeaderValue, Method};
use tokio::net::TcpListener;

use super::forward::Upstream;
use super::listening::Listening;

/// The emulator's root key, which no policy restricts. The emulator does not verify this signature.
const ROOT: HeaderValue = HeaderValue::from_static(
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
);

/// The proxy at the address of presigned URLs, so that a browser can use them.
///
/// S3 answers any browser's preflight from the bucket's CORS configuration. The emulator can do
/// that too, but in strict mode it first checks the sender's permissions, and preflights are never
/// signed. So the proxy adds the root key to preflights, and to nothing else. Other requests pass
/// unchanged, the `Host` header included, because signatures cover it.
pub struct S3Proxy {
    listening: Listening,
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
            .with_state(Upstream::new(fakecloud_url)?);
        Ok(Self {
            listening: Listening::serve(listener, proxy)?,
        })
    }

    /// Returns the value for `AWS_ENDPOINT_URL_S3`.
    pub fn url(&self) -> &str {
        self.listening.url()
    }
}

async fn pass(State(upstream): State<Upstream>, mut request: Request) -> Response {
    // The template denies S3 without TLS. The local stack has no TLS; this header tells the
    // emulator that the request came over TLS. No signature covers it.
    request
        .headers_mut()
        .insert("x-forwarded-proto", HeaderValue::from_static("https"));
    if is_preflight(&request) {
        request.headers_mut().insert(AUTHORIZATION, ROOT);
    }
    upstream.forward(request).await
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
mod tests {
    use super::*;
    use axum::body::Body;

    /// Starts a proxy in front of a server that echoes the `Authorization` header.
    async fn proxy() -> (Listening, S3Proxy) {
        let echo = Router::new().fallback(|request: Request| async move {
            request
                .headers()
                .get(AUTHORIZATION)
                .map_or("none".to_owned(), |value| {
                    value.to_str().unwrap().to_owned()
                })
        });
        let echo = Listening::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), echo).unwrap();
        let proxy = S3Proxy::start(TcpListener::bind("127.0.0.1:0").await.unwrap(), echo.url())
            .await
            .unwrap();
        (echo, proxy)
    }

    #[tokio::test]
    async fn a_preflight_carries_the_root_key() {
        let (_echo, proxy) = proxy().await;

        let answer = reqwest::Client::new()
            .request(Method::OPTIONS, format!("{}/bucket/key", proxy.url()))
            .header(ORIGIN, "http://localhost:8080")
            .header(ACCESS_CONTROL_REQUEST_METHOD, "PUT")
            .send()
            .await
            .unwrap();

        assert!(answer.text().await.unwrap().contains("Credential=test/"));
    }

    #[tokio::test]
    async fn nothing_but_a_preflight_carries_the_root_key() {
        let (_echo, proxy) = proxy().await;
        let client = reqwest::Client::new();

        for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS] {
            let answer = client
                .request(method.clone(), format!("{}/bucket/key", proxy.url()))
                .header(ORIGIN, "http://localhost:8080")
                .send()
                .await
                .unwrap();
            assert_eq!(answer.text().await.unwrap(), "none", "{method}");
        }
    }

    #[test]
    fn a_get_that_names_a_request_method_is_no_preflight() {
        let request = Request::get("/bucket/key")
            .header(ORIGIN, "http://localhost:8080")
            .header(ACCESS_CONTROL_REQUEST_METHOD, "PUT")
            .body(Body::empty())
            .unwrap();

        assert!(!is_preflight(&request));
    }
}
