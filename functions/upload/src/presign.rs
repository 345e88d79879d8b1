//! A presigned upload: signs a PUT of one original, and writes the pending record.

use std::collections::BTreeMap;

use aws::{
    service_error::ServiceError,
    user_store::{PresignedPut, UserStore},
};
use common::{
    error_chain::with_causes,
    image_id::ImageId,
    keys::OriginalKey,
    problem::{Problem, ProblemType},
    record::{ImageRecord, Pending},
    resource::ImageResource,
    timestamp,
};
use serde::Serialize;
use thiserror::Error;
use time::OffsetDateTime;

use crate::{
    config::Config,
    presign_request::PresignRequestBody,
    quota::{QuotaError, Warning, admit},
    store::as_record,
};

/// The reason why there is no URL. Nothing is stored then.
#[derive(Debug, Error)]
pub(crate) enum PresignError {
    /// See [`QuotaError`].
    #[error(transparent)]
    Quota(#[from] QuotaError),
    /// The URL could not be signed.
    #[error("the PUT was not signed")]
    NotSigned(#[source] ServiceError),
    /// The record could not be written.
    #[error("the pending record was not written")]
    NotRecorded(#[source] ServiceError),
}

/// The response, in the form that the S3 plugin of Uppy expects from its `getUploadParameters`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PresignedUpload {
    method: &'static str,
    url: String,
    headers: BTreeMap<String, String>,
    /// The fields of a form, always empty for a PUT.
    fields: BTreeMap<String, String>,
    expires_at: String,
    image: ImageResource,
}

/// Presigns the PUT of one file. Signing comes first, because it makes no request: after a failure,
/// no pending record waits for an original that can't arrive.
pub(crate) async fn presign(
    user_store: &UserStore<'_>,
    presign_request: PresignRequestBody,
    config: &Config,
) -> Result<(PresignedPut, ImageRecord, Warning), PresignError> {
    let file = presign_request.file;
    let now = OffsetDateTime::now_utc();
    let pending = Pending {
        image: ImageId::new(),
        file_name: presign_request.file_name,
        media_type: file.media_type,
        size_bytes: file.size_bytes,
        uploaded_at: now,
        expires_at: now + config.pending_expiry,
    };
    let key = OriginalKey {
        stage: user_store.stage().clone(),
        identity: user_store.identity().clone(),
        image: pending.image,
        extension: file.media_type.into(),
    };
    let warning = admit(user_store, &config.quota, pending.size_bytes).await?;
    let put = user_store
        .presign_put(&key, file)
        .await
        .map_err(PresignError::NotSigned)?;
    user_store
        .write_pending(&pending)
        .await
        .map_err(PresignError::NotRecorded)?;
    tracing::info!(%key, image = %pending.image, bytes = file.size_bytes, "upload presigned");
    Ok((put, as_record(pending), warning))
}

impl PresignedUpload {
    /// Creates the response's body.
    pub(crate) fn new(put: PresignedPut, record: ImageRecord) -> Self {
        Self {
            method: "PUT",
            url: put.url,
            headers: put.headers,
            fields: BTreeMap::new(),
            expires_at: timestamp::to_text(put.expires_at),
            image: ImageResource::new(record, None, Vec::new()),
        }
    }
}

impl PresignError {
    /// Converts to a problem document. The failure is logged here, where it is handled.
    pub(crate) fn into_problem(self, request_id: &str) -> Problem {
        match self {
            Self::Quota(error) => error.into_problem(request_id),
            Self::NotRecorded(ServiceError::Denied { .. }) => {
                tracing::error!(error = with_causes(&self), "user is denied");
                Problem::access_denied()
            }
            Self::NotSigned(_) | Self::NotRecorded(_) => {
                tracing::error!(error = with_causes(&self), "presigning failed");
                Problem::ours(ProblemType::Unavailable, request_id)
            }
        }
    }
}
