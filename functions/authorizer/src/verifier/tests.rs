//! Tests with forged tokens, one row for each rule.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_pool";
const CLIENT: &str = "client";

/// A user pool that signs any claims.
struct Pool {
    pair: KeyPair,
}

impl Pool {
    fn new() -> Self {
        Self {
            pair: KeyPair::generate(KeySize::Rsa2048).unwrap(),
        }
    }

    fn jwks(&self) -> Value {
        let public = self.pair.public_key();
        json!({"keys": [{
            "kid": "k1", "kty": "RSA", "alg": "RS256", "use": "sig",
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        }]})
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn public_der(&self) -> Vec<u8> {
        AsDer::<aws_lc_rs::encoding::PublicKeyX509Der<'_>>::as_der(self.pair.public_key())
            .unwrap()
            .as_ref()
            .to_vec()
    }
}

fn message(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    )
}

/// A key source that counts its fetches, and fails without a key set.
struct Served {
    keys: Option<Value>,
    fetches: AtomicUsize,
}

impl KeySource for &Served {
    async fn fetch(&self) -> Result<JwkSet, KeysError> {
        self.fetches.fetch_add(1, Ordering::Relaxed);
        let keys = self.keys.clone().unwrap_or(Value::Null);
        Ok(serde_json::from_value(keys)?)
    }
}

fn served(pool: &Pool) -> Served {
    Served {
        keys: Some(pool.jwks()),
        fetches: AtomicUsize::new(0),
    }
}

fn verifier(served: &Served) -> Verifier<&Served> {
    Verifier::new(ISSUER.into(), served)
}

fn header() -> Value {
    json!({"alg": "RS256", "kid": "k1", "typ": "JWT"})
}

/// Returns the claims of a Cognito id token, valid until 2100.
fn claims() -> Value {
    json!({"iss": ISSUER, "aud": CLIENT, "sub": "u", "token_use": "id", "exp": 4_102_444_800_i64, "iat": 1})
}

fn access() -> Value {
    json!({"iss": ISSUER, "client_id": CLIENT, "sub": "u", "token_use": "access", "exp": 4_102_444_800_i64})
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name);
    object
}

async fn outcome(verifier: &Verifier<&Served>, token: &str) -> Result<(), Refusal> {
    match verifier.verify(token).await {
        Ok(()) => Ok(()),
        Err(VerifyError::Refused(refusal)) => Err(refusal),
        Err(VerifyError::Keys(error)) => panic!("{error}"),
    }
}

#[tokio::test]
async fn every_token_that_our_pool_has_signed_passes_and_is_the_function_s_to_judge() {
    let pool = Pool::new();
    let served = served(&pool);
    let verifier = verifier(&served);
    let rows = [
        ("an id token", claims()),
        ("expired", with(claims(), "exp", json!(1_000_000_000))),
        ("no expiry", without(claims(), "exp")),
        ("another client's", with(claims(), "aud", json!("other"))),
        ("no audience", without(claims(), "aud")),
        ("an access token", access()),
        (
            "an access token with an audience",
            with(access(), "aud", json!(CLIENT)),
        ),
        ("no token_use", without(claims(), "token_use")),
    ];
    for (name, claims) in rows {
        let token = pool.sign(&header(), &claims);
        assert_eq!(outcome(&verifier, &token).await, Ok(()), "{name}");
    }
}

#[tokio::test]
async fn every_forged_token_is_refused_by_its_own_rule() {
    let (pool, unrelated) = (Pool::new(), Pool::new());
    let served = served(&pool);
    let verifier = verifier(&served);
    let genuine = pool.sign(&header(), &claims());
    let tampered = {
        let parts: Vec<&str> = genuine.split('.').collect();
        let payload = URL_SAFE_NO_PAD.encode(with(claims(), "sub", json!("victim")).to_string());
        format!("{}.{payload}.{}", parts[0], parts[2])
    };
    let hs256 = {
        let message = message(&with(header(), "alg", json!("HS256")), &claims());
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &pool.public_der());
        format!(
            "{message}.{}",
            URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, message.as_bytes()))
        )
    };
    let rows = [
        (
            "another pool's issuer",
            pool.sign(&header(), &with(claims(), "iss", json!("https://other"))),
            Refusal::Issuer,
        ),
        (
            "no issuer",
            pool.sign(&header(), &without(claims(), "iss")),
            Refusal::NoIssuer,
        ),
        (
            "an expired token of another pool",
            unrelated.sign(&header(), &with(claims(), "exp", json!(1_000_000_000))),
            Refusal::Signature,
        ),
        (
            "a forged access token",
            unrelated.sign(&header(), &access()),
            Refusal::Signature,
        ),
        (
            "alg none",
            format!(
                "{}.",
                message(&json!({"alg": "none", "kid": "k1"}), &claims())
            ),
            Refusal::Algorithm,
        ),
        ("HS256 with the public key", hs256, Refusal::Algorithm),
        (
            "unknown kid",
            pool.sign(&with(header(), "kid", json!("k2")), &claims()),
            Refusal::UnknownKey,
        ),
        (
            "no kid",
            pool.sign(&without(header(), "kid"), &claims()),
            Refusal::UnknownKey,
        ),
        (
            "another pool's key under our kid",
            unrelated.sign(&header(), &claims()),
            Refusal::Signature,
        ),
        ("tampered payload", tampered, Refusal::Signature),
        (
            "no signature",
            genuine.rsplit_once('.').unwrap().0.to_owned() + ".",
            Refusal::Signature,
        ),
        (
            "two parts",
            genuine.rsplit_once('.').unwrap().0.to_owned(),
            Refusal::Malformed,
        ),
        ("not a token", "hello".to_owned(), Refusal::Malformed),
        ("empty", String::new(), Refusal::Missing),
    ];
    for (name, token, refusal) in rows {
        assert_eq!(outcome(&verifier, &token).await, Err(refusal), "{name}");
    }
}

#[tokio::test]
async fn keys_are_fetched_once_and_an_unknown_kid_does_not_fetch_again_within_a_minute() {
    let pool = Pool::new();
    let served = served(&pool);
    let verifier = verifier(&served);
    let genuine = pool.sign(&header(), &claims());
    let unknown = pool.sign(&with(header(), "kid", json!("k2")), &claims());
    for _ in 0..3 {
        assert_eq!(outcome(&verifier, &genuine).await, Ok(()));
        assert_eq!(outcome(&verifier, &unknown).await, Err(Refusal::UnknownKey));
    }
    assert_eq!(served.fetches.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn keys_that_can_not_be_had_are_an_error_and_not_a_denial() {
    let pool = Pool::new();
    let served = Served {
        keys: None,
        fetches: AtomicUsize::new(0),
    };
    let verifier = verifier(&served);
    for _ in 0..2 {
        let outcome = verifier.verify(&pool.sign(&header(), &claims())).await;
        assert!(matches!(outcome, Err(VerifyError::Keys(_))), "{outcome:?}");
    }
    assert_eq!(
        served.fetches.load(Ordering::Relaxed),
        2,
        "a failure is not remembered"
    );
}
