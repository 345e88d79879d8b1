//! `POST /images/{imageId}/retry`

use aws::{service_error::ServiceError, user_store::UserStore};
use common::{http_api::Response, image_id::ImageId, record::Status};

use crate::{
    config::Config, error::ImagesError, original_key::key_of, presigned_links::with_links,
};

/// Copies the original onto itself, which makes S3 send a new event to the worker. The image stays
/// `failed` until the worker has processed it again; then `processedAt` has changed.
pub(crate) async fn retry(
    config: &Config,
    user_store: &UserStore<'_>,
    image: ImageId,
) -> Result<Response, ImagesError> {
    let absent = || ImagesError::NoImage(image);
    let record = user_store.record(image).await?.ok_or_else(absent)?;
    if record.status != Status::Failed {
        return Err(ImagesError::NotFailed(record.status.as_str()));
    }
    let key = key_of(user_store, &record).ok_or_else(absent)?;
    match user_store.rewrite_original(&key).await {
        Ok(()) => {}
        // The original was deleted, and its event has not been processed yet.
        Err(ServiceError::NotFound { .. }) => return Err(absent()),
        Err(ServiceError::Unreadable { .. }) => return Err(ImagesError::Unreadable),
        Err(error) => return Err(error.into()),
    }
    tracing::info!(%key, "retried");
    let signer = user_store.url_signer(config.url_window).await?;
    let resource = with_links(user_store, &signer, record);
    Ok(Response::json(202, &resource)?)
}
