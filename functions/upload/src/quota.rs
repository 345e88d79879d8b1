//! The quota of the user who uploads.

use aws::{service_error::ServiceError, user_store::UserStore};
use common::{
    error_chain::with_causes,
    problem::{Problem, ProblemType},
    quota::{Limits, Quota},
    usage::Usage,
};
use thiserror::Error;

/// The response's header that warns of a limit that is near.
pub(crate) const HEADER: &str = "x-quota-usage";

/// The header's value, where the limit is near.
pub(crate) type Warning = Option<String>;

/// The reason why an upload is refused. Nothing is stored then.
#[derive(Debug, Error)]
pub(crate) enum QuotaError {
    /// There is no room.
    #[error("there is no room for {size_bytes} bytes more: {}", limits.sentence(*usage))]
    Exceeded {
        /// The size of the upload.
        size_bytes: u64,
        /// The usage without the upload.
        usage: Usage,
        /// The user's limits.
        limits: Limits,
    },
    /// The usage could not be read.
    #[error("the usage was not read")]
    NotRead(#[source] ServiceError),
}

/// Checks that there is room for an upload. The worker checks again, with what has arrived by then:
/// the user may have other uploads on their way. Without quotas, nothing is read.
pub(crate) async fn admit(
    user_store: &UserStore<'_>,
    quota: &Quota,
    size_bytes: u64,
) -> Result<Warning, QuotaError> {
    if !quota.is_on() {
        return Ok(None);
    }
    let item = user_store
        .recent_usage()
        .await
        .map_err(QuotaError::NotRead)?;
    let limits = quota.limits(&item);
    let usage = item.usage.with_image(size_bytes);
    if !limits.admit(usage) {
        return Err(QuotaError::Exceeded {
            size_bytes,
            usage: item.usage,
            limits,
        });
    }
    Ok(limits.are_near(usage).then(|| limits.header(usage)))
}

impl QuotaError {
    /// Converts to a problem document. A failure to read is logged here, where it is handled.
    pub(crate) fn into_problem(self, request_id: &str) -> Problem {
        let detail = self.to_string();
        match self {
            Self::Exceeded { usage, limits, .. } => {
                Problem::new(ProblemType::QuotaExceeded, detail).with_usage(usage, limits)
            }
            Self::NotRead(ServiceError::Denied { .. }) => {
                tracing::error!(error = with_causes(&self), "user is denied");
                Problem::access_denied()
            }
            Self::NotRead(_) => {
                tracing::error!(error = with_causes(&self), "upload failed");
                Problem::ours(ProblemType::Unavailable, request_id)
            }
        }
    }
}
