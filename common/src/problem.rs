//! Problem documents (RFC 9457): what every error response carries.

use serde::Serialize;

/// The stable names of all problems, one for each thing that a client may want to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(strum::VariantArray))]
pub enum ProblemType {
    /// No `Authorization` header.
    TokenMissing,
    /// Not a token of this user pool, or refused by Cognito.
    TokenInvalid,
    /// A token past its `exp`.
    TokenExpired,
    /// An access token, or any other that is not an id token.
    TokenNotIdToken,
    /// Nothing in the body, or an empty file part.
    BodyEmpty,
    /// A body that does not decode.
    BodyEncoding,
    /// A body that is not the JSON that the route takes.
    BodyInvalid,
    /// More than a request may carry.
    BodyTooLarge,
    /// A form without a usable `file` part.
    FormInvalid,
    /// A file name with path parts, control characters or too many characters.
    FileNameInvalid,
    /// A caption with control characters or too many characters.
    CaptionInvalid,
    /// Bytes that are no picture of a supported format.
    UnsupportedFormat,
    /// A picture without its end.
    FileCutOff,
    /// A `limit` that is not 1 to 100.
    LimitInvalid,
    /// A cursor that this listing did not give out.
    CursorInvalid,
    /// A query parameter that the route does not have, or a value that it does not take.
    QueryInvalid,
    /// No such image in this user store.
    ImageNotFound,
    /// A retry of an image that did not fail.
    ImageNotFailed,
    /// No such route.
    RouteNotFound,
    /// A route without such a method.
    MethodNotAllowed,
    /// Another service asks us to slow down.
    Throttled,
    /// Another service did not do its part; nothing was stored.
    Unavailable,
    /// Our fault.
    Internal,
}

impl ProblemType {
    /// The last part of the `type` URI.
    pub fn slug(self) -> &'static str {
        match self {
            Self::TokenMissing => "token-missing",
            Self::TokenInvalid => "token-invalid",
            Self::TokenExpired => "token-expired",
            Self::TokenNotIdToken => "token-not-id-token",
            Self::BodyEmpty => "body-empty",
            Self::BodyEncoding => "body-encoding",
            Self::BodyInvalid => "body-invalid",
            Self::BodyTooLarge => "body-too-large",
            Self::FormInvalid => "form-invalid",
            Self::FileNameInvalid => "file-name-invalid",
            Self::CaptionInvalid => "caption-invalid",
            Self::UnsupportedFormat => "unsupported-format",
            Self::FileCutOff => "file-cut-off",
            Self::LimitInvalid => "limit-invalid",
            Self::CursorInvalid => "cursor-invalid",
            Self::QueryInvalid => "query-invalid",
            Self::ImageNotFound => "image-not-found",
            Self::ImageNotFailed => "image-not-failed",
            Self::RouteNotFound => "route-not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::TokenMissing
            | Self::TokenInvalid
            | Self::TokenExpired
            | Self::TokenNotIdToken => 401,
            Self::BodyEmpty
            | Self::BodyEncoding
            | Self::BodyInvalid
            | Self::FormInvalid
            | Self::FileNameInvalid
            | Self::CaptionInvalid
            | Self::FileCutOff
            | Self::LimitInvalid
            | Self::CursorInvalid
            | Self::QueryInvalid => 400,
            Self::BodyTooLarge => 413,
            Self::UnsupportedFormat => 415,
            Self::ImageNotFound | Self::RouteNotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::ImageNotFailed => 409,
            Self::Throttled | Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }

    /// A sentence that is the same at each occurrence.
    pub fn title(self) -> &'static str {
        match self {
            Self::TokenMissing => "The request has no id token",
            Self::TokenInvalid => "The token is not valid here",
            Self::TokenExpired => "The token has expired",
            Self::TokenNotIdToken => "The token is not an id token",
            Self::BodyEmpty => "The body is empty",
            Self::BodyEncoding => "The body is not valid base64",
            Self::BodyInvalid => "The body is not what the route takes",
            Self::BodyTooLarge => "The body is too large",
            Self::FormInvalid => "The form is not usable",
            Self::FileNameInvalid => "The file name is not usable",
            Self::CaptionInvalid => "The caption is not usable",
            Self::UnsupportedFormat => "The file is not a supported picture",
            Self::FileCutOff => "The picture is cut off",
            Self::LimitInvalid => "The limit is not usable",
            Self::CursorInvalid => "The cursor is not usable",
            Self::QueryInvalid => "The query is not usable",
            Self::ImageNotFound => "There is no such image",
            Self::ImageNotFailed => "The image did not fail",
            Self::RouteNotFound => "There is no such route",
            Self::MethodNotAllowed => "The route has no such method",
            Self::Throttled => "Too many requests",
            Self::Unavailable => "The service is not available",
            Self::Internal => "Something went wrong",
        }
    }
}

/// One occurrence of a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which.
    pub kind: ProblemType,
    /// What was wrong this time, with the limit that it broke.
    pub detail: String,
}

impl Problem {
    /// The media type of a problem document.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// `detail` is read by people: for a 4xx what was wrong, for a 5xx the request id and nothing else.
    pub fn new(kind: ProblemType, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }

    /// A 5xx: its cause is in the log, under the request id.
    pub fn ours(kind: ProblemType, request_id: &str) -> Self {
        Self::new(
            kind,
            format!("Please try again. If it stays, report the request id {request_id}."),
        )
    }

    /// `{"type", "title", "status", "detail"}`.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Document<'a> {
            r#type: String,
            title: &'a str,
            status: u16,
            detail: &'a str,
        }
        let document = Document {
            r#type: format!("urn:hikidashi:problem:{}", self.kind.slug()),
            title: self.kind.title(),
            status: self.kind.status(),
            detail: &self.detail,
        };
        // Strings and a number always serialize.
        serde_json::to_string(&document).unwrap_or_default()
    }
}

#[cfg(test)]
mod documented;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_a_document_of_four_members() {
        let problem = Problem::new(
            ProblemType::BodyTooLarge,
            "body is 5242880 bytes; the limit is 4718592",
        );
        let document: serde_json::Value = serde_json::from_str(&problem.to_json()).unwrap();
        assert_eq!(
            document,
            serde_json::json!({
                "type": "urn:hikidashi:problem:body-too-large",
                "title": "The body is too large",
                "status": 413,
                "detail": "body is 5242880 bytes; the limit is 4718592",
            })
        );
    }
}
