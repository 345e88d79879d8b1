//! A proxy that records the calls of AWS services, so that tests can count them.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::header::AUTHORIZATION;
use tokio::net::TcpListener;

use super::faults::Faults;
use super::forward::Upstream;
use super::listening::Listening;

/// One call of an AWS service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The operation's name, such as `PutObject`; the HTTP method if the call does not name one.
    pub operation: String,
    /// The access key id that signed it; absent for an unsigned call.
    pub key_id: Option<String>,
}

/// The record of calls, in the order in which they arrive. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct CallLog(Arc<Mutex<Vec<Call>>>);

impl CallLog {
    /// Removes and returns the calls recorded so far.
    pub fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, call: Call) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(call);
    }
}

/// The recording proxy. It forwards everything unchanged, the `Host` header included, because
/// signatures cover it; except for the faults that it is told to inject.
pub(crate) struct CallRecorder {
    /// Held so that the server stops when it is dropped.
    _listening: Listening,
}

#[derive(Clone)]
struct RecorderPort {
    upstream: Upstream,
    call_log: CallLog,
    faults: Faults,
}

impl CallRecorder {
    /// Serves on a bound listener until the handle is dropped.
    pub(crate) fn start(
        listener: TcpListener,
        upstream_url: &str,
        call_log: &CallLog,
        faults: &Faults,
    ) -> anyhow::Result<Self> {
        let recorder_port = RecorderPort {
            upstream: Upstream::new(upstream_url)?,
            call_log: call_log.clone(),
            faults: faults.clone(),
        };
        Ok(Self {
            _listening: Listening::serve(
                listener,
                Router::new().fallback(pass).with_state(recorder_port),
            )?,
        })
    }
}

async fn pass(State(recorder_port): State<RecorderPort>, request: Request) -> Response {
    let operation = operation(&request);
    recorder_port.call_log.write(Call {
        operation: operation.clone(),
        key_id: key_id(&request),
    });
    recorder_port
        .faults
        .pass(&recorder_port.upstream, &operation, request)
        .await
}

/// Returns the operation's name: JSON protocols have it in a header, S3's SDK in the query.
fn operation(request: &Request) -> String {
    let target = request
        .headers()
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok())
        .and_then(|target| target.rsplit('.').next());
    let x_id = request.uri().query().and_then(|query| {
        let mut pairs = query.split('&');
        pairs.find_map(|pair| pair.strip_prefix("x-id="))
    });
    target
        .or(x_id)
        .unwrap_or(request.method().as_str())
        .to_owned()
}

/// Returns the key id from `Credential=<key id>/<date>/…`. A presigned request has it in its query,
/// percent-encoded.
fn key_id(request: &Request) -> Option<String> {
    let header = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let query = request.uri().query().unwrap_or_default();
    let (_, credential) = header
        .split_once("Credential=")
        .or_else(|| query.split_once("X-Amz-Credential="))?;
    let end = credential.find(['/', '%']).unwrap_or(credential.len());
    Some(credential[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn request(uri: &str, headers: &[(&str, &str)]) -> Request {
        let request = Request::put(uri);
        let with = |request: http::request::Builder, (name, value): &(&str, &str)| {
            request.header(*name, *value)
        };
        headers
            .iter()
            .fold(request, with)
            .body(Body::empty())
            .unwrap()
    }

    #[test]
    fn a_call_is_known_by_its_operation_and_its_key() {
        let signed =
            "AWS4-HMAC-SHA256 Credential=ASIA1/20260101/us-east-1/s3/aws4_request, Signature=0";
        for (request, operation_name, key) in [
            (
                request("/b/k?x-id=PutObject", &[("authorization", signed)]),
                "PutObject",
                Some("ASIA1"),
            ),
            (
                request(
                    "/",
                    &[
                        ("x-amz-target", "DynamoDB_20120810.UpdateItem"),
                        ("authorization", signed),
                    ],
                ),
                "UpdateItem",
                Some("ASIA1"),
            ),
            (
                request("/b/k?X-Amz-Credential=ASIA2%2F20260101&X-Amz-Date=1", &[]),
                "PUT",
                Some("ASIA2"),
            ),
            (
                request("/", &[("x-amz-target", "AWSCognitoIdentityService.GetId")]),
                "GetId",
                None,
            ),
        ] {
            assert_eq!(operation(&request), operation_name);
            assert_eq!(key_id(&request).as_deref(), key);
        }
    }

    #[tokio::test]
    async fn what_passes_is_written_down_and_answered_by_the_upstream() {
        let any = || TcpListener::bind("127.0.0.1:0");
        let echo = Router::new().fallback(|request: Request| async move {
            let host = request.headers()["host"].to_str().unwrap();
            host.to_owned()
        });
        let echo = Listening::serve(any().await.unwrap(), echo).unwrap();
        let call_log = CallLog::default();
        let listener = any().await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let _recorder =
            CallRecorder::start(listener, echo.url(), &call_log, &Faults::default()).unwrap();

        let answer = reqwest::get(format!("http://{address}/x?x-id=GetObject")).await;

        assert_eq!(answer.unwrap().text().await.unwrap(), address);
        let call = Call {
            operation: "GetObject".to_owned(),
            key_id: None,
        };
        assert_eq!(call_log.take(), [call]);
        assert_eq!(call_log.take(), []);
    }
}
