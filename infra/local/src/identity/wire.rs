//! The wire protocol: AWS JSON 1.1.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use super::IdentityPool;
use super::exchange::{Exchange, Logins};
use super::service_error::ServiceError;

const SERVICE: &str = "AWSCognitoIdentityService.";
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

#[derive(Clone)]
struct Service {
    exchange: Arc<Exchange>,
    pool: watch::Receiver<Option<Arc<IdentityPool>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetId {
    identity_pool_id: Option<String>,
    logins: Option<Logins>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetCredentialsForIdentity {
    identity_id: Option<String>,
    logins: Option<Logins>,
    custom_role_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UnlinkIdentity {
    identity_id: Option<String>,
    logins: Option<Logins>,
    logins_to_remove: Option<Vec<String>>,
}

/// Builds the router: one path and one method; the operation is in a header.
pub(crate) fn router(
    exchange: Arc<Exchange>,
    pool: watch::Receiver<Option<Arc<IdentityPool>>>,
) -> Router {
    Router::new()
        .fallback(answer)
        .with_state(Service { exchange, pool })
}

async fn answer(
    State(service): State<Service>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let operation = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok())
        .and_then(|target| target.strip_prefix(SERVICE))
        .filter(|_| method == Method::POST)
        .unwrap_or_default();
    match service.perform(operation, &body).await {
        Ok(result) => {
            tracing::info!(operation, "answered");
            respond(StatusCode::OK, None, &result)
        }
        Err(service_error) => {
            let code = service_error.code();
            match &service_error {
                ServiceError::Internal(error) => tracing::error!(operation, ?error, "failed"),
                service_error => tracing::info!(operation, code, %service_error, "refused"),
            }
            let problem = json!({ "__type": code, "message": service_error.to_string() });
            respond(service_error.status(), Some(code), &problem)
        }
    }
}

impl Service {
    async fn perform(&self, operation: &str, body: &[u8]) -> Result<Value, ServiceError> {
        let pool = self
            .pool
            .borrow()
            .clone()
            .ok_or(ServiceError::NotConfigured)?;
        match operation {
            "GetId" => {
                let request: GetId = parse(body)?;
                let pool_id = required(request.identity_pool_id, "IdentityPoolId")?;
                let logins = request.logins.unwrap_or_default();
                let identity_id = self.exchange.identity(&pool, &pool_id, &logins).await?;
                Ok(json!({ "IdentityId": identity_id }))
            }
            "GetCredentialsForIdentity" => {
                let request: GetCredentialsForIdentity = parse(body)?;
                let identity_id = required(request.identity_id, "IdentityId")?;
                if request.custom_role_arn.is_some() {
                    return Err(ServiceError::CustomRole);
                }
                let logins = request.logins.unwrap_or_default();
                let session = self
                    .exchange
                    .credentials(&pool, &identity_id, &logins)
                    .await?;
                Ok(json!({
                    "IdentityId": identity_id,
                    "Credentials": {
                        "AccessKeyId": session.access_key_id,
                        "SecretKey": session.secret_access_key,
                        "SessionToken": session.session_token,
                        "Expiration": session.expiration.secs(),
                    },
                }))
            }
            "UnlinkIdentity" => {
                let request: UnlinkIdentity = parse(body)?;
                let identity_id = required(request.identity_id, "IdentityId")?;
                let logins = request.logins.unwrap_or_default();
                let removed = request.logins_to_remove.unwrap_or_default();
                if removed.is_empty() {
                    return Err(ServiceError::MissingParameter("LoginsToRemove"));
                }
                if !removed.iter().all(|login| logins.contains_key(login)) {
                    return Err(ServiceError::LoginsDontMatch);
                }
                self.exchange.unlink(&pool, &identity_id, &logins).await?;
                Ok(json!({}))
            }
            unknown => Err(ServiceError::UnknownOperation(unknown.to_owned())),
        }
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ServiceError> {
    serde_json::from_slice(body).map_err(|_| ServiceError::Malformed)
}

fn required(value: Option<String>, name: &'static str) -> Result<String, ServiceError> {
    value
        .filter(|value| !value.is_empty())
        .ok_or(ServiceError::MissingParameter(name))
}

fn respond(status: StatusCode, error_type: Option<&'static str>, body: &Value) -> Response {
    let mut response = (
        status,
        [
            (CONTENT_TYPE, "application/x-amz-json-1.1".to_owned()),
            (REQUEST_ID, Uuid::new_v4().to_string()),
        ],
        body.to_string(),
    )
        .into_response();
    if let Some(error_type) = error_type {
        response
            .headers_mut()
            .insert(ERROR_TYPE, http::HeaderValue::from_static(error_type));
    }
    response
}

#[cfg(test)]
mod tests;
