//! The identity pool, beside the API.

use serde_json::{Value, json};

use crate::with_stack;
use integration_tests::{images, user::TestUser};

/// Calls the identity pool without credentials, as everybody can.
async fn call(user: &TestUser<'_>, operation: &str, body: &Value) -> anyhow::Result<(u16, Value)> {
    let response = reqwest::Client::new()
        .post(user.stack.identity_url())
        .header(
            "x-amz-target",
            format!("AWSCognitoIdentityService.{operation}"),
        )
        .header("content-type", "application/x-amz-json-1.1")
        .body(body.to_string())
        .send()
        .await?;
    Ok((response.status().as_u16(), response.json().await?))
}

#[test]
fn a_user_who_unlinks_the_identity_goes_on_with_a_new_one() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&image).await?;
        let before = alice.own().await?.identity;
        let outputs = stack.outputs();
        let login = format!(
            "cognito-idp.{}.amazonaws.com/{}",
            outputs.region, outputs.user_pool_id
        );
        let logins = json!({ login.as_str(): alice.tokens.id });
        let unlink = json!({ "IdentityId": before, "Logins": logins, "LoginsToRemove": [login] });
        let (status, answer) = call(&alice, "UnlinkIdentity", &unlink).await?;
        assert_eq!(status, 200, "{answer}");

        // The functions remember the identity, and the credentials of this token. A new token is
        // exchanged, and is not refused for the identity that is gone.
        let alice = TestUser::of(stack, alice.user).await?;
        assert_eq!(alice.items().await?, Vec::<Value>::new());
        let next = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&next).await?;
        let after = alice.own().await?.identity;
        assert_ne!(after, before);

        let logins = json!({ login.as_str(): alice.tokens.id });
        let credentials = json!({ "IdentityId": before, "Logins": logins });
        let (status, refusal) = call(&alice, "GetCredentialsForIdentity", &credentials).await?;
        assert_eq!(status, 400);
        assert_eq!(refusal["__type"], "NotAuthorizedException");
        Ok(())
    });
}
