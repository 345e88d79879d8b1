//! Errors of the images function and their problem documents.

use aws::service_error::ServiceError;
use aws_lambda_events::http::header::ALLOW;
use common::{
    error_chain::with_causes,
    http_api::Response,
    image_id::ImageId,
    problem::{Problem, ProblemType},
};
use thiserror::Error;

use crate::{
    cursor::CursorError, limit::LimitError, patch_body::BodyError, query::QueryError,
    route::RouteError, selection::SelectionError,
};

/// The reason why a request fails.
#[derive(Debug, Error)]
pub(crate) enum ImagesError {
    #[error(transparent)]
    Route(#[from] RouteError),
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error(transparent)]
    Selection(#[from] SelectionError),
    #[error(transparent)]
    Limit(#[from] LimitError),
    #[error(transparent)]
    Cursor(#[from] CursorError),
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The user has no such image. Another user may have it, which this function can't see.
    #[error("there is no image {0} of yours")]
    NoImage(ImageId),
    /// The image's status is not `failed`.
    #[error("the image is {0}; only a failed one can be tried again")]
    NotFailed(&'static str),
    /// The original is archived, or encrypted with a key of the uploader's.
    #[error(
        "the original is archived, or encrypted with a key that we do not have; upload it again"
    )]
    Unreadable,
    #[error("a call to S3 or DynamoDB failed")]
    Service(#[from] ServiceError),
    #[error("the response does not serialize")]
    Json(#[from] serde_json::Error),
}

impl ImagesError {
    /// Converts to a problem document. A 5xx is logged here, where it is handled.
    pub(crate) fn into_response(self, request_id: &str) -> Response {
        let response = Response::problem(&self.problem(request_id));
        match self {
            Self::Route(RouteError::Method { allow, .. }) => response.with(ALLOW, allow),
            _ => response,
        }
    }

    fn problem(&self, request_id: &str) -> Problem {
        let kind = self.kind();
        if kind == ProblemType::AccessDenied {
            // Every user is granted what the API asks for: this one is blocked, or the policy is
            // wrong.
            tracing::error!(error = with_causes(self), "user is denied");
            return Problem::access_denied();
        }
        if kind.status() < 500 {
            tracing::info!(
                problem = kind.slug(),
                status = kind.status(),
                "request refused"
            );
            return Problem::new(kind, self.to_string());
        }
        tracing::error!(error = with_causes(self), "request failed");
        Problem::ours(kind, request_id)
    }

    fn kind(&self) -> ProblemType {
        match self {
            Self::Route(RouteError::Path(_)) => ProblemType::RouteNotFound,
            Self::Route(RouteError::Method { .. }) => ProblemType::MethodNotAllowed,
            Self::Route(RouteError::Image(_)) | Self::NoImage(_) => ProblemType::ImageNotFound,
            Self::Query(_) | Self::Selection(_) => ProblemType::QueryInvalid,
            Self::Limit(_) => ProblemType::LimitInvalid,
            Self::Cursor(_) => ProblemType::CursorInvalid,
            Self::Body(BodyError::Encoding) => ProblemType::BodyEncoding,
            Self::Body(BodyError::Shape(_) | BodyError::Nothing) => ProblemType::BodyInvalid,
            Self::Body(BodyError::FileName(_)) => ProblemType::FileNameInvalid,
            Self::Body(BodyError::Caption(_)) => ProblemType::CaptionInvalid,
            Self::NotFailed(_) => ProblemType::ImageNotFailed,
            Self::Unreadable => ProblemType::OriginalUnreadable,
            Self::Service(ServiceError::Denied { .. }) => ProblemType::AccessDenied,
            Self::Service(_) => ProblemType::Unavailable,
            Self::Json(_) => ProblemType::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use common::problem::Problem;

    use super::*;

    #[test]
    fn a_refused_method_is_told_the_others() {
        let error = ImagesError::from(RouteError::Method {
            path: "/images".to_owned(),
            method: "PUT".to_owned(),
            allow: "GET",
        });
        let response = error.into_response("r1").into_gateway("r1");
        assert_eq!(response.status_code, 405);
        assert_eq!(response.headers["allow"], "GET");
        assert_eq!(response.headers["content-type"], Problem::MEDIA_TYPE);
    }

    #[test]
    fn a_fault_of_ours_says_nothing_but_the_request_id() {
        let error = ImagesError::from(ServiceError::NotFound {
            what: "get original-files/dev/secret".to_owned(),
        });
        let problem = error.problem("r1");
        assert_eq!(problem.kind, ProblemType::Unavailable);
        assert!(problem.detail.contains("r1"), "{}", problem.detail);
        assert!(!problem.detail.contains("secret"), "{}", problem.detail);
    }
}
