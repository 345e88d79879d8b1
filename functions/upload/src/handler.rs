//! Request in, response out.

use aws_lambda_events::{apigw::ApiGatewayV2httpResponse, http::header::LOCATION};
use common::{
    drawer::Drawers,
    http_api::Response,
    id_token::IdToken,
    problem::{Problem, ProblemType},
    resource::ImageResource,
};
use time::OffsetDateTime;

use crate::{accept::accept, config::Config, event::Event, payload::Payload};

/// Never fails: what goes wrong is a problem document.
pub(crate) async fn handle(
    config: &Config,
    drawers: &Drawers,
    event: Event,
    request_id: &str,
) -> ApiGatewayV2httpResponse {
    upload(config, drawers, event, request_id)
        .await
        .unwrap_or_else(|problem| {
            tracing::info!(
                problem = problem.kind.slug(),
                status = problem.kind.status(),
                "upload refused"
            );
            Response::problem(&problem)
        })
        .into_gateway(request_id)
}

/// The cheap checks come before the exchange, so that a useless request costs Cognito nothing.
async fn upload(
    config: &Config,
    drawers: &Drawers,
    event: Event,
    request_id: &str,
) -> Result<Response, Problem> {
    let token = IdToken::from_request(
        &event.request,
        &config.places.issuer,
        OffsetDateTime::now_utc(),
    )?;
    let payload = Payload::read(event, config.max_upload_bytes).await?;
    let drawer = drawers
        .open(&token)
        .await
        .map_err(|error| error.into_problem(request_id))?;
    let record = accept(&drawer, payload, config.pending_expiry)
        .await
        .map_err(|error| error.into_problem(request_id))?;
    let location = format!("/images/{}", record.image);
    let response =
        Response::json(201, &ImageResource::new(record, None, Vec::new())).map_err(|error| {
            tracing::error!(%error, "the response does not serialize");
            Problem::ours(ProblemType::Internal, request_id)
        })?;
    Ok(response.with(LOCATION, &location))
}
