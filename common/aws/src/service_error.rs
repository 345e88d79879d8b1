//! What went wrong at S3 or `DynamoDB`, in the few words that decide what happens next.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use thiserror::Error;

type Source = Box<dyn Error + Send + Sync>;

/// A failed call. The display names the operation and the object or table; the cause is the source.
#[derive(Debug, Error)]
pub enum ServiceError {
    /// The object or bucket is not there.
    #[error("{what}: not found")]
    NotFound {
        /// Operation and object.
        what: String,
    },
    /// A condition of ours did not hold: somebody was faster. Not a fault.
    #[error("{what}: the condition did not hold")]
    Precondition {
        /// Operation and object.
        what: String,
    },
    /// The object has no such bytes.
    #[error("{what}: the range is beyond the end")]
    OutOfRange {
        /// Operation and object.
        what: String,
    },
    /// IAM says no.
    #[error("{what}: denied")]
    Denied {
        /// Operation and object.
        what: String,
        /// The service's words.
        source: Source,
    },
    /// Anything else: throttled, unreachable, out of time. Trying again may help.
    #[error("{what}: failed")]
    Unavailable {
        /// Operation and object.
        what: String,
        /// The service's words.
        source: Source,
    },
}

impl ServiceError {
    /// Sorts an SDK's error by its code; the status decides where there is none (a `HEAD` has no body).
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

    /// For what fails before or after the call itself.
    pub(crate) fn unavailable(what: impl Into<String>, source: impl Into<Source>) -> Self {
        Self::Unavailable {
            what: what.into(),
            source: source.into(),
        }
    }
}

/// The status of a raw response; a trait, so that the SDKs' response type is named once.
pub(crate) trait StatusOf {
    fn status_of(&self) -> u16;
}

impl StatusOf for aws_sdk_dynamodb::config::http::HttpResponse {
    fn status_of(&self) -> u16 {
        self.status().as_u16()
    }
}
