//! Errors of S3 and `DynamoDB`, classified by how a caller handles them.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use thiserror::Error;

type Source = Box<dyn Error + Send + Sync>;

/// A failed call. Its text names the operation and the object or table; its source is the cause.
#[derive(Debug, Error)]
pub enum ServiceError {
    /// The object or the bucket does not exist.
    #[error("{what}: not found")]
    NotFound {
        /// The operation and the object.
        what: String,
    },
    /// The condition of the request did not hold, because another writer was faster. Not a fault.
    #[error("{what}: the condition did not hold")]
    Precondition {
        /// The operation and the object.
        what: String,
    },
    /// The object is shorter than the range's start.
    #[error("{what}: the range is beyond the end")]
    OutOfRange {
        /// The operation and the object.
        what: String,
    },
    /// IAM denied the call.
    #[error("{what}: denied")]
    Denied {
        /// The operation and the object.
        what: String,
        /// The service's error.
        source: Source,
    },
    /// Any other failure: throttled, unreachable, timed out. A retry may help.
    #[error("{what}: failed")]
    Unavailable {
        /// The operation and the object.
        what: String,
        /// The service's error.
        source: Source,
    },
}

impl ServiceError {
    /// Classifies an SDK's error by its code, or by its status where there is no code (a `HEAD` has
    /// no body).
    pub(crate) fn classify<E, R>(what: impl Into<String>, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: StatusOf + std::fmt::Debug + Send + Sync + 'static,
    {
        let what = what.into();
        let status = error.raw_response().map(StatusOf::status_of);
        let code = error
            .as_service_error()
            .and_then(ProvideErrorMetadata::code);
        match (code, status) {
            (Some("InvalidRange"), _) | (None, Some(416)) => Self::OutOfRange { what },
            (Some("NoSuchKey" | "NotFound"), _) | (None, Some(404)) => Self::NotFound { what },
            (
                Some(
                    "PreconditionFailed"
                    | "ConditionalRequestConflict"
                    | "ConditionalCheckFailedException",
                ),
                _,
            )
            | (None, Some(412)) => Self::Precondition { what },
            (
                Some(
                    "AccessDenied"
                    | "AccessDeniedException"
                    | "ExpiredToken"
                    | "ExpiredTokenException"
                    | "InvalidAccessKeyId",
                ),
                _,
            )
            | (None, Some(403)) => Self::Denied {
                what,
                source: Box::new(error),
            },
            _ => Self::Unavailable {
                what,
                source: Box::new(error),
            },
        }
    }

    /// Creates an error for a failure before or after the call itself.
    pub(crate) fn unavailable(what: impl Into<String>, source: impl Into<Source>) -> Self {
        Self::Unavailable {
            what: what.into(),
            source: source.into(),
        }
    }
}

/// The status of a raw response. A trait, so that only one place names the SDKs' response type.
pub(crate) trait StatusOf {
    fn status_of(&self) -> u16;
}

impl StatusOf for aws_sdk_dynamodb::config::http::HttpResponse {
    fn status_of(&self) -> u16 {
        self.status().as_u16()
    }
}
