//! Verification of the resources that the SAM transform and the bucket hold inside other resources.
//!
//! A route without its authorizer or a bucket without its notification would leave a stack that is
//! complete and does not work, or that accepts unauthenticated requests.

use anyhow::{Context as _, bail, ensure};
use aws_config::SdkConfig;
use serde_json::Value;

use super::{
    expectation::{Deployed, Expected, missing},
    outputs::Outputs,
    root,
    template::Resource,
};

/// Compares the deployed stack with the template, and fails with the names of what is missing.
pub async fn verify(
    config: &SdkConfig,
    fakecloud_url: &str,
    expected: Expected<'_>,
    deployed: &[Deployed],
    outputs: &Outputs,
) -> anyhow::Result<()> {
    let template = expected.resources;
    let missing = missing(expected, deployed);
    if !missing.is_empty() {
        bail!(
            "the stack lacks resources of the template: {}",
            missing.join(", ")
        );
    }
    bucket(config, &outputs.bucket_name).await?;
    mapping(fakecloud_url, template).await?;
    routes(fakecloud_url, &outputs.api_id, template).await
}

async fn bucket(config: &SdkConfig, name: &str) -> anyhow::Result<()> {
    let s3 = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(config)
            .force_path_style(true)
            .build(),
    );
    let notification = s3
        .get_bucket_notification_configuration()
        .bucket(name)
        .send()
        .await
        .context("can't read the bucket's notifications")?;
    ensure!(
        !notification.queue_configurations().is_empty(),
        "the bucket {name} notifies no queue"
    );
    let cors = s3.get_bucket_cors().bucket(name).send().await;
    let cors = cors.context("can't read the bucket's CORS rules")?;
    ensure!(
        !cors.cors_rules().is_empty(),
        "the bucket {name} has no CORS rules"
    );
    Ok(())
}

async fn mapping(fakecloud_url: &str, template: &[Resource]) -> anyhow::Result<()> {
    let path = "/2015-03-31/event-source-mappings";
    let answer = ask(fakecloud_url, "lambda", path).await?;
    // Those of a kept state are disabled: the local poller has taken them over.
    let deployed = list(&answer, "EventSourceMappings").count();
    let wanted = events_of(template, "SQS");
    ensure!(
        deployed >= wanted,
        "{deployed} of {wanted} event source mappings are there"
    );
    Ok(())
}

async fn routes(fakecloud_url: &str, api_id: &str, template: &[Resource]) -> anyhow::Result<()> {
    let path = format!("/v2/apis/{api_id}/routes");
    let answer = ask(fakecloud_url, "apigateway", &path).await?;
    let routes: Vec<&Value> = list(&answer, "items").collect();
    let wanted = events_of(template, "HttpApi");
    ensure!(
        routes.len() >= wanted,
        "the API has {} of {wanted} routes",
        routes.len()
    );
    for route in routes {
        ensure!(
            route["authorizationType"] == "CUSTOM" && route["authorizerId"].is_string(),
            "the route {} has no authorizer",
            route["routeKey"]
        );
    }
    Ok(())
}

fn events_of(template: &[Resource], kind: &str) -> usize {
    template
        .iter()
        .flat_map(|resource| &resource.events)
        .filter(|(_, event_kind)| event_kind == kind)
        .count()
}

fn list<'a>(answer: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    answer[key].as_array().into_iter().flatten()
}

/// Sends a signed request without an SDK: two requests do not justify two SDK crates and their
/// build time.
async fn ask(fakecloud_url: &str, service: &str, path: &str) -> anyhow::Result<Value> {
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()?
        .get(format!("{fakecloud_url}{path}"))
        .header("authorization", root::authorization(service))
        .send()
        .await?
        .error_for_status()?;
    Ok(answer.json().await?)
}
