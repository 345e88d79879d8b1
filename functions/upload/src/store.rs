//! An upload: checks the bytes, writes the pending record, writes the original.

use aws::{service_error::ServiceError, user_store::UserStore};
use common::{
    error_chain::with_causes,
    image_id::ImageId,
    keys::OriginalKey,
    origin::UploadContext,
    problem::{Problem, ProblemType},
    record::{ImageRecord, Pending, Status},
};
use media::{completeness::is_cut_off, media_type::MediaType, unsupported::name_of_unsupported};
use thiserror::Error;
use time::OffsetDateTime;

use crate::{
    config::{Config, FormatOff},
    quota::{QuotaError, Warning, admit},
    upload_body::UploadBody,
};

/// The reason why an upload is refused. Nothing is stored then.
#[derive(Debug, Error)]
pub(crate) enum AcceptError {
    /// The format is not one of [`MediaType::ALL`].
    #[error("{}", unsupported(*.0))]
    Format(Option<&'static str>),
    /// See [`FormatOff`].
    #[error(transparent)]
    Off(#[from] FormatOff),
    /// The end of the image is missing.
    #[error("the {} file is cut off: its end is missing; send it again", .0.name())]
    CutOff(MediaType),
    /// See [`QuotaError`].
    #[error(transparent)]
    Quota(#[from] QuotaError),
    /// The record or the original could not be written.
    #[error("the upload was not stored")]
    NotStored(#[source] ServiceError),
}

/// Stores a file. The record is written first. The worker would process an original without a
/// record too, but with the record, the image is listed as pending as soon as the user gets the
/// response.
pub(crate) async fn store(
    user_store: &UserStore<'_>,
    payload: UploadBody,
    config: &Config,
    origin: &UploadContext,
) -> Result<(ImageRecord, Warning), AcceptError> {
    let media_type = MediaType::sniff(&payload.bytes)
        .ok_or_else(|| AcceptError::Format(name_of_unsupported(&payload.bytes)))?;
    config.check_format(media_type)?;
    if is_cut_off(media_type, &payload.bytes) {
        return Err(AcceptError::CutOff(media_type));
    }
    let now = OffsetDateTime::now_utc();
    let pending = Pending {
        image: ImageId::new(),
        file_name: payload.file_name,
        media_type,
        size_bytes: u64::try_from(payload.bytes.len()).unwrap_or(u64::MAX),
        uploaded_at: now,
        expires_at: now + config.pending_expiry,
    };
    let key = OriginalKey {
        stage: user_store.stage().clone(),
        identity: user_store.identity().clone(),
        image: pending.image,
        extension: media_type.into(),
    };
    let warning = admit(user_store, &config.quota, pending.size_bytes).await?;
    user_store
        .write_pending(&pending)
        .await
        .map_err(AcceptError::NotStored)?;
    let put = user_store.put_original(&key, media_type, payload.bytes, origin);
    if let Err(error) = put.await {
        give_up(user_store, pending.image).await;
        return Err(AcceptError::NotStored(error));
    }
    tracing::info!(%key, image = %pending.image, bytes = pending.size_bytes, "upload accepted");
    Ok((as_record(pending), warning))
}

/// Expires the pending record at once. Best effort: after a failure, it expires by itself later.
async fn give_up(user_store: &UserStore<'_>, image: ImageId) {
    match user_store.abandon(image, OffsetDateTime::now_utc()).await {
        // The worker has completed the record, so the original was written after all.
        Ok(()) | Err(ServiceError::Precondition { .. }) => {}
        Err(error) => {
            tracing::warn!(
                %image,
                error = with_causes(&error),
                "pending record not hidden; it stays until it expires"
            );
        }
    }
}

/// Returns the record as a read would.
pub(crate) fn as_record(pending: Pending) -> ImageRecord {
    ImageRecord {
        image: pending.image,
        status: Status::Pending,
        file_name: pending.file_name.map(|name| name.as_str().to_owned()),
        caption: None,
        content_type: Some(pending.media_type.mime().to_owned()),
        size_bytes: Some(pending.size_bytes),
        uploaded_at: pending.uploaded_at,
        expires_at: Some(pending.expires_at.unix_timestamp()),
        original: None,
        processed_at: None,
        facts: None,
        failure: None,
    }
}

fn unsupported(name: Option<&str>) -> String {
    let supported = MediaType::ALL.map(MediaType::name).join(", ");
    match name {
        Some(name) => format!("{name} is not supported; send one of: {supported}"),
        None => format!("the body is not an image; send one of: {supported}"),
    }
}

impl AcceptError {
    /// Converts to a problem document. A failure to store is logged here, where it is handled.
    pub(crate) fn into_problem(self, request_id: &str) -> Problem {
        match self {
            Self::Quota(error) => error.into_problem(request_id),
            Self::Format(_) | Self::Off(_) => {
                Problem::new(ProblemType::UnsupportedFormat, self.to_string())
            }
            Self::CutOff(_) => Problem::new(ProblemType::FileCutOff, self.to_string()),
            Self::NotStored(ServiceError::Denied { .. }) => {
                tracing::error!(error = with_causes(&self), "user is denied");
                Problem::access_denied()
            }
            Self::NotStored(_) => {
                tracing::error!(error = with_causes(&self), "upload failed");
                Problem::ours(ProblemType::Unavailable, request_id)
            }
        }
    }
}
