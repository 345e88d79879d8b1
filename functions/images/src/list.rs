//! `GET /images`

use aws::user_store::UserStore;
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use common::{http_api::Response, resource::ImageResource};
use serde::Serialize;

use crate::{
    config::Config, cursor, error::ImagesError, etag::revalidated, limit::Limit,
    presigned_links::with_links, query::Query, selection,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    items: Vec<ImageResource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Lists a page of images. A short or empty page may still have a cursor; the listing ends where
/// there is none.
pub(crate) async fn list(
    config: &Config,
    user_store: &UserStore<'_>,
    request: &ApiGatewayV2httpRequest,
    query: &Query,
) -> Result<Response, ImagesError> {
    let limit = query
        .text("limit")
        .map_or(Ok(Limit::DEFAULT), Limit::parse)?;
    let selection = selection::parse(query)?;
    let after = query
        .text("cursor")
        .map(|text| cursor::decode(user_store.identity(), &selection, text))
        .transpose()?;
    let page = user_store.page(&selection, limit.get(), after).await?;
    let signer = user_store.url_signer(config.url_window).await?;
    let records = page.records.into_iter();
    let items: Vec<_> = records
        .map(|record| with_links(user_store, &signer, record))
        .collect();
    tracing::info!(images = items.len(), "listed");
    let next_cursor = page
        .last
        .map(|last| cursor::encode(user_store.identity(), &selection, last));
    let response = Response::json(200, &Listing { items, next_cursor })?;
    Ok(revalidated(request, response))
}
