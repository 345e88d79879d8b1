//! Request in, response out.

use aws_lambda_events::{
    apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse},
    http::header::LOCATION,
};
use common::{
    drawer::Drawers,
    http_api::Response,
    id_token::IdToken,
    problem::{Problem, ProblemType},
    resource::ImageResource,
};
use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    accept::accept,
    announcement::Announcement,
    config::Config,
    payload::Payload,
    presign::{PresignedUpload, presign},
};

/// Never fails: what goes wrong is a problem document.
pub(crate) async fn handle(
    config: &Config,
    drawers: &Drawers,
    request: &ApiGatewayV2httpRequest,
    request_id: &str,
) -> ApiGatewayV2httpResponse {
    upload(config, drawers, request, request_id)
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
    request: &ApiGatewayV2httpRequest,
    request_id: &str,
) -> Result<Response, Problem> {
    let expected = config.places.expected_token(OffsetDateTime::now_utc());
    let token = IdToken::from_request(request, &expected)?;
    let open = async || {
        let drawer = drawers.open(&token).await;
        drawer.map_err(|error| error.into_problem(request_id))
    };
    match request.raw_path.as_deref().unwrap_or_default() {
        "/upload" => {
            let payload = Payload::read(request, config.max_upload_bytes).await?;
            let record = accept(&open().await?, payload, config.pending_expiry)
                .await
                .map_err(|error| error.into_problem(request_id))?;
            let image = ImageResource::new(record, None, Vec::new());
            created(&image, &image.image_id, request_id)
        }
        "/upload/presign" => {
            let announcement = Announcement::read(request, config.max_image_bytes)?;
            let (put, record) = presign(&open().await?, announcement, config.pending_expiry)
                .await
                .map_err(|error| error.into_problem(request_id))?;
            let image = record.image.to_string();
            created(&PresignedUpload::new(put, record), &image, request_id)
        }
        path => Err(Problem::new(
            ProblemType::RouteNotFound,
            format!("there is no route {path}"),
        )),
    }
}

/// 201, and where the image can be read.
fn created(body: &impl Serialize, image: &str, request_id: &str) -> Result<Response, Problem> {
    let response = Response::json(201, body).map_err(|error| {
        tracing::error!(%error, "the response does not serialize");
        Problem::ours(ProblemType::Internal, request_id)
    })?;
    Ok(response.with(LOCATION, &format!("/images/{image}")))
}
