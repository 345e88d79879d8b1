//! The rule of an upload that goes past us: sign a PUT for one object, and write the pending record.

use std::{collections::BTreeMap, time::Duration};

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

use crate::{presign_request::PresignRequestBody, store::as_record};

/// Why there is no URL. Nothing is stored then.
#[derive(Debug, Error)]
pub(crate) enum PresignError {
    /// The URL could not be signed.
    #[error("the put was not signed")]
    NotSigned(#[source] ServiceError),
    /// The record could not be written.
    #[error("the upload was not recorded")]
    NotRecorded(#[source] ServiceError),
}

/// The answer, in the shape that the S3 plugin of Uppy takes from its `getUploadParameters`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PresignedUpload {
    method: &'static str,
    url: String,
    headers: BTreeMap<String, String>,
    /// Of a form, which this is not.
    fields: BTreeMap<String, String>,
    expires_at: String,
    image: ImageResource,
}

/// Gives leave to put one file. Signing comes first, because it asks nobody: where it fails, no record is left that
/// waits for an object which can't come.
pub(crate) async fn presign(
    user_store: &UserStore<'_>,
    presign_request: PresignRequestBody,
    pending_expiry: Duration,
) -> Result<(PresignedPut, ImageRecord), PresignError> {
    let file = presign_request.file;
    let now = OffsetDateTime::now_utc();
    let pending = Pending {
        image: ImageId::new(),
        file_name: presign_request.file_name,
        media_type: file.media_type,
        size_bytes: file.size_bytes,
        uploaded_at: now,
        expires_at: now + pending_expiry,
    };
    let key = OriginalKey {
        stage: user_store.stage().clone(),
        identity: user_store.identity().clone(),
        image: pending.image,
        extension: file.media_type.into(),
    };
    let put = user_store
        .presign_put(&key, file)
        .await
        .map_err(PresignError::NotSigned)?;
    user_store
        .write_pending(&pending)
        .await
        .map_err(PresignError::NotRecorded)?;
    tracing::info!(%key, image = %pending.image, bytes = file.size_bytes, "upload presigned");
    Ok((put, as_record(pending)))
}

impl PresignedUpload {
    /// The response's body.
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
    /// What the caller is told; the failure is logged here, where it is handled.
    pub(crate) fn into_problem(self, request_id: &str) -> Problem {
        tracing::error!(error = with_causes(&self), "presigning failed");
        Problem::ours(ProblemType::Unavailable, request_id)
    }
}
