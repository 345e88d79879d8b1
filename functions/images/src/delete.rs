//! `DELETE /images/{imageId}`

use aws::{service_error::ServiceError, user_store::UserStore};
use common::{http_api::Response, image_id::ImageId};
use serde::Serialize;
use time::OffsetDateTime;

use crate::{error::ImagesError, original_key::key_of};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Removal {
    image_id: String,
    status: &'static str,
}

/// Deletes the original and hides the record. The worker removes record and variants on S3's event.
///
/// The original goes first: a hidden record with an original would leave a file that its user can
/// neither see nor delete. If the second step fails, the caller may try again, and the worker
/// cleans up in any case. The response is the same for an image that exists, was deleted or never
/// existed.
pub(crate) async fn delete(
    user_store: &UserStore<'_>,
    image: ImageId,
) -> Result<Response, ImagesError> {
    if let Some(record) = user_store.record_even_if_hidden(image).await? {
        if let Some(key) = key_of(user_store, &record) {
            user_store.delete_original(&key).await?;
        }
        match user_store.hide(image, OffsetDateTime::now_utc()).await {
            // The worker has removed the record meanwhile.
            Ok(()) | Err(ServiceError::Precondition { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    tracing::info!(%image, "deleted");
    let removal = Removal {
        image_id: image.to_string(),
        status: "deleting",
    };
    Ok(Response::json(202, &removal)?)
}
