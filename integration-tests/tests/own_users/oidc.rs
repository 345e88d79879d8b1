//! An `OpenID` provider other than Cognito.

use std::collections::BTreeMap;

use anyhow::Context as _;
use integration_tests::{
    images,
    stack::{SharedStack, eventually},
};
use local::stack::{Stack, StackOptions};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::issuer::Issuer;

fn parameters(issuer: &str) -> BTreeMap<String, String> {
    [
        ("OidcIssuer".to_owned(), issuer.to_owned()),
        ("OidcAudience".to_owned(), "web,phone".to_owned()),
    ]
    .into()
}

fn options() -> StackOptions {
    StackOptions {
        parameters: parameters(&Issuer::get().url),
        ..StackOptions::default()
    }
}

static STACK: SharedStack = SharedStack::new(options);

async fn call(
    stack: &Stack,
    token: &str,
    method: Method,
    path: &str,
    body: Vec<u8>,
) -> anyhow::Result<Response> {
    let request = reqwest::Client::new()
        .request(method, format!("{}{path}", stack.api_url()))
        .header("authorization", format!("Bearer {token}"));
    Ok(request.body(body).send().await?)
}

async fn status(stack: &Stack, token: &str) -> anyhow::Result<u16> {
    let response = call(stack, token, Method::GET, "/images", Vec::new()).await?;
    Ok(response.status().as_u16())
}

#[test]
fn a_user_of_another_provider_uploads_and_lists_over_a_rotation_of_its_keys() {
    STACK.run(|stack| async move {
        let issuer = Issuer::get();
        let alice = issuer.token("alice", &json!("web"));
        let body = images::jpeg(64, 64);
        let uploaded = call(stack, &alice, Method::POST, "/upload", body).await?;
        assert_eq!(uploaded.status(), 201, "{}", uploaded.text().await?);
        let bob = issuer.token("bob", &json!(["other", "phone"]));
        assert_eq!(status(stack, &bob).await?, 200);
        for refused in [
            issuer.token("alice", &json!("other")),
            issuer.token("alice", &json!([])),
        ] {
            assert_eq!(status(stack, &refused).await?, 401);
        }

        issuer.rotate();
        let alice = &issuer.token("alice", &json!("web"));
        // Unknown keys are asked for once in a minute: they may be forgeries.
        eventually("the new key is known", || async move {
            Ok((status(stack, alice).await? == 200).then_some(()))
        })
        .await?;
        let listing = eventually("the image is ready", || async move {
            let listing = call(stack, alice, Method::GET, "/images", Vec::new()).await?;
            let listing: Value = listing.json().await?;
            let is_ready = listing["items"][0]["status"] == "ready";
            Ok(is_ready.then_some(listing))
        })
        .await?;
        let items = listing["items"].as_array().context("items")?;
        assert_eq!(items.len(), 1, "the same user as before: {listing}");
        Ok(())
    });
}

#[test]
fn an_issuer_that_names_another_is_refused_before_anything_is_deployed() {
    // With a slash, the discovery document is the same, and of another issuer.
    let options = StackOptions {
        parameters: parameters(&format!("{}/", Issuer::get().url)),
        ..StackOptions::default()
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let Err(error) = runtime.block_on(Stack::start(options)) else {
        panic!("the stack starts");
    };
    assert!(error.to_string().starts_with("OidcIssuer: "), "{error:#}");
}
