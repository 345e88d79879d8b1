//! A user pool that exists before the stack.

use std::collections::BTreeMap;

use anyhow::Context as _;
use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::Client;
use integration_tests::{
    given_pool::{Parameters, make_pool, options},
    images,
    stack::SharedStack,
    user::TestUser,
};
use local::stack::{Stack, StackOptions};
use reqwest::Method;

static STACK: SharedStack = SharedStack::new(options);

/// Signs a user in through the client of this name, and returns the id token.
async fn id_token(stack: &Stack, email: &str, client: &str) -> anyhow::Result<String> {
    let cognito = Client::new(stack.sdk_config());
    let pool = &stack.outputs().user_pool_id;
    let clients = cognito.list_user_pool_clients().user_pool_id(pool);
    let clients = clients.max_results(10).send().await?;
    let found = clients
        .user_pool_clients()
        .iter()
        .find(|one| one.client_name() == Some(client));
    let client_id = found.and_then(|one| one.client_id()).context("a client")?;
    let tokens = cognito
        .admin_initiate_auth()
        .user_pool_id(pool)
        .client_id(client_id)
        .auth_flow("ADMIN_USER_PASSWORD_AUTH".into())
        .auth_parameters("USERNAME", email)
        .auth_parameters("PASSWORD", local::users::PASSWORD)
        .send()
        .await?;
    let result = tokens.authentication_result.context("tokens")?;
    result.id_token.context("an id token")
}

#[test]
fn a_user_of_a_given_pool_signs_in_uploads_and_lists() {
    STACK.run(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&image).await?;
        assert_eq!(alice.items().await?.len(), 1);

        let pools = Client::new(stack.sdk_config()).list_user_pools();
        let pools = pools.max_results(10).send().await?;
        assert_eq!(pools.user_pools().len(), 1, "the stack has made another");
        Ok(())
    });
}

#[test]
fn tokens_of_the_given_clients_pass_and_no_others() {
    STACK.run(|stack| async move {
        let alice = TestUser::new(stack).await?;
        for (client, status) in [("web", 200), ("phone", 200), ("unrelated", 401)] {
            let token = id_token(stack, &alice.user.email, client).await?;
            let listing = alice.request_with(Method::GET, "/images", &token);
            assert_eq!(listing.send().await?.status(), status, "{client}");
            // Without the API, too.
            let exchanged = alice.exchange(&token).await;
            assert_eq!(exchanged.is_ok(), status == 200, "{client}");
        }
        let access = alice.request_with(Method::GET, "/images", &alice.tokens.access);
        assert_eq!(access.send().await?.status(), 401);
        Ok(())
    });
}

#[test]
fn clients_of_another_pool_are_refused_before_anything_is_deployed() {
    async fn with_a_wrong_client(config: SdkConfig) -> anyhow::Result<BTreeMap<String, String>> {
        let mut parameters = make_pool(config).await?;
        let wrong = "0123456789abcdef".to_owned();
        parameters.insert("UserPoolClientIds".to_owned(), wrong);
        Ok(parameters)
    }
    let options = StackOptions {
        prepare: Some(|config| -> Parameters { Box::pin(with_a_wrong_client(config)) }),
        ..StackOptions::default()
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let Err(error) = runtime.block_on(Stack::start(options)) else {
        panic!("the stack starts");
    };
    assert!(
        error.to_string().starts_with("UserPoolClientIds: "),
        "{error:#}"
    );
}
