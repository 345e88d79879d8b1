//! The invocation endpoint, which the emulator calls to run the function.
//!
//! The emulator looks only at the bytes of the response, and its reading of them depends on the
//! kind of invocation (found in its version 0.51.0):
//!
//! | invoked by | a function error as a 200 | a broken connection |
//! |---|---|---|
//! | HTTP API | 502 | 502 |
//! | `Invoke` | `X-Amz-Function-Error` | `ServiceException` |
//! | authorizer | 403 | 403 |
//! | SQS trigger | **success**: every message is deleted | failure: every message is retried |
//!
//! Therefore the endpoint breaks the connection when an SQS batch fails. The emulator then discards
//! this container and starts another, as Lambda often does after a crash.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::proxy::aborted_response::broken;

use super::runtime_api::Invocation;
use super::sandbox::Job;

/// Largest event that Lambda takes from a synchronous invocation, in bytes ("Lambda quotas": 6 MB).
pub(crate) const MAX_EVENT_BYTES: usize = 6_291_556;

/// Serves invocations by queueing them. Overlapping invocations wait in the queue.
pub(super) fn router(queue: mpsc::Sender<Job>) -> Router {
    Router::new()
        .route("/2015-03-31/functions/function/invocations", post(invoke))
        // The limit is checked by the handler.
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(queue))
}

async fn invoke(State(queue): State<Arc<mpsc::Sender<Job>>>, payload: Bytes) -> Response {
    // Lambda refuses the request, and the function does not run.
    if payload.len() > MAX_EVENT_BYTES {
        tracing::warn!(bytes = payload.len(), "event over Lambda's limit refused");
        return broken();
    }
    let (reply, outcome) = oneshot::channel();
    let request_id = Uuid::new_v4().to_string();
    let invocation = Invocation {
        request_id,
        payload: payload.clone(),
    };
    if queue.send(Job { invocation, reply }).await.is_err() {
        return broken();
    }
    match outcome.await {
        Ok(Ok(response)) => ([(CONTENT_TYPE, "application/json")], response).into_response(),
        Ok(Err(error)) if !is_sqs_batch(&payload) => (
            StatusCode::OK,
            [
                ("content-type", "application/json"),
                ("x-amz-function-error", "Unhandled"),
            ],
            error.into_json(),
        )
            .into_response(),
        // A batch failed, or the supervisor is about to end.
        Ok(Err(_)) | Err(_) => broken(),
    }
}

fn is_sqs_batch(payload: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Batch {
        #[serde(rename = "Records")]
        records: Vec<Record>,
    }
    #[derive(Deserialize)]
    struct Record {
        #[serde(rename = "eventSource")]
        event_source: String,
    }
    serde_json::from_slice::<Batch>(payload).is_ok_and(|batch| {
        batch
            .records
            .iter()
            .any(|record| record.event_source == "aws:sqs")
    })
}
