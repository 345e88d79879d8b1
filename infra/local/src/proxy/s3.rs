//! The proxy in front of S3, for browsers.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::header::{ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, ORIGIN};
use http::{HeaderValue, Method};
use tokio::net::TcpListener;

use super::forward::Upstream;
use super::listening::Listening;

/// The emulator's root key, which no policy binds. The signature is never looked at.
const ROOT: HeaderValue = HeaderValue::from_static(
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
);

/// Where presigned URLs point, so that a browser may follow them.
///
/// S3 answers a browser's preflight to anybody, from the bucket's CORS configuration. The
/// emulator can do that too, but in strict mode it first asks whether the sender, who never
/// signs a preflight, may. So the proxy puts the root key on preflights, and on nothing else.
/// Everything else passes unchanged, the `Host` header included, because signatures cover it.
pub struct S3Proxy {
    listening: Listening,
}

impl S3Proxy {
    /// Serves on a bound listener until the handle is dropped.
    ///
    /// `async` so that it can be called where the runtime is, like its siblings.
    #[expect(
        clippy::unused_async,
        reason = "needs a runtime to be called in; says so in its type"
    )]
    pub async fn start(listener: TcpListener, fakecloud_url: &str) -> anyhow::Result<Self> {
        let proxy = Router::new()
            .fallback(pass)
            .with_state(Upstream::new(fakecloud_url)?);
        Ok(Self {
            listening: Listening::serve(listener, proxy)?,
        })
    }

    /// What to put into `AWS_ENDPOINT_URL_S3`.
    pub fn url(&self) -> &str {
        self.listening.url()
    }
}

async fn pass(State(upstream): State<Upstream>, mut request: Request) -> Response {
    // The template denies S3 without TLS. There is none here, and this header is the emulator's way
    // to be told that there was; no signature covers it.
    request
        .headers_mut()
        .insert("x-forwarded-proto", HeaderValue::from_static("https"));
    if is_preflight(&request) {
        request.headers_mut().insert(AUTHORIZATION, ROOT);
    }
    upstream.forward(request).await
}

/// What the Fetch standard sends, and nobody else has a reason to.
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

    /// A proxy in front of a server that answers with the `Authorization` it saw.
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
