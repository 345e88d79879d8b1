//! Tokens that give access to a user store, and tokens that do not.

use anyhow::Context;
use local::users::PASSWORD;
use reqwest::Method;

use crate::bad_input::assert_problem;
use crate::with_stack;
use integration_tests::{images, user::TestUser};

/// Every route, in the order of `docs/api.md`.
const ROUTES: [(Method, &str); 4] = [
    (Method::POST, "/upload"),
    (Method::POST, "/upload/presign"),
    (Method::GET, "/images"),
    (Method::GET, "/images/x"),
];

#[test]
fn a_request_without_a_token_of_the_pool_does_not_pass_the_gateway() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let (head, signature) = alice.tokens.id.rsplit_once('.').expect("a token");
        let (header, _) = head.split_once('.').expect("a token");
        let tampered = format!("{header}.eyJ0b2tlbl91c2UiOiJpZCJ9.{signature}");
        let access_as_id = {
            let (_, signature) = alice.tokens.access.rsplit_once('.').expect("a token");
            format!("{head}.{signature}")
        };
        for (row, token) in [
            ("a refresh token", alice.tokens.refresh.as_str()),
            ("tampered", tampered.as_str()),
            ("another token's signature", access_as_id.as_str()),
            ("no signature", head),
            ("garbage", "garbage"),
        ] {
            for (method, path) in ROUTES {
                let request = alice
                    .request_with(method, path, token)
                    .body(images::jpeg(32, 32));
                let response = request.send().await?;
                assert_eq!(response.status(), 403, "{row} at {path}");
                let body = response.text().await?;
                assert!(!body.contains("urn:hikidashi"), "{row} at {path}: {body}");
            }
        }
        for (method, path) in ROUTES {
            let url = format!("{}{path}", stack.api_url());
            let bare = reqwest::Client::new().request(method, url).send().await?;
            assert_eq!(bare.status(), 401, "no header at {path}");
        }
        assert!(alice.items().await?.is_empty());
        Ok(())
    });
}

#[test]
fn a_token_of_the_pool_that_is_not_accepted_is_refused_with_the_reason() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let elsewhere = of_another_client(&alice).await?;
        let signed_out = {
            let carol = TestUser::new(stack).await?;
            stack.users().sign_out(&carol.user.email).await?;
            carol.tokens.id
        };
        for (row, token, slug, words) in [
            (
                "access",
                &alice.tokens.access,
                "token-not-id-token",
                "send the id token",
            ),
            (
                "another client's",
                &elsewhere,
                "token-invalid",
                "another app client",
            ),
            ("signed out", &signed_out, "token-invalid", "sign in again"),
        ] {
            for (method, path) in ROUTES {
                let request = alice.request_with(method, path, token);
                let request = if path == "/upload/presign" {
                    request.body(r#"{"contentType": "image/jpeg", "size": 1}"#)
                } else {
                    request.body(images::jpeg(32, 32))
                };
                let response = request.send().await?;
                let challenge = response.headers().get("www-authenticate").cloned();
                let row = format!("{row} at {path}");
                let problem = assert_problem(response, 401, slug, &row).await?;
                let detail = problem["detail"].as_str().unwrap_or_default();
                assert!(detail.contains(words), "{row}: {detail}");
                assert_eq!(challenge.expect("a challenge"), "Bearer", "{row}");
            }
        }
        assert!(alice.items().await?.is_empty());
        Ok(())
    });
}

/// Returns an id token of the same user and the same pool, for another app client.
async fn of_another_client(user: &TestUser<'_>) -> anyhow::Result<String> {
    use aws_sdk_cognitoidentityprovider::types::{AuthFlowType, ExplicitAuthFlowsType};
    let cognito = aws_sdk_cognitoidentityprovider::Client::new(user.stack.sdk_config());
    let pool = &user.stack.outputs().user_pool_id;
    let client = cognito
        .create_user_pool_client()
        .user_pool_id(pool)
        .client_name("another")
        .explicit_auth_flows(ExplicitAuthFlowsType::AllowAdminUserPasswordAuth)
        .explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth)
        .send()
        .await?
        .user_pool_client
        .and_then(|client| client.client_id)
        .context("a client id")?;
    let answer = cognito
        .admin_initiate_auth()
        .user_pool_id(pool)
        .client_id(client)
        .auth_flow(AuthFlowType::AdminUserPasswordAuth)
        .auth_parameters("USERNAME", &user.user.email)
        .auth_parameters("PASSWORD", PASSWORD)
        .send()
        .await?;
    answer
        .authentication_result
        .and_then(|result| result.id_token)
        .context("an id token")
}

#[test]
fn the_token_may_come_without_its_scheme() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let response = reqwest::Client::new()
            .get(format!("{}/images", stack.api_url()))
            .header("Authorization", &alice.tokens.id)
            .send()
            .await?;
        assert_eq!(response.status(), 200);
        Ok(())
    });
}

#[test]
fn an_access_token_gets_no_credentials_from_the_identity_pool() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        alice.exchange(&alice.tokens.id).await?;
        let error = alice
            .exchange(&alice.tokens.access)
            .await
            .expect_err("no credentials");
        assert!(
            format!("{error:?}").contains("NotAuthorizedException"),
            "{error:?}"
        );
        Ok(())
    });
}

#[test]
fn the_same_user_has_the_same_identity_at_every_sign_in() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let (first, _) = alice.exchange(&alice.tokens.id).await?;
        let again = stack.sign_in(&alice.user).await?;
        assert_ne!(again.id, alice.tokens.id);
        let (second, _) = alice.exchange(&again.id).await?;
        assert_eq!(first, second);

        let image = alice.upload(images::jpeg(32, 32)).await?;
        let response = alice
            .request_with(Method::GET, &format!("/images/{image}"), &again.id)
            .send()
            .await?;
        assert_eq!(response.status(), 200);
        Ok(())
    });
}

#[test]
fn an_identity_is_not_the_user_s_sub() {
    with_stack(|stack| async move {
        let (alice, bob) = (TestUser::new(stack).await?, TestUser::new(stack).await?);
        let (hers, his) = (alice.own().await?.identity, bob.own().await?.identity);
        assert_ne!(hers, his);
        assert!(
            hers.starts_with(&format!("{}:", stack.outputs().region)),
            "{hers}"
        );
        Ok(())
    });
}
