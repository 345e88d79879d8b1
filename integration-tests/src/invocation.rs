//! Direct invocations of functions, without the gateway.

use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use local::stack::Stack;
use serde_json::{Value, json};

/// A request in the form that the gateway passes to a function.
pub struct Invocation<'a> {
    /// The function's name, without stack and stage.
    pub function: &'a str,
    /// The HTTP method.
    pub method: &'a str,
    /// The raw path.
    pub path: &'a str,
    /// The HTTP headers, an object.
    pub headers: Value,
    /// The body in base64.
    pub body: Option<&'a str>,
}

impl Invocation<'_> {
    /// Sends the request and returns the status and the body of the function's response.
    pub async fn send(&self, stack: &Stack) -> anyhow::Result<(u64, Value)> {
        let Self {
            function,
            method,
            path,
            headers,
            body,
        } = self;
        let event = json!({
            "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": headers,
            "requestContext": {
                "accountId": "123456789012", "apiId": "direct", "requestId": "direct", "stage": "$default",
                "domainName": "localhost", "domainPrefix": "localhost", "routeKey": "$default",
                "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1_767_225_600_000_u64,
                "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "t"},
            },
            "body": body, "isBase64Encoded": body.is_some(),
        });
        let function = format!("hikidashi-dev-{function}");
        let response = stack.invoke(&function, &event).await?;
        let status = response["statusCode"]
            .as_u64()
            .with_context(|| response.to_string())?;
        let body = response["body"].as_str().context("a body")?;
        Ok((status, serde_json::from_str(body)?))
    }
}

/// Encodes a body for an [`Invocation`].
pub fn encoded(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}
