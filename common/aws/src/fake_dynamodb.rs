//! A `DynamoDB` on loopback for tests, which gives prepared answers. The emulator never refuses a
//! write because of another.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::{Client, config::Credentials};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{clients::shared_http_client, conflicts};

/// The prepared answers that are left, and the requests that have come.
#[derive(Default)]
struct Script {
    answers: VecDeque<(u16, String)>,
    requests: Vec<(String, Value)>,
}

pub(crate) struct FakeDynamoDb {
    url: String,
    script: Arc<Mutex<Script>>,
}

impl FakeDynamoDb {
    /// Starts a service with these answers, each a status and a body. Further requests fail.
    pub(crate) async fn answering<const N: usize>(answers: [(u16, &str); N]) -> Self {
        let answers = answers.map(|(status, body)| (status, body.to_owned()));
        let script = Arc::new(Mutex::new(Script {
            answers: answers.into(),
            requests: Vec::new(),
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, script }
    }

    pub(crate) fn client(&self) -> Client {
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-1"))
            .endpoint_url(&self.url)
            .http_client(shared_http_client())
            .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(
                aws_smithy_async::rt::sleep::TokioSleep::new(),
            ))
            .credentials_provider(aws_sdk_dynamodb::config::SharedCredentialsProvider::new(
                Credentials::new("key", "secret", None, None, "test"),
            ))
            .build();
        conflicts::client(&sdk)
    }

    /// Returns the operations that were asked for.
    pub(crate) fn operations(&self) -> Vec<String> {
        let script = self.script.lock().unwrap();
        script
            .requests
            .iter()
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Returns the bodies of the requests.
    pub(crate) fn bodies(&self) -> Vec<Value> {
        let script = self.script.lock().unwrap();
        script
            .requests
            .iter()
            .map(|(_, body)| body.clone())
            .collect()
    }
}

async fn answer(
    State(script): State<Arc<Mutex<Script>>>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    let target = headers["x-amz-target"].to_str().unwrap();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let mut script = script.lock().unwrap();
    let body = serde_json::from_str(&body).unwrap();
    script.requests.push((operation, body));
    let (status, body) = script.answers.pop_front().unwrap_or((404, "{}".to_owned()));
    (StatusCode::from_u16(status).unwrap(), body)
}
