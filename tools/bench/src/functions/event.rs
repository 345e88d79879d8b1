//! Events of the HTTP API (payload format 2.0), and tokens for them.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use serde_json::{Value, json};

/// Builds the event of `POST /upload` with a JPEG.
pub(super) fn upload(token: &str, file: &[u8]) -> Bytes {
    let body = STANDARD.encode(file);
    bytes(&gateway(
        "POST",
        "/upload",
        "name=uploads.jpg",
        token,
        Some(body),
    ))
}

/// Builds the event of `GET /images`.
pub(super) fn list(token: &str, query: &str) -> Bytes {
    bytes(&gateway("GET", "/images", query, token, None))
}

/// Builds the event of `GET /images` from a browser, which accepts gzip.
pub(super) fn list_gzipped(token: &str, query: &str) -> Bytes {
    let mut event = gateway("GET", "/images", query, token, None);
    event["headers"]["accept-encoding"] = json!("gzip, deflate, br, zstd");
    bytes(&event)
}

fn bytes(event: &Value) -> Bytes {
    Bytes::from(event.to_string())
}

fn gateway(method: &str, path: &str, query: &str, token: &str, body: Option<String>) -> Value {
    let route = format!("{method} {path}");
    let mut event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query,
        "headers": {
            "accept": "*/*",
            "authorization": format!("Bearer {token}"),
            "host": "abcdefghij.execute-api.eu-central-1.amazonaws.com",
            "user-agent": "curl/8.5.0",
            "x-amzn-trace-id": "Root=1-65f00000-0123456789abcdef01234567",
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdefghij",
            "authorizer": { "lambda": {} },
            "domainName": "abcdefghij.execute-api.eu-central-1.amazonaws.com",
            "domainPrefix": "abcdefghij",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "curl/8.5.0",
            },
            "requestId": "abcdefghijklmno=",
            "routeKey": route,
            "stage": "$default",
            "time": "23/Nov/2026:07:00:00 +0000",
            "timeEpoch": 1_795_417_200_000_u64,
        },
        "isBase64Encoded": body.is_some(),
    });
    if let Some(body) = body {
        event["headers"]["content-type"] = json!("image/jpeg");
        event["headers"]["content-length"] = json!((body.len() / 4 * 3).to_string());
        event["body"] = json!(body);
    }
    event
}

/// Builds a token with the claims and the length of Cognito's, without a valid signature. Only a
/// stubbed back end accepts it.
pub(super) fn unsigned_token(issuer: &str, client_id: &str, now_unix_secs: u64) -> String {
    let header = json!({"kid": "B0lXqvAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=", "alg": "RS256"});
    let claims = json!({
        "sub": "13a4b852-0011-70aa-bbcc-0123456789ab",
        "email_verified": true,
        "iss": issuer,
        "cognito:username": "13a4b852-0011-70aa-bbcc-0123456789ab",
        "origin_jti": "5c1d8e6e-0000-4000-8000-0123456789ab",
        "aud": client_id,
        "event_id": "b1f2c3d4-0000-4000-8000-0123456789ab",
        "token_use": "id",
        "auth_time": now_unix_secs,
        "exp": now_unix_secs + 3600,
        "iat": now_unix_secs,
        "jti": "9e8d7c6b-0000-4000-8000-0123456789ab",
        "email": "alice@example.com",
    });
    [
        header.to_string().into_bytes(),
        claims.to_string().into_bytes(),
        vec![0; 256],
    ]
    .map(|part| URL_SAFE_NO_PAD.encode(part))
    .join(".")
}

/// Returns seconds since 1970.
pub(super) fn now_unix_secs() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}
