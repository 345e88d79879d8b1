//! Assertions on denials by IAM, and attribute values.

use std::fmt::Debug;

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    types::AttributeValue,
};

/// Fails unless IAM denied the call.
///
/// # Panics
///
/// Panics when the call succeeded, or failed for another reason.
pub fn assert_denied<T: Debug, E: ProvideErrorMetadata + Debug, R: Debug>(
    what: &str,
    outcome: Result<T, SdkError<E, R>>,
) {
    let error = outcome.expect_err(what);
    let code = error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code);
    assert!(
        matches!(code, Some("AccessDenied" | "AccessDeniedException")),
        "{what}: {error:?}"
    );
}

/// Makes a string attribute value.
pub fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
