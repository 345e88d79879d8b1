//! The CloudFormation stack: created, or updated where it exists in a kept state.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use aws_config::SdkConfig;
use aws_sdk_cloudformation::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata},
    types::{Capability, Parameter, Stack, StackStatus},
};

use super::expectation::Deployed;

const COMPLETE_WITHIN: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(100);
const CAPABILITIES: [Capability; 3] = [
    Capability::CapabilityIam,
    Capability::CapabilityNamedIam,
    Capability::CapabilityAutoExpand,
];

/// Deploys a template under a name and waits for the end of the deployment.
pub async fn deploy(
    config: &SdkConfig,
    name: &str,
    template: &str,
    parameters: &BTreeMap<String, String>,
) -> anyhow::Result<Stack> {
    let client = Client::new(config);
    let parameters: Vec<Parameter> = parameters
        .iter()
        .map(|(key, value)| {
            Parameter::builder()
                .parameter_key(key)
                .parameter_value(value)
                .build()
        })
        .collect();
    let sent = if describe(&client, name).await.is_ok() {
        update(&client, name, template, parameters).await
    } else {
        create(&client, name, template, parameters).await
    };
    if let Err(error) = sent {
        let events = events(&client, name).await;
        return Err(error.context(format!("CloudFormation refused the template{events}")));
    }
    complete(&client, name).await
}

/// Returns the resources of a stack.
pub async fn resources(config: &SdkConfig, name: &str) -> anyhow::Result<Vec<Deployed>> {
    let found = Client::new(config)
        .describe_stack_resources()
        .stack_name(name)
        .send()
        .await?;
    Ok(found
        .stack_resources()
        .iter()
        .map(|resource| Deployed {
            logical_id: resource.logical_resource_id().unwrap_or_default().into(),
            kind: resource.resource_type().unwrap_or_default().into(),
            physical_id: resource.physical_resource_id().unwrap_or_default().into(),
        })
        .collect())
}

/// Returns the outputs of an existing stack, by name.
pub async fn outputs_of(
    config: &SdkConfig,
    name: &str,
) -> anyhow::Result<BTreeMap<String, String>> {
    Ok(outputs(&describe(&Client::new(config), name).await?))
}

/// Returns the parameters of an existing stack, by name.
pub async fn parameters_of(
    config: &SdkConfig,
    name: &str,
) -> anyhow::Result<BTreeMap<String, String>> {
    let stack = describe(&Client::new(config), name).await?;
    let parameters = stack.parameters().iter().filter_map(|parameter| {
        let value = parameter.parameter_value()?.to_owned();
        Some((parameter.parameter_key()?.to_owned(), value))
    });
    Ok(parameters.collect())
}

/// Returns a stack's outputs by name.
pub fn outputs(stack: &Stack) -> BTreeMap<String, String> {
    stack
        .outputs()
        .iter()
        .filter_map(|output| {
            Some((
                output.output_key()?.to_owned(),
                output.output_value()?.to_owned(),
            ))
        })
        .collect()
}

async fn create(
    client: &Client,
    name: &str,
    template: &str,
    parameters: Vec<Parameter>,
) -> anyhow::Result<()> {
    client
        .create_stack()
        .stack_name(name)
        .template_body(template)
        .set_capabilities(Some(CAPABILITIES.into()))
        .set_parameters(Some(parameters))
        .send()
        .await?;
    Ok(())
}

async fn update(
    client: &Client,
    name: &str,
    template: &str,
    parameters: Vec<Parameter>,
) -> anyhow::Result<()> {
    let sent = client
        .update_stack()
        .stack_name(name)
        .template_body(template)
        .set_capabilities(Some(CAPABILITIES.into()))
        .set_parameters(Some(parameters))
        .send()
        .await;
    match sent {
        // CloudFormation reports an update without changes as an error.
        Err(error)
            if error
                .message()
                .is_some_and(|message| message.contains("No updates")) =>
        {
            Ok(())
        }
        other => Ok(other.map(drop)?),
    }
}

async fn complete(client: &Client, name: &str) -> anyhow::Result<Stack> {
    let started = Instant::now();
    loop {
        let stack = describe(client, name).await?;
        match stack.stack_status() {
            Some(StackStatus::CreateComplete | StackStatus::UpdateComplete) => return Ok(stack),
            Some(status) if status.as_str().ends_with("_IN_PROGRESS") => {}
            status => bail!(
                "the deployment ended as {status:?}: {}{}",
                stack.stack_status_reason().unwrap_or_default(),
                events(client, name).await
            ),
        }
        if started.elapsed() > COMPLETE_WITHIN {
            bail!(
                "the deployment did not complete in time{}",
                events(client, name).await
            );
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn describe(client: &Client, name: &str) -> anyhow::Result<Stack> {
    let found = client.describe_stacks().stack_name(name).send().await?;
    found
        .stacks
        .and_then(|stacks| stacks.into_iter().next())
        .with_context(|| format!("there is no stack {name}"))
}

/// Formats the stack's last events, newest first, as lines to append to a message.
async fn events(client: &Client, name: &str) -> String {
    let found = client.describe_stack_events().stack_name(name).send().await;
    match found {
        Ok(found) => found
            .stack_events()
            .iter()
            .take(10)
            .fold(String::new(), |text, event| {
                let status = event.resource_status().map_or("", |status| status.as_str());
                format!(
                    "{text}\n  {} {status} {}",
                    event.logical_resource_id().unwrap_or_default(),
                    event.resource_status_reason().unwrap_or_default()
                )
            }),
        Err(error) => format!("\n  (no events: {})", DisplayErrorContext(error)),
    }
}
