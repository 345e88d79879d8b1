//! The translation of requests and responses.

use std::time::SystemTime;

use aws::user_store::{UserStore, UserStores};
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use common::{
    http_api::Response,
    id_token::IdToken,
    metrics::{Dimension, Metric, MetricLine, outcome_of},
    problem::Problem,
};
use time::OffsetDateTime;

use crate::{
    compression::compressed_for, config::Config, delete::delete, error::ImagesError, list::list,
    me::me, patch::patch, query::Query, read::read, retry::retry, route::Route,
};

/// Handles one request. Every failure is a problem document.
pub(crate) async fn handle(
    config: &Config,
    user_stores: &UserStores,
    request: &ApiGatewayV2httpRequest,
    request_id: &str,
    deadline: SystemTime,
) -> ApiGatewayV2httpResponse {
    let mut line = MetricLine::new(&config.user_store.stage, OffsetDateTime::now_utc())
        .request(request_id)
        .dimension(Dimension::Function, "images")
        .count(Metric::Requests, 1);
    let response = match open(config, user_stores, request, request_id).await {
        Ok(user_store) => {
            line = line.exchange(user_store.exchange());
            answer(config, &user_store, request, deadline)
                .await
                .unwrap_or_else(|error| error.into_response(request_id))
        }
        Err(problem) => {
            tracing::info!(
                problem = problem.kind.slug(),
                status = problem.kind.status(),
                "request refused"
            );
            Response::problem(&problem)
        }
    }
    .into_gateway(request_id);
    line.dimension(Dimension::Outcome, outcome_of(response.status_code))
        .emit();
    compressed_for(request, response)
}

async fn open<'a>(
    config: &Config,
    user_stores: &'a UserStores,
    request: &ApiGatewayV2httpRequest,
    request_id: &str,
) -> Result<UserStore<'a>, Problem> {
    let expected = config.user_store.expected_token(OffsetDateTime::now_utc());
    let token = IdToken::from_request(request, &expected)?;
    user_stores
        .open(&token)
        .await
        .map_err(|error| error.into_problem(request_id))
}

async fn answer(
    config: &Config,
    user_store: &UserStore<'_>,
    request: &ApiGatewayV2httpRequest,
    deadline: SystemTime,
) -> Result<Response, ImagesError> {
    let path = request.raw_path.as_deref().unwrap_or_default();
    let method = request.request_context.http.method.as_str();
    let route = Route::parse(method, path)?;
    let query = Query::parse(request, route.parameters())?;
    match route {
        Route::Me => me(config, user_store).await,
        Route::List => list(config, user_store, request, &query).await,
        Route::Read(image) => read(config, user_store, request, &query, image, deadline).await,
        Route::Patch(image) => patch(config, user_store, request, image).await,
        Route::Remove(image) => delete(user_store, image).await,
        Route::Retry(image) => retry(config, user_store, image).await,
    }
}
