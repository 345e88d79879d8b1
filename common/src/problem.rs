//! Problem documents (RFC 9457), the body of every error response.

use serde::Serialize;

use crate::{quota::Limits, usage::Usage};

/// The stable names of all problems, one for each that a client may want to handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(strum::VariantArray))]
pub enum ProblemType {
    /// The request has no `Authorization` header.
    TokenMissing,
    /// The token is not from this user pool, or Cognito refused it.
    TokenInvalid,
    /// The token is past its `exp`.
    TokenExpired,
    /// The token is an access token, or another that is not an id token.
    TokenNotIdToken,
    /// The body, or the file part of a form, is empty.
    BodyEmpty,
    /// The body does not decode.
    BodyEncoding,
    /// The body is not the JSON that the route accepts.
    BodyInvalid,
    /// The body is larger than a request may be.
    BodyTooLarge,
    /// The form has no usable `file` part.
    FormInvalid,
    /// The file name has path parts, control characters or too many characters.
    FileNameInvalid,
    /// The caption has control characters or too many characters.
    CaptionInvalid,
    /// The bytes are not an image of a supported format.
    UnsupportedFormat,
    /// The end of the image is missing.
    FileCutOff,
    /// `limit` is not 1 to 100.
    LimitInvalid,
    /// The cursor is not from this listing.
    CursorInvalid,
    /// A query parameter is unknown to the route, or has a value that it does not accept.
    QueryInvalid,
    /// IAM denies what it grants every user: the operator has blocked this one.
    AccessDenied,
    /// The user has no such image.
    ImageNotFound,
    /// The user has no room for the upload.
    QuotaExceeded,
    /// The image to be retried did not fail.
    ImageNotFailed,
    /// The original of the image to be retried can't be read as it is stored.
    OriginalUnreadable,
    /// There is no such route.
    RouteNotFound,
    /// The route does not have this method.
    MethodNotAllowed,
    /// S3, `DynamoDB` or Cognito throttles.
    Throttled,
    /// A call to another service failed. Nothing was stored.
    Unavailable,
    /// The function has a fault of its own.
    Internal,
}

impl ProblemType {
    /// Returns the last part of the `type` URI.
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
            Self::AccessDenied => "access-denied",
            Self::ImageNotFound => "image-not-found",
            Self::QuotaExceeded => "quota-exceeded",
            Self::ImageNotFailed => "image-not-failed",
            Self::OriginalUnreadable => "original-unreadable",
            Self::RouteNotFound => "route-not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// Returns the HTTP status.
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
            Self::AccessDenied | Self::QuotaExceeded => 403,
            Self::ImageNotFound | Self::RouteNotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::ImageNotFailed | Self::OriginalUnreadable => 409,
            Self::Throttled | Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }

    /// Returns a sentence that is the same at each occurrence.
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
            Self::UnsupportedFormat => "The file is not a supported image",
            Self::FileCutOff => "The image is cut off",
            Self::LimitInvalid => "The limit is not usable",
            Self::CursorInvalid => "The cursor is not usable",
            Self::QueryInvalid => "The query is not usable",
            Self::AccessDenied => "Access is denied",
            Self::ImageNotFound => "There is no such image",
            Self::QuotaExceeded => "There is no room for the image",
            Self::ImageNotFailed => "The image did not fail",
            Self::OriginalUnreadable => "The original can't be read",
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
    /// The type of the problem.
    pub kind: ProblemType,
    /// The cause of this occurrence, with the limit that was exceeded.
    pub detail: String,
    /// What the user has and may have, of [`ProblemType::QuotaExceeded`].
    usage: Option<(Usage, Limits)>,
}

impl Problem {
    /// The media type of a problem document.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// Creates a problem. Users read `detail`: for a 4xx the cause, for a 5xx the request id only.
    pub fn new(kind: ProblemType, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            usage: None,
        }
    }

    /// Adds what the user has and may have, as members of the document.
    #[must_use]
    pub fn with_usage(self, usage: Usage, limits: Limits) -> Self {
        Self {
            usage: Some((usage, limits)),
            ..self
        }
    }

    /// Creates a 5xx problem. Its cause is in the log, under the request id.
    pub fn ours(kind: ProblemType, request_id: &str) -> Self {
        Self::new(
            kind,
            format!("Please try again. If it stays, report the request id {request_id}."),
        )
    }

    /// Creates the problem of a user whom IAM denies what it grants every user.
    pub fn access_denied() -> Self {
        Self::new(
            ProblemType::AccessDenied,
            "access to your images is denied; ask the operator of this service why",
        )
    }

    /// Formats `{"type", "title", "status", "detail"}`, and the members of usage where there are
    /// any.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Document<'a> {
            r#type: String,
            title: &'a str,
            status: u16,
            detail: &'a str,
            #[serde(flatten)]
            usage: Option<UsageMembers>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct UsageMembers {
            used_bytes: u64,
            max_bytes: Option<u64>,
            used_images: u64,
            max_images: Option<u64>,
        }
        let document = Document {
            r#type: format!("urn:hikidashi:problem:{}", self.kind.slug()),
            title: self.kind.title(),
            status: self.kind.status(),
            detail: &self.detail,
            usage: self.usage.map(|(usage, limits)| UsageMembers {
                used_bytes: usage.bytes,
                max_bytes: limits.max_bytes,
                used_images: usage.images,
                max_images: limits.max_images,
            }),
        };
        // Strings and numbers always serialize.
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
            "body is 4710000 bytes; the limit is 4700000",
        );
        let document: serde_json::Value = serde_json::from_str(&problem.to_json()).unwrap();
        assert_eq!(
            document,
            serde_json::json!({
                "type": "urn:hikidashi:problem:body-too-large",
                "title": "The body is too large",
                "status": 413,
                "detail": "body is 4710000 bytes; the limit is 4700000",
            })
        );
    }

    #[test]
    fn a_problem_of_a_quota_has_members_of_its_own() {
        let usage = Usage {
            bytes: 9,
            images: 1,
        };
        let limits = Limits {
            max_bytes: Some(10),
            max_images: None,
        };
        let problem = Problem::new(ProblemType::QuotaExceeded, "x").with_usage(usage, limits);
        let document: serde_json::Value = serde_json::from_str(&problem.to_json()).unwrap();
        assert_eq!(
            document,
            serde_json::json!({
                "type": "urn:hikidashi:problem:quota-exceeded",
                "title": "There is no room for the image",
                "status": 403,
                "detail": "x",
                "usedBytes": 9, "maxBytes": 10, "usedImages": 1, "maxImages": null,
            })
        );
    }
}
