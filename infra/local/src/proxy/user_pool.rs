//! The user pool's public operations, on the page's own origin.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::header::HeaderValue;
use http::{StatusCode, Uri};

use super::forward::AWS_TARGET;
use super::forward::Upstream;

/// Path of the user pool on the page's origin.
pub(crate) const PATH: &str = "/cognito";

/// Operations that a browser may call without AWS credentials: to sign in, to refresh, to sign out,
/// to create an account, to replace a forgotten password.
const OPERATIONS: [&str; 8] = [
    "AWSCognitoIdentityProviderService.InitiateAuth",
    "AWSCognitoIdentityProviderService.RespondToAuthChallenge",
    "AWSCognitoIdentityProviderService.RevokeToken",
    "AWSCognitoIdentityProviderService.SignUp",
    "AWSCognitoIdentityProviderService.ConfirmSignUp",
    "AWSCognitoIdentityProviderService.ResendConfirmationCode",
    "AWSCognitoIdentityProviderService.ForgotPassword",
    "AWSCognitoIdentityProviderService.ConfirmForgotPassword",
];

/// Builds the route of the user pool. The real one allows any origin; the emulator sends no CORS
/// headers.
pub(crate) fn routes(upstream: Upstream) -> Router {
    Router::new().route(PATH, post(pass)).with_state(upstream)
}

async fn pass(State(upstream): State<Upstream>, mut request: Request) -> Response {
    let target = request
        .headers()
        .get(AWS_TARGET)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    if !OPERATIONS.iter().any(|name| name.as_bytes() == target) {
        return StatusCode::NOT_FOUND.into_response();
    }
    *request.uri_mut() = Uri::from_static("/");
    upstream.forward(request).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::listening::Listening;
    use tokio::net::TcpListener;

    /// Starts the proxy in front of a server that echoes the requested operation.
    async fn proxy() -> (Listening, Listening) {
        let echo = Router::new().fallback(|request: Request| async move {
            let target = request.headers()[AWS_TARGET].to_str().unwrap().to_owned();
            format!("{} {target}", request.uri())
        });
        let echo = Listening::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), echo).unwrap();
        let proxy = routes(Upstream::new(echo.url()).unwrap());
        let proxy =
            Listening::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), proxy).unwrap();
        (echo, proxy)
    }

    async fn call(proxy: &Listening, target: &str) -> reqwest::Response {
        reqwest::Client::new()
            .post(format!("{}{PATH}", proxy.url()))
            .header(AWS_TARGET, target)
            .send()
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn the_operations_of_a_browser_reach_the_user_pool() {
        let (_echo, proxy) = proxy().await;

        for target in OPERATIONS {
            let seen = call(&proxy, target).await.text().await.unwrap();
            assert_eq!(seen, format!("/ {target}"));
        }
    }

    #[tokio::test]
    async fn no_other_operation_passes() {
        let (_echo, proxy) = proxy().await;

        for target in [
            "AWSCognitoIdentityProviderService.AdminDeleteUser",
            "AWSCognitoIdentityProviderService.AdminConfirmSignUp",
            "AWSCognitoIdentityProviderService.AdminResetUserPassword",
            "AWSCognitoIdentityProviderService.ChangePassword",
            "AWSCognitoIdentityProviderService.GetUser",
            "AWSCognitoIdentityProviderService.SignUpX",
            "DynamoDB_20120810.Scan",
            "",
        ] {
            assert_eq!(
                call(&proxy, target).await.status(),
                StatusCode::NOT_FOUND,
                "{target}"
            );
        }
    }
}
