//! Request in, response out.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use common::{
    drawer::{Drawer, Drawers},
    http_api::Response,
    id_token::IdToken,
    image_id::ImageId,
    problem::{Problem, ProblemType},
    resource::ImageResource,
    service_error::{ServiceError, with_causes},
};
use serde::Serialize;
use thiserror::Error;
use time::OffsetDateTime;

use crate::{
    config::Config,
    cursor::{self, CursorError},
    limit::{Limit, LimitError},
    links::with_links,
};

/// Why a read gives no images.
#[derive(Debug, Error)]
enum ReadError {
    #[error(transparent)]
    Limit(#[from] LimitError),
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// Not in this drawer; whether it is in another, nobody here knows.
    #[error("there is no image {0} in your drawer")]
    NoImage(String),
    #[error("there is no route {0}")]
    NoRoute(String),
    #[error("the images could not be read")]
    Service(#[from] ServiceError),
    #[error("the response does not serialize")]
    Json(#[from] serde_json::Error),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    items: Vec<ImageResource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Never fails: what goes wrong is a problem document.
pub(crate) async fn handle(
    config: &Config,
    drawers: &Drawers,
    request: &ApiGatewayV2httpRequest,
    request_id: &str,
) -> ApiGatewayV2httpResponse {
    read(config, drawers, request, request_id)
        .await
        .unwrap_or_else(|problem| {
            tracing::info!(
                problem = problem.kind.slug(),
                status = problem.kind.status(),
                "read refused"
            );
            Response::problem(&problem)
        })
        .into_gateway(request_id)
}

async fn read(
    config: &Config,
    drawers: &Drawers,
    request: &ApiGatewayV2httpRequest,
    request_id: &str,
) -> Result<Response, Problem> {
    let token = IdToken::from_request(
        request,
        &config.places.expected_token(OffsetDateTime::now_utc()),
    )?;
    let drawer = drawers
        .open(&token)
        .await
        .map_err(|error| error.into_problem(request_id))?;
    let path = request.raw_path.as_deref().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let outcome = match segments[..] {
        ["images"] => list(config, &drawer, request).await,
        ["images", image] => one(config, &drawer, image).await,
        _ => Err(ReadError::NoRoute(path.to_owned())),
    };
    outcome.map_err(|error| error.into_problem(request_id))
}

async fn list(
    config: &Config,
    drawer: &Drawer<'_>,
    request: &ApiGatewayV2httpRequest,
) -> Result<Response, ReadError> {
    let limit =
        query_value(request, "limit").map_or(Ok(Limit::DEFAULT), |text| Limit::parse(&text))?;
    let after = query_value(request, "cursor")
        .map(|text| cursor::decode(drawer.identity(), &text))
        .transpose()?;
    let page = drawer.page(limit.get(), after).await?;
    let mut items = Vec::with_capacity(page.records.len());
    for record in page.records {
        items.push(with_links(drawer, record, config.url_expiry).await?);
    }
    tracing::info!(images = items.len(), "listed");
    let next_cursor = page
        .last
        .map(|last| cursor::encode(drawer.identity(), last));
    Ok(Response::json(200, &Listing { items, next_cursor })?)
}

/// An id that is no id, one that never was and another user's are the same 404.
async fn one(config: &Config, drawer: &Drawer<'_>, text: &str) -> Result<Response, ReadError> {
    let absent = || ReadError::NoImage(text.to_owned());
    let image = ImageId::parse(text).map_err(|_| absent())?;
    let record = drawer.record(image).await?.ok_or_else(absent)?;
    tracing::info!(%image, status = record.status.as_str(), "read");
    Ok(Response::json(
        200,
        &with_links(drawer, record, config.url_expiry).await?,
    )?)
}

fn query_value(request: &ApiGatewayV2httpRequest, name: &str) -> Option<String> {
    let query = request.raw_query_string.as_deref().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

impl ReadError {
    /// What the caller is told; a fault is logged here, where it is handled.
    fn into_problem(self, request_id: &str) -> Problem {
        let kind = match &self {
            Self::Limit(_) => ProblemType::LimitInvalid,
            Self::Cursor(_) => ProblemType::CursorInvalid,
            Self::NoImage(_) => ProblemType::ImageNotFound,
            Self::NoRoute(_) => ProblemType::RouteNotFound,
            Self::Service(_) => ProblemType::Unavailable,
            Self::Json(_) => ProblemType::Internal,
        };
        if kind.status() < 500 {
            return Problem::new(kind, self.to_string());
        }
        tracing::error!(error = with_causes(&self), "read failed");
        Problem::ours(kind, request_id)
    }
}
