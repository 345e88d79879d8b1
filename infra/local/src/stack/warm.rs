//! Warm-up of every function, so that no request waits for a process to start.

use anyhow::{Context as _, bail};
use serde_json::json;

use crate::deploy::{expectation::Deployed, root};

/// Invokes every function with an event that has no effect and returns the number of functions.
///
/// The event is both a request without a token, which the functions of the API refuse, and a batch
/// without records. Any response counts, whatever its content.
pub async fn warm_up(fakecloud_url: &str, deployed: &[Deployed]) -> anyhow::Result<usize> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let mut invocations = tokio::task::JoinSet::new();
    for function in deployed
        .iter()
        .filter(|resource| resource.kind == "AWS::Lambda::Function")
    {
        let name = function.physical_id.clone();
        let request = http
            .post(format!(
                "{fakecloud_url}/2015-03-31/functions/{name}/invocations"
            ))
            .header("authorization", root::authorization("lambda"))
            .json(&event());
        invocations.spawn(async move { (name, request.send().await) });
    }
    let count = invocations.len();
    while let Some(joined) = invocations.join_next().await {
        let (name, sent) = joined?;
        let answer = sent.with_context(|| format!("can't invoke {name}"))?;
        let status = answer.status();
        // A function that starts and then fails is a 200 with this header.
        if !status.is_success() || answer.headers().contains_key("x-amz-function-error") {
            bail!("{name} does not start ({status}): {}", answer.text().await?);
        }
    }
    Ok(count)
}

fn event() -> serde_json::Value {
    json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeKey": "GET /",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "warm-up",
            "domainName": "localhost",
            "domainPrefix": "localhost",
            "http": {
                "method": "GET",
                "path": "/",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "warm-up"
            },
            "requestId": "warm-up",
            "routeKey": "GET /",
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1_767_225_600_000_u64
        },
        "isBase64Encoded": false,
        "Records": []
    })
}
