//! The user pool's public keys.

use std::time::{Duration, Instant};

use jsonwebtoken::{
    DecodingKey,
    jwk::{Jwk, JwkSet},
};
use thiserror::Error;
use tokio::sync::Mutex;

/// An unknown `kid` may be a new key, or an attacker's invention: ask again, but not more often than this.
const REFRESH_INTERVAL: Duration = Duration::from_mins(1);

/// Where keys come from.
pub(crate) trait KeySource: Send + Sync {
    /// Fetches the set. An error is transient.
    fn fetch(&self) -> impl Future<Output = Result<JwkSet, KeysError>> + Send;
}

/// The keys can't be had.
#[derive(Debug, Error)]
pub(crate) enum KeysError {
    /// The client can't be made, or the request failed.
    #[error("the JWKS can't be fetched")]
    Http(#[from] reqwest::Error),
    /// The answer is not a key set.
    #[error("the JWKS is not a key set")]
    Json(#[from] serde_json::Error),
}

/// Fetches from the pool's well-known address.
#[derive(Debug)]
pub(crate) struct HttpKeys {
    client: reqwest::Client,
    url: String,
}

impl HttpKeys {
    /// Makes no request.
    pub(crate) fn new(url: String) -> Result<Self, KeysError> {
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(5))
            .build()?;
        Ok(Self { client, url })
    }
}

impl KeySource for HttpKeys {
    async fn fetch(&self) -> Result<JwkSet, KeysError> {
        let body = self
            .client
            .get(&self.url)
            .send()
            .await?
            .error_for_status()?
            .bytes()
            .await?;
        Ok(serde_json::from_slice(&body)?)
    }
}

/// A key set that is fetched when it is first needed, and again when a key is unknown.
#[derive(Debug)]
pub(crate) struct Jwks<K> {
    source: K,
    cached: Mutex<Option<Cached>>,
}

#[derive(Debug)]
struct Cached {
    keys: JwkSet,
    fetched_at: Instant,
}

impl<K: KeySource> Jwks<K> {
    pub(crate) fn new(source: K) -> Self {
        Self {
            source,
            cached: Mutex::new(None),
        }
    }

    /// The key of that id, or `None` if the pool has no such key. The lock is held while fetching, so that many
    /// requests at once fetch once.
    pub(crate) async fn key(&self, kid: &str) -> Result<Option<DecodingKey>, KeysError> {
        let mut cached = self.cached.lock().await;
        let is_fresh = match &*cached {
            Some(set) => {
                set.keys.find(kid).is_some() || set.fetched_at.elapsed() < REFRESH_INTERVAL
            }
            None => false,
        };
        if !is_fresh {
            // Only a success counts: a failed refresh must not turn into a minute of denials.
            let keys = self.source.fetch().await?;
            *cached = Some(Cached {
                keys,
                fetched_at: Instant::now(),
            });
        }
        let key = cached.as_ref().and_then(|set| set.keys.find(kid));
        Ok(key.and_then(|jwk: &Jwk| DecodingKey::from_jwk(jwk).ok()))
    }
}
