//! Requests and responses of the HTTP API (payload format 2.0).

use aws_lambda_events::{
    apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse},
    encodings::Body,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};
use serde::Serialize;

use crate::problem::{Problem, ProblemType};

/// Returns the value of a header, if it is present and text.
pub fn header_of<'a>(request: &'a ApiGatewayV2httpRequest, name: &str) -> Option<&'a str> {
    request
        .headers
        .get(name)
        .and_then(|value| value.to_str().ok())
}

/// A response under construction.
#[derive(Debug)]
pub struct Response {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Response {
    /// Creates a response with a status and a JSON body.
    pub fn json(status: u16, body: &impl Serialize) -> Result<Self, serde_json::Error> {
        let body = serde_json::to_string(body)?;
        Ok(Self::text(status, "application/json", body))
    }

    /// Creates a response without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: String::new(),
        }
    }

    /// Returns the body.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Creates a response from a problem document.
    pub fn problem(problem: &Problem) -> Self {
        let response = Self::text(
            problem.kind.status(),
            Problem::MEDIA_TYPE,
            problem.to_json(),
        );
        match problem.kind {
            ProblemType::TokenMissing
            | ProblemType::TokenInvalid
            | ProblemType::TokenExpired
            | ProblemType::TokenNotIdToken => response.with(header::WWW_AUTHENTICATE, "Bearer"),
            ProblemType::Throttled | ProblemType::Unavailable => {
                response.with(header::RETRY_AFTER, "2")
            }
            _ => response,
        }
    }

    /// Adds a header. An invalid value is dropped: all values here are ids, paths and constants.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Converts to the gateway's type. `Cache-Control` lets only the user's own browser keep a
    /// response.
    pub fn into_gateway(self, request_id: &str) -> ApiGatewayV2httpResponse {
        let ready = self
            .with(HeaderName::from_static("x-request-id"), request_id)
            .with(header::CACHE_CONTROL, "private, no-cache");
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = i64::from(ready.status);
        response.headers = ready.headers;
        response.body = Some(Body::Text(ready.body));
        response
    }

    fn text(status: u16, media_type: &'static str, body: String) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        Self {
            status,
            headers,
            body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_token_says_how_to_authenticate() {
        let response =
            Response::problem(&Problem::new(ProblemType::TokenExpired, "x")).into_gateway("r1");
        assert_eq!(response.status_code, 401);
        assert_eq!(response.headers[header::WWW_AUTHENTICATE], "Bearer");
        assert_eq!(response.headers[header::CONTENT_TYPE], Problem::MEDIA_TYPE);
        assert_eq!(response.headers["x-request-id"], "r1");
    }
}
