//! A user pool that exists before the stack.

use std::{collections::BTreeMap, pin::Pin};

use anyhow::Context as _;
use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::{
    Client,
    types::{ExplicitAuthFlowsType, UsernameAttributeType},
};
use local::stack::StackOptions;

/// Parameters that a preparation returns.
pub type Parameters =
    Pin<Box<dyn Future<Output = anyhow::Result<BTreeMap<String, String>>> + Send>>;

/// Makes a user pool with two clients that the stack accepts, and one that it does not.
pub async fn make_pool(config: SdkConfig) -> anyhow::Result<BTreeMap<String, String>> {
    let cognito = Client::new(&config);
    let pool = cognito.create_user_pool().pool_name("the-team-s");
    let pool = pool.username_attributes(UsernameAttributeType::Email);
    let pool = pool.send().await?.user_pool.context("a pool")?;
    let user_pool_id = pool.id.context("its id")?;
    let mut clients = Vec::new();
    for name in ["web", "phone", "unrelated"] {
        let client = cognito
            .create_user_pool_client()
            .user_pool_id(&user_pool_id)
            .client_name(name)
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowAdminUserPasswordAuth)
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth)
            .send()
            .await?;
        let client = client.user_pool_client.context("a client")?;
        clients.push(client.client_id.context("its id")?);
    }
    let accepted = clients[..2].join(",");
    Ok([
        ("UserPoolId".to_owned(), user_pool_id),
        ("UserPoolClientIds".to_owned(), accepted),
    ]
    .into())
}

/// Returns the options of a stack with such a pool.
pub fn options() -> StackOptions {
    StackOptions {
        prepare: Some(|config| -> Parameters { Box::pin(make_pool(config)) }),
        ..StackOptions::default()
    }
}
