//! Direct invocations of functions, without the gateway and the authorizer: the functions refuse
//! invalid tokens themselves, and so does Cognito.

use anyhow::Context;
use local::stack::Stack;
use serde_json::{Value, json};

use crate::with_stack;
use integration_tests::{
    images,
    invocation::{Invocation, encoded},
    user::TestUser,
};

/// Invokes a function with a body in base64.
async fn invoke(
    stack: &Stack,
    function: &str,
    headers: Value,
    body: Option<&str>,
) -> anyhow::Result<(u64, Value)> {
    let (method, path) = if function == "upload" {
        ("POST", "/upload")
    } else {
        ("GET", "/images")
    };
    let invocation = Invocation {
        function,
        method,
        path,
        headers,
        body,
    };
    invocation.send(stack).await
}

/// Changes the claims of a token, so that its signature no longer matches.
fn with_claims(token: &str, change: impl FnOnce(&mut Value)) -> anyhow::Result<String> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1])?)?;
    change(&mut claims);
    Ok(format!(
        "{}.{}.{}",
        parts[0],
        URL_SAFE_NO_PAD.encode(claims.to_string()),
        parts[2]
    ))
}

#[test]
fn every_bad_token_is_a_problem_of_its_own_type_and_stores_nothing() {
    with_stack(|stack| async move {
        let (alice, bob) = (TestUser::new(stack).await?, TestUser::new(stack).await?);
        let body_base64 = encoded(images::jpeg(32, 32));
        // The functions have verified alice's token before, so that a forged one could profit from
        // a cache.
        alice.items().await?;
        let (hers, _) = alice.tokens.id.rsplit_once('.').context("a token")?;
        let (_, his) = bob.tokens.id.rsplit_once('.').context("a token")?;
        let bob_as_alice = format!("{hers}.{his}");
        let her_claims = |id: &mut Value| id["email_verified"] = json!("forged");
        for (row, headers, slug) in [
            ("missing", json!({}), "token-missing"),
            (
                "empty",
                json!({"authorization": "Bearer "}),
                "token-missing",
            ),
            (
                "garbage",
                json!({"authorization": "garbage"}),
                "token-invalid",
            ),
            (
                "access",
                json!({"authorization": alice.tokens.access}),
                "token-not-id-token",
            ),
            (
                "expired",
                json!({"authorization": with_claims(&alice.tokens.id, |c| c["exp"] = json!(1))?}),
                "token-expired",
            ),
            (
                "another client's",
                json!({"authorization": with_claims(&alice.tokens.id, |c| c["aud"] = json!("x"))?}),
                "token-invalid",
            ),
            (
                "another pool",
                json!({"authorization": with_claims(&alice.tokens.id, |c| c["iss"] = json!("x"))?}),
                "token-invalid",
            ),
            (
                "forged",
                json!({"authorization": with_claims(&alice.tokens.id, her_claims)?}),
                "token-invalid",
            ),
            (
                "bob as alice",
                json!({"authorization": bob_as_alice}),
                "token-invalid",
            ),
        ] {
            for function in ["upload", "images"] {
                let body = (function == "upload").then_some(body_base64.as_str());
                let (status, problem) = invoke(stack, function, headers.clone(), body).await?;
                assert_eq!(status, 401, "{row} at {function}: {problem}");
                assert_eq!(
                    problem["type"],
                    format!("urn:hikidashi:problem:{slug}"),
                    "{row} at {function}"
                );
            }
        }
        assert!(alice.items().await?.is_empty());
        // The control: with alice's own token, the same invocation is an upload.
        let headers = json!({"authorization": alice.tokens.id});
        assert_eq!(
            invoke(stack, "upload", headers, Some(&body_base64))
                .await?
                .0,
            201
        );
        Ok(())
    });
}

#[test]
fn a_body_that_is_not_base64_is_a_problem() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let headers = json!({"authorization": alice.tokens.id});
        let (status, problem) = invoke(stack, "upload", headers, Some("not base64!")).await?;
        assert_eq!(status, 400, "{problem}");
        assert_eq!(problem["type"], "urn:hikidashi:problem:body-encoding");
        assert!(alice.items().await?.is_empty());
        Ok(())
    });
}
