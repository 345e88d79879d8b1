//! The entry of the upload function.

use aws::user_store::UserStores;
use aws_lambda_events::{
    apigw::ApiGatewayV2httpResponse,
    http::{HeaderName, header::LOCATION},
};
use common::{
    http_api::Response,
    id_token::IdToken,
    metrics::MetricLine,
    origin::UploadContext,
    problem::{Problem, ProblemType},
    resource::ImageResource,
};
use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    config::Config,
    event::Event,
    metrics::Report,
    presign::{PresignedUpload, presign},
    presign_request::PresignRequestBody,
    quota::{HEADER, Warning},
    store::store,
    upload_body::UploadBody,
};

/// Handles a request. It never fails: every error becomes a problem document.
pub(crate) async fn handle(
    config: &Config,
    user_stores: &UserStores,
    event: Event,
    request_id: &str,
    origin: &UploadContext,
) -> ApiGatewayV2httpResponse {
    let mut report = Report::default();
    let response = upload(config, user_stores, event, request_id, origin, &mut report)
        .await
        .unwrap_or_else(|problem| {
            tracing::info!(
                problem = problem.kind.slug(),
                status = problem.kind.status(),
                "upload refused"
            );
            report.reason = Some(problem.kind.slug());
            Response::problem(&problem)
        })
        .into_gateway(request_id);
    let line =
        MetricLine::new(&config.user_store.stage, OffsetDateTime::now_utc()).request(request_id);
    report.write(line, response.status_code).emit();
    response
}

/// Routes a request. The cheap checks come before the exchange, so that an invalid request makes no
/// call to Cognito.
async fn upload(
    config: &Config,
    user_stores: &UserStores,
    event: Event,
    request_id: &str,
    origin: &UploadContext,
    report: &mut Report,
) -> Result<Response, Problem> {
    let expected = config.user_store.expected_token(OffsetDateTime::now_utc());
    let token = IdToken::from_request(&event.request, &expected)?;
    let open = async || {
        let user_store = user_stores.open(&token).await;
        user_store.map_err(|error| error.into_problem(request_id))
    };
    match event.request.raw_path.as_deref().unwrap_or_default() {
        "/upload" => {
            report.route = Some("upload");
            let payload = UploadBody::read(event, config.max_upload_bytes).await?;
            let user_store = open().await?;
            report.exchange = Some(user_store.exchange());
            let (record, warning) = store(&user_store, payload, config, origin)
                .await
                .map_err(|error| error.into_problem(request_id))?;
            report.stored(&record);
            let image = ImageResource::new(record, None, Vec::new());
            created(&image, &image.image_id, warning, request_id)
        }
        "/upload/presign" => {
            report.route = Some("presign");
            let presign_request = PresignRequestBody::read(event.body, config.max_image_bytes)?;
            config.check_format(presign_request.file.media_type)?;
            let user_store = open().await?;
            report.exchange = Some(user_store.exchange());
            let (put, record, warning) = presign(&user_store, presign_request, config)
                .await
                .map_err(|error| error.into_problem(request_id))?;
            report.stored(&record);
            let image = record.image.to_string();
            let body = PresignedUpload::new(put, record);
            created(&body, &image, warning, request_id)
        }
        path => Err(Problem::new(
            ProblemType::RouteNotFound,
            format!("there is no route {path}"),
        )),
    }
}

/// Creates the 201 with the location of the image, and a warning where the quota is nearly used up.
fn created(
    body: &impl Serialize,
    image: &str,
    warning: Warning,
    request_id: &str,
) -> Result<Response, Problem> {
    let response = Response::json(201, body).map_err(|error| {
        tracing::error!(%error, "response does not serialize");
        Problem::ours(ProblemType::Internal, request_id)
    })?;
    let response = response.with(LOCATION, &format!("/images/{image}"));
    Ok(match warning {
        Some(usage) => response.with(HeaderName::from_static(HEADER), &usage),
        None => response,
    })
}
