//! The Lambda Runtime API, through which a function polls for events and answers them.
//!
//! Described in "Using the Lambda runtime API", Lambda developer guide, version 2018-06-01. Every
//! `bootstrap` gets a server of its own, so that a poll left over from a killed one can't take the
//! event that is meant for its successor.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::failure::{FunctionError, MAX_RESPONSE_BYTES};

/// One event for the function.
#[derive(Clone, Debug)]
pub(super) struct Invocation {
    pub(super) request_id: String,
    pub(super) payload: Bytes,
}

/// An event that a function's calls cause.
#[derive(Debug)]
pub(super) enum Event {
    /// It received the event; its timeout starts.
    Took,
    /// It answered the received event.
    Answered(Result<Bytes, FunctionError>),
    /// Its initialisation failed.
    InitFailed(FunctionError),
}

/// The server for one `bootstrap`; it stops when dropped.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    pub(super) address: SocketAddr,
    offers: mpsc::UnboundedSender<Invocation>,
    events: mpsc::UnboundedReceiver<Event>,
    server: JoinHandle<()>,
}

struct Exchange {
    function_arn: String,
    timeout: Duration,
    offers: tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>,
    events: mpsc::UnboundedSender<Event>,
    /// Request id of the event that was received and not answered.
    taken: Mutex<Option<String>>,
}

impl RuntimeApi {
    /// Serves the API on a free port of the loopback interface.
    pub(super) async fn serve(function_arn: &str, timeout: Duration) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (offers, to_take) = mpsc::unbounded_channel();
        let (said, events) = mpsc::unbounded_channel();
        let exchange = Arc::new(Exchange {
            function_arn: function_arn.to_owned(),
            timeout,
            offers: tokio::sync::Mutex::new(to_take),
            events: said,
            taken: Mutex::new(None),
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route(
                "/2018-06-01/runtime/invocation/{id}/response",
                post(response),
            )
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(exchange);
        let server = tokio::spawn(async move {
            // The server ends with the process, or when this task is aborted.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            offers,
            events,
            server,
        })
    }

    /// Offers an event to the next poll. One at a time: the caller waits for the answer.
    pub(super) fn offer(&self, invocation: Invocation) {
        // The receiver lives in the server, which lives as long as `self`.
        let _ = self.offers.send(invocation);
    }

    /// Waits for the function's next call. Cancel safe.
    pub(super) async fn event(&mut self) -> Event {
        match self.events.recv().await {
            Some(event) => event,
            None => std::future::pending().await,
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Exchange {
    /// Completes the event of that id. Returns false if it is not the one in flight.
    fn settle(&self, request_id: &str, answer: Result<Bytes, FunctionError>) -> bool {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let settled = taken.as_deref() == Some(request_id);
        if settled {
            *taken = None;
            let _ = self.events.send(Event::Answered(answer));
        }
        settled
    }
}

async fn next(State(exchange): State<Arc<Exchange>>) -> Response {
    let Some(invocation) = exchange.offers.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    // No `await` from here on: an event that left the queue must be recorded, even if the function
    // disconnects at this moment.
    let request_id = invocation.request_id;
    *exchange
        .taken
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = Some(request_id.clone());
    let _ = exchange.events.send(Event::Took);
    let deadline = since_epoch() + exchange.timeout;
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", request_id),
        (
            "lambda-runtime-deadline-ms",
            deadline.as_millis().to_string(),
        ),
        (
            "lambda-runtime-invoked-function-arn",
            exchange.function_arn.clone(),
        ),
        ("lambda-runtime-trace-id", trace_id()),
    ];
    (headers, invocation.payload).into_response()
}

async fn response(
    State(exchange): State<Arc<Exchange>>,
    Path(request_id): Path<String>,
    body: Body,
) -> Response {
    match axum::body::to_bytes(body, MAX_RESPONSE_BYTES).await {
        Ok(bytes) => verdict(
            exchange.settle(&request_id, Ok(bytes)),
            StatusCode::ACCEPTED,
        ),
        // Lambda's response to a body that is too large. A body that broke off means that the
        // function died, which the wait for its process reports.
        Err(_) => verdict(
            exchange.settle(&request_id, Err(FunctionError::response_too_large())),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
    }
}

async fn error(
    State(exchange): State<Arc<Exchange>>,
    Path(request_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let error = FunctionError::reported(&body, error_type(&headers));
    verdict(
        exchange.settle(&request_id, Err(error)),
        StatusCode::ACCEPTED,
    )
}

async fn init_error(
    State(exchange): State<Arc<Exchange>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let error = FunctionError::reported(&body, error_type(&headers));
    let _ = exchange.events.send(Event::InitFailed(error));
    verdict(true, StatusCode::ACCEPTED)
}

fn error_type(headers: &HeaderMap) -> Option<&str> {
    headers
        .get("lambda-runtime-function-error-type")?
        .to_str()
        .ok()
}

fn verdict(known: bool, status: StatusCode) -> Response {
    if known {
        return (status, axum::Json(json!({ "status": "OK" }))).into_response();
    }
    let body = json!({
        "errorType": "InvalidRequestID",
        "errorMessage": "this event is not in flight: it was not received, or is answered already",
    });
    (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
}

/// Returns a trace id shaped like X-Ray's, marked as not sampled: the local stack collects no
/// traces.
fn trace_id() -> String {
    let random = Uuid::new_v4().simple().to_string();
    let seconds = since_epoch().as_secs();
    format!(
        "Root=1-{seconds:08x}-{};Parent={};Sampled=0",
        &random[..24],
        &random[16..]
    )
}

fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
