//! An `OpenID` provider on this machine, whose keys can be rotated.

use std::sync::{Arc, Mutex, OnceLock};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use axum::{Json, Router, routing::get};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// The provider, and the number of the key that signs.
pub(crate) struct Issuer {
    pub(crate) url: String,
    keys: Arc<Mutex<(usize, KeyPair)>>,
}

impl Issuer {
    /// Returns the provider of this process, which runs until its end.
    pub(crate) fn get() -> &'static Self {
        static ISSUER: OnceLock<Issuer> = OnceLock::new();
        ISSUER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let keys = Arc::new(Mutex::new((0, new_key())));
        let document = json!({ "issuer": url, "jwks_uri": format!("{url}/keys") });
        let shown = keys.clone();
        let routes = Router::new()
            .route(
                "/.well-known/openid-configuration",
                get(async move || Json(document)),
            )
            .route("/keys", get(async move || Json(key_set(&shown))));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                axum::serve(listener, routes).await.expect("a server");
            });
        });
        Self { url, keys }
    }

    /// Replaces the key: tokens that are signed with the old one are of an unknown key.
    pub(crate) fn rotate(&self) {
        let mut keys = self.keys.lock().expect("the keys");
        *keys = (keys.0 + 1, new_key());
    }

    /// Signs a token for a user.
    pub(crate) fn token(&self, subject: &str, audience: &Value) -> String {
        let keys = self.keys.lock().expect("the keys");
        let (number, key) = &*keys;
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = part(json!({ "alg": "RS256", "kid": format!("key-{number}") }));
        let claims = part(json!({
            "iss": self.url, "sub": subject, "aud": audience, "iat": now, "exp": now + 3600,
        }));
        let message = format!("{head}.{claims}");
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message.as_bytes(),
            &mut signature,
        )
        .expect("a signature");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn new_key() -> KeyPair {
    KeyPair::generate(KeySize::Rsa2048).expect("a key")
}

fn key_set(keys: &Mutex<(usize, KeyPair)>) -> Value {
    let keys = keys.lock().expect("the keys");
    let (number, key) = &*keys;
    let public = key.public_key();
    let encoded = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
    json!({ "keys": [{
        "kid": format!("key-{number}"), "kty": "RSA", "alg": "RS256", "use": "sig",
        "n": encoded(public.modulus().big_endian_without_leading_zero()),
        "e": encoded(public.exponent().big_endian_without_leading_zero()),
    }] })
}
