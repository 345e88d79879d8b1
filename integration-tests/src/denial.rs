//! Denials by IAM, and the values that tests of them write.

use std::fmt::Debug;

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    types::AttributeValue,
};

/// Fails unless IAM denied the call.
///
/// # Panics
///
/// When the call succeeded, or failed for another reason.
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

/// A text value of an item.
pub fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
