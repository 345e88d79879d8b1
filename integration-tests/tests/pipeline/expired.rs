//! A token that the pool has signed, and that has expired. Nobody waits for one: it is signed with the pool's key,
//! which the emulator writes down where it keeps its state.

use std::path::Path;

use anyhow::Context;
use aws_lc_rs::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use local::stack::{Stack, StackOptions};
use reqwest::Method;
use serde_json::{Value, json};

use crate::bad_input::assert_problem;

/// The pool's private key, from the emulator's own file.
fn signing_key(data: &Path) -> anyhow::Result<KeyPair> {
    let file = std::fs::read(data.join("aws/cognito/snapshot.json"))?;
    let state: Value = serde_json::from_slice(&file)?;
    let pem = find(&state, "signing_key_pem").context("a signing key")?;
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    let der = STANDARD.decode(lines.collect::<String>())?;
    KeyPair::from_pkcs8(&der).context("the signing key does not parse")
}

fn find<'a>(state: &'a Value, name: &str) -> Option<&'a str> {
    match state {
        Value::Object(members) => members
            .get(name)
            .and_then(Value::as_str)
            .or_else(|| members.values().find_map(|value| find(value, name))),
        Value::Array(values) => values.iter().find_map(|value| find(value, name)),
        _ => None,
    }
}

/// The same token, but for its expiry, and as genuine.
fn expiring_at(token: &str, exp: i64, key: &KeyPair) -> anyhow::Result<String> {
    let mut parts = token.split('.');
    let header = parts.next().context("a header")?;
    let claims = URL_SAFE_NO_PAD.decode(parts.next().context("claims")?)?;
    let mut claims: Value = serde_json::from_slice(&claims)?;
    claims["exp"] = json!(exp);
    let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message.as_bytes(),
        &mut signature,
    )?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_genuine_token_that_has_expired_is_told_so() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let stack = Stack::start(StackOptions {
        data: Some(data.path().to_owned()),
        ..StackOptions::default()
    })
    .await?;
    let alice = stack.create_user("alice").await?;
    let tokens = stack.sign_in(&alice).await?;
    let key = signing_key(data.path())?;
    let send = async |token: String, path: &str| {
        let method = if path.starts_with("/upload") {
            Method::POST
        } else {
            Method::GET
        };
        let request = reqwest::Client::new().request(method, format!("{}{path}", stack.api_url()));
        request.bearer_auth(token).send().await
    };
    for path in ["/upload", "/upload/presign", "/images", "/images/x"] {
        let expired = expiring_at(&tokens.id, 1_700_000_000, &key)?;
        let problem =
            assert_problem(send(expired, path).await?, 401, "token-expired", path).await?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.contains("sign in again"), "{detail}");
    }
    // The controls: what makes the difference is the expiry, and that the key is the pool's.
    let good = expiring_at(&tokens.id, 4_102_444_800, &key)?;
    assert_eq!(send(good, "/images").await?.status(), 200);
    let other = KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048)?;
    let forged = expiring_at(&tokens.id, 1_700_000_000, &other)?;
    assert_eq!(send(forged, "/images").await?.status(), 403);
    stack.stop().await
}
