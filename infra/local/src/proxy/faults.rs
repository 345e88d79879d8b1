//! Injected faults of services, which AWS has every day and the emulator never.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use tokio::sync::oneshot;

use super::forward::Upstream;
use crate::proxy::aborted_response::broken;

/// The share of the functions' calls that go wrong, and the kinds of faults. Clones share their
/// state.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<State>);

#[derive(Debug, Default)]
struct State {
    per_mille: AtomicU32,
    /// The least latency of a call, and what a random one has more, in milliseconds.
    latency: [AtomicU32; 2],
    random: AtomicU64,
    calls: AtomicU64,
    injected: AtomicU64,
    holds: Mutex<Vec<Hold>>,
}

/// A call that is to wait.
#[derive(Debug)]
struct Hold {
    operation: &'static str,
    reached: oneshot::Sender<()>,
    released: oneshot::Receiver<()>,
}

/// A call that waits, or will. It goes on when this is dropped.
#[derive(Debug)]
pub struct Held {
    reached: oneshot::Receiver<()>,
    _release: oneshot::Sender<()>,
}

impl Held {
    /// Waits until the call has arrived.
    pub async fn reached(&mut self) -> anyhow::Result<()> {
        (&mut self.reached)
            .await
            .context("the call can't arrive any more")
    }
}

/// Kind of an injected fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The service fails and does nothing.
    Internal,
    /// The service throttles the call and does nothing.
    Throttled,
    /// The connection breaks before the call is carried out.
    Reset,
    /// The call is carried out, and the connection breaks before the response.
    AnswerLost,
    /// The call is carried out late.
    Late,
}

const FAULTS: [Fault; 5] = [
    Fault::Internal,
    Fault::Throttled,
    Fault::Reset,
    Fault::AnswerLost,
    Fault::Late,
];

/// Delay that is long enough to reorder calls, and shorter than every timeout.
const LATE: Duration = Duration::from_millis(400);

impl Faults {
    /// Starts without faults. The seed selects the calls that go wrong, counted in order of
    /// arrival.
    pub fn new(seed: u64) -> Self {
        let faults = Self::default();
        faults.0.random.store(seed, Ordering::Relaxed);
        faults
    }

    /// Sets how many of 1,000 calls go wrong from now on.
    pub fn set_per_mille(&self, per_mille: u32) {
        self.0.per_mille.store(per_mille, Ordering::Relaxed);
    }

    /// Makes every call take longer from now on, by a random time of this range in milliseconds.
    pub fn set_latency_ms(&self, latency: std::ops::Range<u32>) {
        let [least, more] = &self.0.latency;
        least.store(latency.start, Ordering::Relaxed);
        more.store(latency.end - latency.start, Ordering::Relaxed);
    }

    fn latency(&self) -> Duration {
        let [least, more] = &self.0.latency;
        let [least, more] = [least, more].map(|one| u64::from(one.load(Ordering::Relaxed)));
        if least + more == 0 {
            return Duration::ZERO;
        }
        let random = mixed(self.0.random.fetch_add(STEP, Ordering::Relaxed));
        Duration::from_millis(least + random % (more + 1))
    }

    /// Makes the next call of an operation wait. Its caller does not wait for ever: mind the SDK's
    /// timeouts.
    pub fn hold(&self, operation: &'static str) -> Held {
        let (has_reached, reached) = oneshot::channel();
        let (release, released) = oneshot::channel();
        self.holds().push(Hold {
            operation,
            reached: has_reached,
            released,
        });
        Held {
            reached,
            _release: release,
        }
    }

    fn holds(&self) -> MutexGuard<'_, Vec<Hold>> {
        self.0.holds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait_if_held(&self, operation: &str) {
        let hold = {
            let mut holds = self.holds();
            let which = holds.iter().position(|hold| hold.operation == operation);
            which.map(|which| holds.remove(which))
        };
        // The holder may have been dropped before the call arrived.
        if let Some(hold) = hold
            && hold.reached.send(()).is_ok()
        {
            let _dropped = hold.released.await;
        }
    }

    /// Returns how many calls went wrong so far.
    pub fn injected(&self) -> u64 {
        self.0.injected.load(Ordering::Relaxed)
    }

    /// Returns how many calls were made while faults were on.
    pub fn calls(&self) -> u64 {
        self.0.calls.load(Ordering::Relaxed)
    }

    fn next(&self) -> Option<Fault> {
        let per_mille = self.0.per_mille.load(Ordering::Relaxed);
        if per_mille == 0 {
            return None;
        }
        self.0.calls.fetch_add(1, Ordering::Relaxed);
        let random = mixed(self.0.random.fetch_add(STEP, Ordering::Relaxed));
        (random % 1_000 < per_mille.into()).then(|| {
            self.0.injected.fetch_add(1, Ordering::Relaxed);
            let which = (random >> 32) % FAULTS.len() as u64;
            FAULTS[usize::try_from(which).unwrap_or_default()]
        })
    }

