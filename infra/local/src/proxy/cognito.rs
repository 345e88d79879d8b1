//! The proxy in front of the user pools.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::forward::{AWS_TARGET, Upstream};
use super::listening::Listening;

/// The prefix of the user pools' operations in `X-Amz-Target`.
const SERVICE: &str = "AWSCognitoIdentityProviderService.";

/// The largest body of a request. Cognito's are a few kilobytes.
const MAX_BODY_BYTES: usize = 1 << 20;

/// What the template says of its user pool, and the emulator keeps and ignores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolRules {
    /// The app client of the pool.
    pub client_id: String,
    /// The pool.
    pub user_pool_id: String,
    /// Whether only an operator may create users (`AllowAdminCreateUserOnly`).
    pub admin_create_only: bool,
    /// Whether `Alice@example.com` and `alice@example.com` are one user (`CaseSensitive: false`).
    pub ignores_case: bool,
}

/// The proxy that does as a user pool does, where the emulator does not:
///
/// - `SignUp` is refused if only an operator may create users;
/// - user names are compared without case.
pub struct CognitoProxy {
    listening: Listening,
    rules: watch::Sender<Option<PoolRules>>,
}

struct ProxyState {
    upstream: Upstream,
    rules: watch::Receiver<Option<PoolRules>>,
}

impl CognitoProxy {
    /// Serves on a bound listener until the handle is dropped. Before [`CognitoProxy::configure`],
    /// all requests pass.
    #[expect(
        clippy::unused_async,
        reason = "needs a runtime, which its type expresses"
    )]
    pub async fn start(listener: TcpListener, fakecloud_url: &str) -> anyhow::Result<Self> {
        let (rules, watched) = watch::channel(None);
        let state = ProxyState {
            upstream: Upstream::new(fakecloud_url)?,
            rules: watched,
        };
        let proxy = Router::new()
            .route("/", post(pass))
            .with_state(Arc::new(state));
        Ok(Self {
            listening: Listening::serve(listener, proxy)?,
            rules,
        })
    }

    /// Sets the rules of the deployed pool. Other pools have none.
    pub fn configure(&self, rules: PoolRules) {
        self.rules.send_replace(Some(rules));
    }

    /// Returns the URL of the user pools' service.
    pub fn url(&self) -> &str {
        self.listening.url()
    }
}

async fn pass(State(proxy): State<Arc<ProxyState>>, request: Request) -> Response {
    let target = request.headers().get(AWS_TARGET);
    let target = target.and_then(|value| value.to_str().ok());
    let operation = target.and_then(|target| target.strip_prefix(SERVICE));
    let (Some(operation), Some(rules)) = (operation.map(str::to_owned), proxy.rules()) else {
        return proxy.upstream.forward(request).await;
    };
    let (mut parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, MAX_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let Ok(sent) = serde_json::from_slice::<Value>(&bytes) else {
        return refused("SerializationException", "the body is not JSON");
    };
    let mut body = Body::from(bytes);
    if rules.are_for(&sent) {
        if operation == "SignUp" && rules.admin_create_only {
            return refused(
                "NotAuthorizedException",
                "SignUp is not permitted for this user pool",
            );
        }
        let changed = without_case(sent.clone());
        // A body that stays the same keeps its bytes: a signature may cover them.
        if rules.ignores_case && changed != sent {
            body = Body::from(changed.to_string());
            parts.headers.remove(CONTENT_LENGTH);
        }
    }
    proxy
        .upstream
        .forward(Request::from_parts(parts, body))
        .await
}

impl ProxyState {
    fn rules(&self) -> Option<PoolRules> {
        self.rules.borrow().clone()
    }
}

impl PoolRules {
    /// Returns whether a request is to this pool, which it names by itself or by its app client.
    fn are_for(&self, body: &Value) -> bool {
        body["ClientId"] == self.client_id.as_str()
            || body["UserPoolId"] == self.user_pool_id.as_str()
    }
}

/// Writes the user's name in lower case. Passwords and codes keep their case; so does the address
/// as an attribute, in which the user sees it.
fn without_case(mut body: Value) -> Value {
    for path in [
        "/Username",
        "/AuthParameters/USERNAME",
        "/ChallengeResponses/USERNAME",
    ] {
        if let Some(name) = body.pointer_mut(path)
            && let Some(text) = name.as_str()
        {
            *name = json!(text.to_lowercase());
        }
    }
    body
}

fn refused(code: &str, message: &str) -> Response {
    let body = json!({ "__type": code, "message": message });
    (
        StatusCode::BAD_REQUEST,
        [(CONTENT_TYPE, "application/x-amz-json-1.1")],
        body.to_string(),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Starts the proxy in front of a server that echoes bodies.
    async fn proxy() -> (Listening, CognitoProxy) {
        let echo = Router::new().fallback(async |body: String| body);
        let echo = Listening::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), echo).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = CognitoProxy::start(listener, echo.url()).await.unwrap();
        (echo, proxy)
    }

    fn rules() -> PoolRules {
        PoolRules {
            client_id: "client".to_owned(),
            user_pool_id: "pool".to_owned(),
            admin_create_only: true,
            ignores_case: true,
        }
    }

    async fn call(proxy: &CognitoProxy, operation: &str, body: Value) -> (u16, Value) {
        let request = reqwest::Client::new()
            .post(proxy.url())
            .header(AWS_TARGET, format!("{SERVICE}{operation}"));
        let answer = request.body(body.to_string()).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    #[tokio::test]
    async fn nobody_signs_up_where_only_an_operator_creates_users() {
        let (_echo, proxy) = proxy().await;
        let body = json!({ "ClientId": "client", "Username": "eve" });
        assert_eq!(call(&proxy, "SignUp", body.clone()).await.0, 200);

        proxy.configure(rules());
        let (status, refusal) = call(&proxy, "SignUp", body.clone()).await;
        assert_eq!(status, 400);
        assert_eq!(refusal["__type"], "NotAuthorizedException");
        let elsewhere = json!({ "ClientId": "another", "Username": "eve" });
        assert_eq!(call(&proxy, "SignUp", elsewhere).await.0, 200);

        proxy.configure(PoolRules {
            admin_create_only: false,
            ..rules()
        });
        assert_eq!(call(&proxy, "SignUp", body).await.0, 200);
    }

    #[tokio::test]
    async fn names_are_without_case_and_nothing_else_is() {
        let (_echo, proxy) = proxy().await;
        proxy.configure(rules());
        let body = |user: &str| {
            json!({
                "ClientId": "client",
                "AuthParameters": { "USERNAME": user, "SECRET": "Aa" },
                "Password": "Bb",
            })
        };
        let (_, echoed) = call(&proxy, "InitiateAuth", body("Alice@Example.com")).await;
        assert_eq!(echoed, body("alice@example.com"));
        let of_pool = |user: &str| json!({ "UserPoolId": "pool", "Username": user });
        let (_, echoed) = call(&proxy, "AdminCreateUser", of_pool("Alice")).await;
        assert_eq!(echoed, of_pool("alice"));

        proxy.configure(PoolRules {
            ignores_case: false,
            ..rules()
        });
        let (_, echoed) = call(&proxy, "InitiateAuth", body("Alice@Example.com")).await;
        assert_eq!(echoed, body("Alice@Example.com"));
    }
}
