//! Request in, response out.

use std::time::SystemTime;

use aws::user_store::{Drawer, Drawers};
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use common::{
    http_api::Response,
    id_token::IdToken,
    metrics::{Dimension, Line, Metric, outcome_of},
    problem::Problem,
};
use time::OffsetDateTime;

use crate::{
    compression::compressed_for, config::Config, delete::delete, error::ImagesError, list::list,
    patch::patch, read::read, retry::retry, route::Route,
};

/// Never fails: what goes wrong is a problem document.
pub(crate) async fn handle(
    config: &Config,
    drawers: &Drawers,
    request: &ApiGatewayV2httpRequest,
    request_id: &str,
    deadline: SystemTime,
) -> ApiGatewayV2httpResponse {
    let mut line = Line::new(&config.places.stage, OffsetDateTime::now_utc())
        .request(request_id)
        .of(Dimension::Function, "images")
        .count(Metric::Requests, 1);
    let response = match open(config, drawers, request, request_id).await {
        Ok(drawer) => {
            line = line.exchange(drawer.exchange());
            answer(config, &drawer, request, deadline)
                .await
                .unwrap_or_else(|error| error.into_response(request_id))
        }
        Err(problem) => {
            tracing::info!(
                problem = problem.kind.slug(),
                status = problem.kind.status(),
                "refused"
            );
            Response::problem(&problem)
        }
    }
    .into_gateway(request_id);
    line.of(Dimension::Outcome, outcome_of(response.status_code))
        .emit();
    compressed_for(request, response)
}

async fn open<'a>(
    config: &Config,
    drawers: &'a Drawers,
    request: &ApiGatewayV2httpRequest,
    request_id: &str,
) -> Result<Drawer<'a>, Problem> {
    let expected = config.places.expected_token(OffsetDateTime::now_utc());
    let token = IdToken::from_request(request, &expected)?;
    drawers
        .open(&token)
        .await
        .map_err(|error| error.into_problem(request_id))
}

async fn answer(
    config: &Config,
    drawer: &Drawer<'_>,
    request: &ApiGatewayV2httpRequest,
    deadline: SystemTime,
) -> Result<Response, ImagesError> {
    let path = request.raw_path.as_deref().unwrap_or_default();
    let method = request.request_context.http.method.as_str();
    match Route::parse(method, path)? {
        Route::List => list(config, drawer, request).await,
        Route::Read(image) => read(config, drawer, request, image, deadline).await,
        Route::Patch(image) => patch(config, drawer, request, image).await,
        Route::Remove(image) => delete(drawer, request, image).await,
        Route::Retry(image) => retry(config, drawer, request, image).await,
    }
}