    /// Forwards a call, or makes it go wrong.
    pub(crate) async fn pass(
        &self,
        upstream: &Upstream,
        operation: &str,
        request: Request,
    ) -> Response {
        self.wait_if_held(operation).await;
        tokio::time::sleep(self.latency()).await;
        match self.next() {
            None => upstream.forward(request).await,
            Some(Fault::Internal) => Service::of(&request).internal_error(),
            Some(Fault::Throttled) => Service::of(&request).throttled(),
            Some(Fault::Reset) => broken(),
            Some(Fault::AnswerLost) => {
                let answer = upstream.forward(request).await;
                // Read to its end, or the service might notice the disconnect.
                let _ = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
                broken()
            }
            Some(Fault::Late) => {
                tokio::time::sleep(LATE).await;
                upstream.forward(request).await
            }
        }
    }
}

/// The odd constant of `SplitMix64`, and its finalizer: good enough to select calls, without a
/// lock.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

fn mixed(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The protocol whose error format is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    S3,
    DynamoDb,
    Sqs,
    Cognito,
}

impl Service {
    fn of(request: &Request) -> Self {
        let target = request
            .headers()
            .get("x-amz-target")
            .and_then(|target| target.to_str().ok());
        match target {
            Some(target) if target.starts_with("DynamoDB_") => Self::DynamoDb,
            Some(target) if target.starts_with("AmazonSQS.") => Self::Sqs,
            Some(_) => Self::Cognito,
            None => Self::S3,
        }
    }

    fn internal_error(self) -> Response {
        let code = match self {
            Self::S3 => "InternalError",
            Self::DynamoDb => "InternalServerError",
            Self::Sqs => "InternalFailure",
            Self::Cognito => "InternalErrorException",
        };
        self.error(StatusCode::INTERNAL_SERVER_ERROR, code)
    }

    fn throttled(self) -> Response {
        match self {
            Self::S3 => self.error(StatusCode::SERVICE_UNAVAILABLE, "SlowDown"),
            Self::DynamoDb => self.error(
                StatusCode::BAD_REQUEST,
                "ProvisionedThroughputExceededException",
            ),
            Self::Sqs => self.error(StatusCode::BAD_REQUEST, "RequestThrottled"),
            Self::Cognito => self.error(StatusCode::BAD_REQUEST, "TooManyRequestsException"),
        }
    }

    fn error(self, status: StatusCode, code: &str) -> Response {
        match self {
            Self::S3 => {
                let body =
                    format!("<Error><Code>{code}</Code><Message>on purpose</Message></Error>");
                (status, [(CONTENT_TYPE, "application/xml")], body).into_response()
            }
            Self::DynamoDb | Self::Sqs | Self::Cognito => {
                let body = format!(r#"{{"__type":"{code}","message":"on purpose"}}"#);
                (status, [(CONTENT_TYPE, "application/x-amz-json-1.0")], body).into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(seed: u64, per_mille: u32) -> Vec<Option<Fault>> {
        let faults = Faults::new(seed);
        faults.set_per_mille(per_mille);
        (0..10_000).map(|_| faults.next()).collect()
    }

    #[test]
    fn the_seed_decides_and_the_share_is_kept() {
        assert_eq!(drawn(7, 100), drawn(7, 100));
        assert_ne!(drawn(7, 100), drawn(8, 100));
        let some = drawn(7, 100).into_iter().flatten().count();
        assert!((800..1_200).contains(&some), "{some}");
        assert_eq!(drawn(7, 0).into_iter().flatten().count(), 0);
    }

    #[test]
    fn every_kind_comes_up() {
        let drawn = drawn(1, 1_000);
        for fault in FAULTS {
            let share = drawn.iter().filter(|one| **one == Some(fault)).count();
            assert!((1_500..2_500).contains(&share), "{fault:?}: {share}");
        }
    }

    #[test]
    fn every_call_takes_as_long_as_it_is_told_to() {
        let faults = Faults::new(1);
        assert_eq!(faults.latency(), Duration::ZERO);
        faults.set_latency_ms(20..40);
        let latencies: Vec<_> = (0..1_000).map(|_| faults.latency().as_millis()).collect();
        assert!(latencies.iter().all(|ms| (20..=40).contains(ms)));
        assert!(latencies.iter().any(|ms| *ms < 25) && latencies.iter().any(|ms| *ms > 35));
    }

    #[test]
    fn errors_are_in_the_words_of_the_service() {
        let request = |target: Option<&str>| {
            let request = Request::post("/");
            let request = match target {
                Some(target) => request.header("x-amz-target", target),
                None => request,
            };
            Service::of(&request.body(axum::body::Body::empty()).unwrap())
        };
        assert_eq!(request(None), Service::S3);
        assert_eq!(request(Some("DynamoDB_20120810.Query")), Service::DynamoDb);
        assert_eq!(request(Some("AmazonSQS.SendMessageBatch")), Service::Sqs);
        assert_eq!(
            request(Some("AWSCognitoIdentityService.GetId")),
            Service::Cognito
        );
    }
}
