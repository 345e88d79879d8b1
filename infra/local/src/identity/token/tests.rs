use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Value, json};

use super::{Expected, IdToken, TokenFault, key_id, verify};

const ISSUER: &str = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_pool";
const NOW: i64 = 1_800_000_000;

fn key() -> KeyPair {
    KeyPair::generate(KeySize::Rsa2048).unwrap()
}

fn public(key: &KeyPair) -> DecodingKey {
    let key = key.public_key();
    DecodingKey::from_rsa_raw_components(
        key.modulus().big_endian_without_leading_zero(),
        key.exponent().big_endian_without_leading_zero(),
    )
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn signed(key: &KeyPair, claims: &Value) -> String {
    let message = unsigned(&json!({ "alg": "RS256", "kid": "one" }), claims);
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Returns the claims of a valid id token, with some of them changed (`null` removes one).
fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER,
        "sub": "alice-sub",
        "aud": "client",
        "exp": NOW + 1,
        "iat": NOW - 10,
        "token_use": "id",
        "cognito:username": "alice",
    });
    let Value::Object(changes) = changes else {
        panic!("changes are an object");
    };
    for (name, value) in changes {
        let object = claims.as_object_mut().unwrap();
        if value.is_null() {
            object.remove(&name);
        } else {
            object.insert(name, value);
        }
    }
    claims
}

fn judge(token: &str, key: &DecodingKey) -> Result<IdToken, TokenFault> {
    let expected = Expected {
        issuer: ISSUER,
        client_ids: &["client".to_owned()],
        is_user_pool: true,
        now: NOW,
    };
    verify(token, key, &expected)
}

#[test]
fn a_token_of_another_provider_has_neither_use_nor_user_name_and_may_have_a_list() {
    let key = key();
    let expected = Expected {
        issuer: "https://login.example",
        client_ids: &["client".to_owned()],
        is_user_pool: false,
        now: NOW,
    };
    let claims = |audience: Value| {
        json!({
            "iss": "https://login.example", "sub": "u", "aud": audience, "exp": NOW + 1, "iat": NOW,
        })
    };
    let judge = |audience| {
        let key_of_tests = &key;
        verify(
            &signed(key_of_tests, &claims(audience)),
            &public(key_of_tests),
            &expected,
        )
    };
    for audience in [json!("client"), json!(["other", "client"])] {
        assert_eq!(judge(audience).unwrap().subject, "u");
    }
    for audience in [json!("other"), json!(["other"]), json!([])] {
        assert_eq!(judge(audience), Err(TokenFault::Audience));
    }
}

#[test]
fn a_good_id_token_names_its_user() {
    let key = key();

    let token = judge(&signed(&key, &claims(json!({}))), &public(&key)).unwrap();

    assert_eq!(
        token,
        IdToken {
            issuer: ISSUER.into(),
            subject: "alice-sub".into(),
            username: "alice".into(),
            issued_at: NOW - 10,
        }
    );
}

#[test]
fn every_rule_refuses_the_token_that_breaks_it() {
    let key = key();
    let public = public(&key);
    let other_pool = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_other";
    let rows = [
        (
            "expired",
            json!({ "exp": NOW }),
            TokenFault::Expired { now: NOW, exp: NOW },
        ),
        (
            "no expiry",
            json!({ "exp": null }),
            TokenFault::Missing("exp"),
        ),
        (
            "expiry as text",
            json!({ "exp": "never" }),
            TokenFault::NotAnIdToken,
        ),
        (
            "other pool",
            json!({ "iss": other_pool }),
            TokenFault::Issuer,
        ),
        (
            "no issuer",
            json!({ "iss": null }),
            TokenFault::Missing("iss"),
        ),
        (
            "other client",
            json!({ "aud": "other" }),
            TokenFault::Audience,
        ),
        (
            "several clients",
            json!({ "aud": ["client", "other"] }),
            TokenFault::Audience,
        ),
        (
            "access token",
            json!({ "aud": null, "client_id": "client", "token_use": "access" }),
            TokenFault::Missing("aud"),
        ),
        (
            "access token with an audience",
            json!({ "token_use": "access" }),
            TokenFault::NotAnIdToken,
        ),
        (
            "no token_use",
            json!({ "token_use": null }),
            TokenFault::NotAnIdToken,
        ),
        (
            "no subject",
            json!({ "sub": null }),
            TokenFault::Missing("sub"),
        ),
    ];

    for (name, changes, fault) in rows {
        let token = signed(&key, &claims(changes));
        assert_eq!(judge(&token, &public), Err(fault), "{name}");
    }
}

#[test]
fn a_token_of_another_key_is_refused() {
    let token = signed(&key(), &claims(json!({})));

    assert_eq!(judge(&token, &public(&key())), Err(TokenFault::Signature));
}

#[test]
fn a_payload_changed_after_signing_is_refused() {
    let key = key();
    let token = signed(&key, &claims(json!({})));
    let forged = unsigned(
        &json!({ "alg": "RS256", "kid": "one" }),
        &claims(json!({ "sub": "bob-sub" })),
    );
    let signature = token.rsplit('.').next().unwrap();

    assert_eq!(
        judge(&format!("{forged}.{signature}"), &public(&key)),
        Err(TokenFault::Signature)
    );
}

#[test]
fn an_unsigned_token_is_refused() {
    let message = unsigned(&json!({ "alg": "none", "kid": "one" }), &claims(json!({})));

    for token in [format!("{message}."), message] {
        assert_eq!(
            judge(&token, &public(&key())),
            Err(TokenFault::NotAnIdToken)
        );
    }
}

#[test]
fn a_token_signed_with_the_public_key_as_a_secret_is_refused() {
    let key = key();
    let modulus = key
        .public_key()
        .modulus()
        .big_endian_without_leading_zero()
        .to_vec();
    let message = unsigned(&json!({ "alg": "HS256", "kid": "one" }), &claims(json!({})));
    let signature = sign(
        message.as_bytes(),
        &EncodingKey::from_secret(&modulus),
        Algorithm::HS256,
    )
    .unwrap();

    assert_eq!(
        judge(&format!("{message}.{signature}"), &public(&key)),
        Err(TokenFault::NotAnIdToken)
    );
}

#[test]
fn what_is_no_token_names_no_key() {
    let without_kid = unsigned(&json!({ "alg": "RS256" }), &claims(json!({})));
    for token in ["", "a", "a.b.c", "....", without_kid.as_str()] {
        assert_eq!(key_id(token), Err(TokenFault::NotAnIdToken), "{token:?}");
    }
}
