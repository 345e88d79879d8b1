//! Tests of the operations that need neither a role nor a user pool, over the wire.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use axum::Json;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::net::TcpListener;

use super::*;
use crate::identity::TokenIssuer;
use crate::identity::identities::Identities;
use crate::proxy::listening::Listening;

const POOL: &str = "us-east-1:pool";
const PROVIDER: &str = "cognito-idp.us-east-1.amazonaws.com/pool";

/// The service, and the user pool whose tokens it takes.
struct Fixture {
    key: KeyPair,
    service: Listening,
    _keys: Listening,
    _pool: watch::Sender<Option<Arc<IdentityPool>>>,
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

impl Fixture {
    async fn start() -> Self {
        let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let public = key.public_key();
        let encoded = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
        // A key of an unknown kind does not spoil the set.
        let set = json!({ "keys": [{ "kid": "two", "kty": "AKP", "pub": "" }, {
            "kid": "one", "kty": "RSA", "alg": "RS256", "use": "sig",
            "n": encoded(public.modulus().big_endian_without_leading_zero()),
            "e": encoded(public.exponent().big_endian_without_leading_zero()),
        }] });
        let keys = Router::new().route(
            "/pool/.well-known/jwks.json",
            get(async move || Json(set.clone())),
        );
        let keys = Listening::serve(listener().await, keys).unwrap();
        let exchange = Arc::new(Exchange::new(keys.url(), Identities::default()));
        let pool = IdentityPool {
            region: "us-east-1".to_owned(),
            identity_pool_id: POOL.to_owned(),
            issuer: TokenIssuer::UserPool("pool".to_owned()),
            client_ids: vec!["client".to_owned(), "second".to_owned()],
            authenticated_role_name: "role".to_owned(),
        };
        let (sender, pool) = watch::channel(Some(Arc::new(pool)));
        let service = Listening::serve(listener().await, router(exchange, pool)).unwrap();
        Self {
            key,
            service,
            _keys: keys,
            _pool: sender,
        }
    }

    /// Signs an id token of a user, with some claims changed.
    fn token(&self, subject: &str, changes: &Value) -> String {
        let mut claims = json!({
            "iss": format!("https://{PROVIDER}"), "sub": subject, "aud": "client",
            "exp": 4_102_444_800_i64, "iat": 1, "token_use": "id", "cognito:username": subject,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = json!({ "alg": "RS256", "kid": "one" });
        let message = format!("{}.{}", part(&head), part(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn id_token(&self, subject: &str) -> String {
        self.token(subject, &json!({}))
    }

    /// Calls an operation. Returns the answer, or the code of the refusal.
    async fn call(&self, operation: &str, body: &Value) -> Result<Value, String> {
        let request = reqwest::Client::new()
            .post(self.service.url())
            .header("x-amz-target", format!("{SERVICE}{operation}"));
        let response = request.body(body.to_string()).send().await.unwrap();
        let is_refused = !response.status().is_success();
        let answer: Value = response.json().await.unwrap();
        if is_refused {
            return Err(answer["__type"].as_str().unwrap().to_owned());
        }
        Ok(answer)
    }

    async fn identity(&self, token: &str) -> Result<String, String> {
        let body = json!({ "IdentityPoolId": POOL, "Logins": { PROVIDER: token } });
        let answer = self.call("GetId", &body).await?;
        Ok(answer["IdentityId"].as_str().unwrap().to_owned())
    }

    async fn unlink(&self, identity: &str, token: &str) -> Result<Value, String> {
        let body = unlinking(identity, token);
        self.call("UnlinkIdentity", &body).await
    }
}

fn unlinking(identity: &str, token: &str) -> Value {
    json!({
        "IdentityId": identity, "Logins": { PROVIDER: token }, "LoginsToRemove": [PROVIDER],
    })
}

fn refused(code: &str) -> Result<Value, String> {
    Err(code.to_owned())
}

#[tokio::test]
async fn an_unlinked_identity_is_refused_for_its_login_which_gets_a_new_one() {
    let fixture = Fixture::start().await;
    let token = fixture.id_token("alice");
    let first = fixture.identity(&token).await.unwrap();
    assert_eq!(fixture.identity(&token).await.unwrap(), first);

    assert_eq!(fixture.unlink(&first, &token).await, Ok(json!({})));

    // Before the login has its new identity, and after.
    for _ in 0..2 {
        let body = json!({ "IdentityId": first, "Logins": { PROVIDER: token } });
        let answer = fixture.call("GetCredentialsForIdentity", &body).await;
        assert_eq!(answer, refused("NotAuthorizedException"));
        assert_ne!(fixture.identity(&token).await.unwrap(), first);
    }
    let again = fixture.unlink(&first, &token).await;
    assert_eq!(again, refused("NotAuthorizedException"));
}

#[tokio::test]
async fn only_a_valid_token_of_the_identity_s_own_user_unlinks_it() {
    let fixture = Fixture::start().await;
    let token = fixture.id_token("alice");
    let identity = fixture.identity(&token).await.unwrap();
    let unrelated = Fixture::start().await;
    let changed = |changes: Value| fixture.token("alice", &changes);
    for (what, token) in [
        ("another user's", fixture.id_token("bob")),
        ("forged", unrelated.id_token("alice")),
        ("expired", changed(json!({ "exp": 1_000_000_000 }))),
        (
            "an access token",
            changed(json!({ "aud": null, "token_use": "access" })),
        ),
        ("another client's", changed(json!({ "aud": "other" }))),
    ] {
        let answer = fixture.unlink(&identity, &token).await;
        assert_eq!(answer, refused("NotAuthorizedException"), "{what}");
    }
    assert_eq!(fixture.identity(&token).await.unwrap(), identity);
}

#[tokio::test]
async fn a_user_has_one_identity_through_all_clients() {
    let fixture = Fixture::start().await;
    let first = fixture.identity(&fixture.id_token("alice")).await.unwrap();
    let token = fixture.token("alice", &json!({ "aud": "second" }));
    assert_eq!(fixture.identity(&token).await.unwrap(), first);
}

#[tokio::test]
async fn what_is_to_be_unlinked_is_named_and_its_token_sent() {
    let fixture = Fixture::start().await;
    let token = fixture.id_token("alice");
    let identity = fixture.identity(&token).await.unwrap();
    let body = unlinking(&identity, &token);
    for (name, value, code) in [
        ("LoginsToRemove", json!([]), "InvalidParameterException"),
        ("LoginsToRemove", json!(null), "InvalidParameterException"),
        ("LoginsToRemove", json!(["other"]), "NotAuthorizedException"),
        ("Logins", json!({}), "NotAuthorizedException"),
        ("IdentityId", json!(""), "InvalidParameterException"),
        (
            "IdentityId",
            json!("us-east-1:other"),
            "ResourceNotFoundException",
        ),
    ] {
        let mut body = body.clone();
        body[name] = value;
        let answer = fixture.call("UnlinkIdentity", &body).await;
        assert_eq!(answer, refused(code), "{body}");
    }
    assert_eq!(fixture.identity(&token).await.unwrap(), identity);
}
