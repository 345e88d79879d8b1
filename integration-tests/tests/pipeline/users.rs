//! The user pool, as the template configures it.

use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::{
    Client,
    error::ProvideErrorMetadata as _,
    types::{AttributeType, AuthFlowType},
};
use local::{deploy::root, stack::Stack, users::PASSWORD};
use uuid::Uuid;

use crate::with_stack;
use integration_tests::user::TestUser;

fn user_pool(stack: &Stack) -> Client {
    let config: SdkConfig = root::sdk_config(stack.user_pool_url());
    Client::new(&config)
}

#[test]
fn nobody_signs_up_unless_the_stack_says_so() {
    with_stack(|stack| async move {
        let email = format!("eve-{}@example.com", Uuid::new_v4().simple());
        let attribute = AttributeType::builder().name("email").value(&email);
        let refused = user_pool(stack)
            .sign_up()
            .client_id(&stack.outputs().user_pool_client_id)
            .username(&email)
            .password(PASSWORD)
            .user_attributes(attribute.build()?)
            .send()
            .await;
        let error = refused.expect_err("sign-up is closed");
        assert_eq!(error.code(), Some("NotAuthorizedException"), "{error:?}");
        Ok(())
    });
}

#[test]
fn a_user_s_address_is_the_same_in_any_case() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let signed_in = user_pool(stack)
            .admin_initiate_auth()
            .user_pool_id(&stack.outputs().user_pool_id)
            .client_id(&stack.outputs().user_pool_client_id)
            .auth_flow(AuthFlowType::AdminUserPasswordAuth)
            .auth_parameters("USERNAME", alice.user.email.to_uppercase())
            .auth_parameters("PASSWORD", PASSWORD)
            .send()
            .await?;
        assert!(signed_in.authentication_result.is_some());

        let again = user_pool(stack)
            .admin_create_user()
            .user_pool_id(&stack.outputs().user_pool_id)
            .username(alice.user.email.to_uppercase())
            .send()
            .await;
        let error = again.expect_err("the user exists");
        // The emulator says the latter.
        let codes = ["UsernameExistsException", "AliasExistsException"];
        let code = error.code().unwrap_or_default();
        assert!(codes.contains(&code), "{error:?}");
        Ok(())
    });
}
