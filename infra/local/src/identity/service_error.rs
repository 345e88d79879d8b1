//! Refusals of requests, in the real service's words.
//!
//! Names and messages are Cognito's where they are known, because client code and people match on
//! them.

use http::StatusCode;
use thiserror::Error;

use super::token::TokenFault;

/// Error responses of this service.
#[derive(Debug, Error)]
pub(crate) enum ServiceError {
    #[error("Invalid login token. {0}")]
    Token(#[from] TokenFault),
    #[error("Token is not from a supported provider of this identity pool.")]
    UnsupportedProvider,
    #[error("Unauthenticated access is not supported for this identity pool.")]
    Unauthenticated,
    #[error(
        "Logins don't match. Please include at least one valid login for this identity or identity pool."
    )]
    LoginsDontMatch,
    #[error("Access to Identity '{0}' is forbidden.")]
    LoginsMissing(String),
    #[error("IdentityPool '{0}' not found.")]
    PoolNotFound(String),
    #[error("Identity '{0}' not found.")]
    IdentityNotFound(String),
    #[error("Missing parameter: {0}")]
    MissingParameter(&'static str),
    #[error("CustomRoleArn is not supported: the identity pool has no role mapping.")]
    CustomRole,
    #[error("The request is not valid JSON of this operation.")]
    Malformed,
    #[error("The operation {0:?} is not supported here.")]
    UnknownOperation(String),
    #[error("Invalid identity pool configuration. Check assigned IAM roles for this pool.")]
    TrustPolicy,
    #[error("The stack is not deployed yet.")]
    NotConfigured,
    /// Hides the cause, which is in the log.
    #[error("Internal error.")]
    Internal(#[source] anyhow::Error),
}

impl ServiceError {
    /// Returns the error type on the wire.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Token(_)
            | Self::UnsupportedProvider
            | Self::Unauthenticated
            | Self::LoginsDontMatch
            | Self::LoginsMissing(_) => "NotAuthorizedException",
            Self::PoolNotFound(_) | Self::IdentityNotFound(_) => "ResourceNotFoundException",
            Self::MissingParameter(_) | Self::CustomRole => "InvalidParameterException",
            Self::Malformed => "SerializationException",
            Self::UnknownOperation(_) => "UnknownOperationException",
            Self::TrustPolicy => "InvalidIdentityPoolConfigurationException",
            Self::NotConfigured | Self::Internal(_) => "InternalErrorException",
        }
    }

    /// Returns the HTTP status: 400 for errors of the caller.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotConfigured => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}
