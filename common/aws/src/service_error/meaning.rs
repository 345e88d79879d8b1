//! The meaning of the services' error codes.
//!
//! The codes are those of the services' API models and of "Error responses" in the S3 API
//! reference. A code that is not in the table is passing if its status says so or if there is none,
//! and otherwise a refusal: a 4xx that we do not know would be the same at the next attempt.

/// How a caller handles an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The object does not exist.
    Absent,
    /// The request's condition does not hold.
    Condition,
    /// The object is shorter than the requested range.
    Range,
    /// The object can't be read as it is stored. Permanent for the image.
    Unreadable,
    /// IAM denies the call.
    Denied,
    /// The request or the deployment is wrong: a bug of ours, or of the operator.
    Refused,
    /// A later attempt may succeed.
    Passing,
}

use Meaning::{Absent, Condition, Denied, Passing, Range, Refused, Unreadable};

/// The codes of S3, `DynamoDB`, SQS and `EventBridge`, each with its meaning.
const MEANINGS: [(&str, Meaning); 66] = [
    // S3.
    ("NoSuchKey", Absent),
    ("NotFound", Absent),
    ("NoSuchVersion", Absent),
    ("PreconditionFailed", Condition),
    ("ConditionalRequestConflict", Condition),
    ("InvalidRange", Range),
    // Archived (GLACIER, DEEP_ARCHIVE), or in an archive tier of Intelligent-Tiering.
    ("InvalidObjectState", Unreadable),
    ("ObjectNotInActiveTierError", Unreadable),
    // The key of KMS that encrypts the object is gone or disabled.
    ("KMS.DisabledException", Unreadable),
    ("KMS.InvalidKeyUsageException", Unreadable),
    ("KMS.KMSInvalidStateException", Unreadable),
    ("KMS.NotFoundException", Unreadable),
    ("AccessDenied", Denied),
    ("AllAccessDisabled", Denied),
    ("AccountProblem", Denied),
    ("NoSuchBucket", Refused),
    ("PermanentRedirect", Refused),
    ("AuthorizationHeaderMalformed", Refused),
    ("SignatureDoesNotMatch", Refused),
    ("InvalidArgument", Refused),
    ("InvalidRequest", Refused),
    ("InvalidDigest", Refused),
    ("BadDigest", Refused),
    ("XAmzContentSHA256Mismatch", Refused),
    ("EntityTooLarge", Refused),
    ("KeyTooLongError", Refused),
    ("MetadataTooLarge", Refused),
    ("InvalidBucketName", Refused),
    ("MethodNotAllowed", Refused),
    ("NotImplemented", Refused),
    ("SlowDown", Passing),
    ("RequestTimeout", Passing),
    ("RequestTimeTooSkewed", Passing),
    ("IncompleteBody", Passing),
    ("OperationAborted", Passing),
    ("ServiceUnavailable", Passing),
    ("InternalError", Passing),
    // Credentials that have expired or are not yet known everywhere; the next request gets others.
    ("ExpiredToken", Passing),
    ("ExpiredTokenException", Passing),
    ("InvalidToken", Passing),
    ("InvalidAccessKeyId", Passing),
    ("InvalidClientTokenId", Passing),
    ("UnrecognizedClientException", Passing),
    // DynamoDB.
    ("ConditionalCheckFailedException", Condition),
    ("AccessDeniedException", Denied),
    ("ValidationException", Refused),
    ("SerializationException", Refused),
    ("ResourceNotFoundException", Refused),
    ("ItemCollectionSizeLimitExceededException", Refused),
    ("MissingAuthenticationTokenException", Refused),
    ("ProvisionedThroughputExceededException", Passing),
    ("RequestLimitExceeded", Passing),
    ("ThrottlingException", Passing),
    // The reasons say more: see `counting`.
    ("TransactionCanceledException", Refused),
    ("IdempotentParameterMismatchException", Refused),
    ("TransactionConflictException", Passing),
    ("TransactionInProgressException", Passing),
    ("InternalServerError", Passing),
    // SQS.
    ("QueueDoesNotExist", Refused),
    ("AWS.SimpleQueueService.NonExistentQueue", Refused),
    ("InvalidMessageContents", Refused),
    ("BatchRequestTooLong", Refused),
    ("OverLimit", Passing),
    ("RequestThrottled", Passing),
    // EventBridge.
    ("ManagedRuleException", Refused),
    ("InternalException", Passing),
];

