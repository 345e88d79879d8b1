//! Errors of S3, `DynamoDB`, SQS and `EventBridge`, classified by how a caller handles them.

mod meaning;

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use thiserror::Error;

use meaning::{Meaning, meaning_of};

type Source = Box<dyn Error + Send + Sync>;

/// A failed call. Its text names the operation and the object or table; its source is the cause.
#[derive(Debug, Error)]
pub enum ServiceError {
    /// The object does not exist.
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
    /// The object exists, and nobody can read it as it is stored: it is archived, or encrypted with
    /// a key that the request does not have. A retry does not help.
    #[error("{what}: the object can't be read as it is stored")]
    Unreadable {
        /// The operation and the object.
        what: String,
        /// The service's error.
        source: Source,
    },
    /// The item would be larger than `DynamoDB` stores (400 kB).
    #[error("{what}: the item is too large")]
    ItemTooLarge {
        /// The operation and the item.
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
    /// The service refuses the request itself: a fault of ours, or of the deployment. A retry does
    /// not help until it is mended.
    #[error("{what}: the request is refused")]
    Rejected {
        /// The operation and the object.
        what: String,
        /// The service's error.
        source: Source,
    },
    /// Any other failure: throttled, unreachable, timed out, or with credentials that have expired.
    /// A retry may help.
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
        let service_error = error.as_service_error();
        let code = service_error.and_then(ProvideErrorMetadata::code);
        let message = service_error.and_then(ProvideErrorMetadata::message);
        // The code is the one of every invalid request.
        if code == Some("ValidationException")
            && message.is_some_and(|message| message.contains("Item size"))
        {
            return Self::ItemTooLarge { what };
        }
        match meaning_of(code, status) {
            Meaning::Absent => Self::NotFound { what },
            Meaning::Condition => Self::Precondition { what },
            Meaning::Range => Self::OutOfRange { what },
            Meaning::Unreadable => Self::Unreadable {
                what,
                source: Box::new(error),
            },
            Meaning::Denied => Self::Denied {
                what,
                source: Box::new(error),
            },
            Meaning::Refused => Self::Rejected {
                what,
                source: Box::new(error),
            },
            Meaning::Passing => Self::Unavailable {
                what,
                source: Box::new(error),
            },
        }
    }

    /// Classifies the error of a read of an object.
    ///
    /// S3 answers a read of an object that is encrypted with a customer's key (SSE-C), without
    /// that key, with the generic code `InvalidRequest`. Our reads are otherwise valid, so it
    /// means that.
    pub(crate) fn classify_read<E, R>(what: impl Into<String>, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: StatusOf + std::fmt::Debug + Send + Sync + 'static,
    {
        let code = error
            .as_service_error()
            .and_then(ProvideErrorMetadata::code);
        if code == Some("InvalidRequest") {
            return Self::Unreadable {
                what: what.into(),
                source: Box::new(error),
            };
        }
        Self::classify(what, error)
    }

    /// Classifies the error of a read of an object by the object's own user. Without permission to
    /// list the bucket, S3 denies a read of a missing object; and IAM grants a user every read of
    /// an own object. So a denial means that the object does not exist.
    pub(crate) fn classify_own_read<E, R>(what: impl Into<String>, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: StatusOf + std::fmt::Debug + Send + Sync + 'static,
    {
        match Self::classify_read(what, error) {
            Self::Denied { what, .. } => Self::NotFound { what },
            error => error,
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
