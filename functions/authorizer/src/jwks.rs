//! The user pool's public keys.

use std::time::{Duration, Instant};

use jsonwebtoken::{
    DecodingKey,
    jwk::{Jwk, JwkSet},
};
use thiserror::Error;
use tokio::sync::Mutex;

/// The minimum time between two refreshes for an unknown `kid`, which may be a new key or a
/// forgery.
const REFRESH_INTERVAL: Duration = Duration::from_mins(1);

/// The source of the keys.
pub(crate) trait KeySource: Send + Sync {
    /// Fetches the set. An error is transient.
    fn fetch(&self) -> impl Future<Output = Result<JwkSet, KeysError>> + Send;
}

/// The error for a key set that is not available.
#[derive(Debug, Error)]
pub(crate) enum KeysError {
    /// The client can't be created, or the request failed.
    #[error("the JWKS can't be fetched")]
    Http(#[from] reqwest::Error),
    /// The response is not a key set.
    #[error("the JWKS is not a key set")]
    Json(#[from] serde_json::Error),
}

/// A source that fetches from the pool's well-known address.
#[derive(Debug)]
pub(crate) struct HttpKeys {
    client: reqwest::Client,
    url: String,
}

impl HttpKeys {
    /// Creates the source. Makes no request.
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

/// A cache of the key set. It fetches the set at the first use, and again for an unknown key.
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

    /// Returns the key of an id, or `None` if the pool has no such key. The lock is held during a
    /// fetch, so that concurrent requests fetch once.
    pub(crate) async fn key(&self, kid: &str) -> Result<Option<DecodingKey>, KeysError> {
        let mut cached = self.cached.lock().await;
        let is_fresh = match &*cached {
            Some(set) => {
                set.keys.find(kid).is_some() || set.fetched_at.elapsed() < REFRESH_INTERVAL
            }
            None => false,
        };
        if !is_fresh {
            // Only a success sets the time: a failed refresh must not cause a minute of denials.
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