/// Returns the meaning of an error's code, or of its status where it has no code or one that is
/// unknown.
pub(super) fn meaning_of(code: Option<&str>, status: Option<u16>) -> Meaning {
    let known = MEANINGS.iter().find(|(known, _)| Some(*known) == code);
    if let Some((_, meaning)) = known {
        return *meaning;
    }
    match (code, status) {
        (None, Some(404)) => Absent,
        (None, Some(412)) => Condition,
        (None, Some(416)) => Range,
        (None, Some(403)) => Denied,
        (_, None | Some(408 | 425 | 429 | 500..)) => Passing,
        (_, Some(400..500)) => Refused,
        (_, Some(_)) => Passing,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use aws_sdk_dynamodb::{
        config::http::HttpResponse,
        error::{ErrorMetadata, SdkError},
        operation::get_item::GetItemError,
    };
    use aws_sdk_s3::primitives::SdkBody;

    use super::{MEANINGS, Meaning, meaning_of};
    use crate::service_error::ServiceError;

    fn classified(code: Option<&str>, status: u16) -> ServiceError {
        let mut metadata = ErrorMetadata::builder();
        if let Some(code) = code {
            metadata = metadata.code(code);
        }
        let response = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        let error = GetItemError::generic(metadata.build());
        ServiceError::classify("read x", SdkError::service_error(error, response))
    }

    #[test]
    fn every_row_is_an_error_of_its_kind() {
        for (code, meaning) in MEANINGS {
            let error = classified(Some(code), 400);
            let is_right = match meaning {
                Meaning::Absent => matches!(error, ServiceError::NotFound { .. }),
                Meaning::Condition => matches!(error, ServiceError::Precondition { .. }),
                Meaning::Range => matches!(error, ServiceError::OutOfRange { .. }),
                Meaning::Unreadable => matches!(error, ServiceError::Unreadable { .. }),
                Meaning::Denied => matches!(error, ServiceError::Denied { .. }),
                Meaning::Refused => matches!(error, ServiceError::Rejected { .. }),
                Meaning::Passing => matches!(error, ServiceError::Unavailable { .. }),
            };
            assert!(is_right, "{code}: {error:?}");
        }
    }

    #[test]
    fn no_code_has_two_rows() {
        let codes: BTreeSet<&str> = MEANINGS.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes.len(), MEANINGS.len());
    }

    /// The messages of `PutItem` and of `UpdateItem`.
    #[test]
    fn an_item_that_is_too_large_is_told_from_other_invalid_requests() {
        for (message, is_too_large) in [
            ("Item size has exceeded the maximum allowed size", true),
            (
                "Item size to update has exceeded the maximum allowed size",
                true,
            ),
            (
                "Expression size has exceeded the maximum allowed size",
                false,
            ),
        ] {
            let metadata = ErrorMetadata::builder().code("ValidationException");
            let error = GetItemError::generic(metadata.message(message).build());
            let response = HttpResponse::new(400.try_into().unwrap(), SdkBody::empty());
            let error = ServiceError::classify("write x", SdkError::service_error(error, response));
            let is_told = matches!(error, ServiceError::ItemTooLarge { .. });
            assert_eq!(is_told, is_too_large, "{error:?}");
        }
    }

    #[test]
    fn what_has_no_code_is_classified_by_its_status() {
        for (status, meaning) in [
            (404, Meaning::Absent),
            (412, Meaning::Condition),
            (416, Meaning::Range),
            (403, Meaning::Denied),
            (400, Meaning::Refused),
            (405, Meaning::Refused),
            (408, Meaning::Passing),
            (429, Meaning::Passing),
            (500, Meaning::Passing),
            (503, Meaning::Passing),
        ] {
            assert_eq!(meaning_of(None, Some(status)), meaning, "{status}");
        }
        assert_eq!(meaning_of(None, None), Meaning::Passing);
    }

    #[test]
    fn an_unknown_code_is_permanent_if_its_status_is() {
        assert_eq!(meaning_of(Some("New"), Some(400)), Meaning::Refused);
        assert_eq!(meaning_of(Some("New"), Some(404)), Meaning::Refused);
        assert_eq!(meaning_of(Some("New"), Some(500)), Meaning::Passing);
        assert_eq!(meaning_of(Some("New"), None), Meaning::Passing);
    }

    #[test]
    fn a_read_that_is_an_invalid_request_is_of_an_object_with_a_customer_s_key() {
        let error = || {
            let error = ErrorMetadata::builder().code("InvalidRequest").build();
            let response = HttpResponse::new(400.try_into().unwrap(), SdkBody::empty());
            SdkError::service_error(GetItemError::generic(error), response)
        };
        let read = ServiceError::classify_read("read x", error());
        assert!(matches!(read, ServiceError::Unreadable { .. }), "{read:?}");
        let write = ServiceError::classify("write x", error());
        assert!(matches!(write, ServiceError::Rejected { .. }), "{write:?}");
    }

    #[test]
    fn only_a_denied_read_of_one_s_own_means_that_there_is_nothing() {
        let own_read = |code: &str| {
            let error = GetItemError::generic(ErrorMetadata::builder().code(code).build());
            let response = HttpResponse::new(403.try_into().unwrap(), SdkBody::empty());
            ServiceError::classify_own_read("read x", SdkError::service_error(error, response))
        };
        assert!(matches!(
            own_read("AccessDenied"),
            ServiceError::NotFound { .. }
        ));
        assert!(matches!(
            own_read("ExpiredToken"),
            ServiceError::Unavailable { .. }
        ));
        assert!(matches!(
            own_read("SlowDown"),
            ServiceError::Unavailable { .. }
        ));
    }
}
