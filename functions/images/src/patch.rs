//! `PATCH /images/{imageId}`

use aws::{service_error::ServiceError, user_store::UserStore};
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use common::{changes::ImagePatch, http_api::Response, image_id::ImageId};
use time::OffsetDateTime;

use crate::{config::Config, error::ImagesError, patch_body, presigned_links::with_links};

/// Changes name and caption of an image, and returns the image.
pub(crate) async fn patch(
    config: &Config,
    user_store: &UserStore<'_>,
    request: &ApiGatewayV2httpRequest,
    image: ImageId,
) -> Result<Response, ImagesError> {
    let changes: ImagePatch = patch_body::parse(request)?;
    let absent = || ImagesError::NoImage(image);
    match user_store
        .describe(image, &changes, OffsetDateTime::now_utc())
        .await
    {
        Ok(()) => {}
        Err(ServiceError::Precondition { .. }) => return Err(absent()),
        Err(error) => return Err(error.into()),
    }
    let record = user_store.record(image).await?.ok_or_else(absent)?;
    tracing::info!(%image, "changed");
    let signer = user_store.url_signer(config.url_window).await?;
    let resource = with_links(user_store, &signer, record);
    Ok(Response::json(200, &resource)?)
}
