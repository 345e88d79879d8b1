//! The user pool's public keys.

use std::collections::HashMap;

use anyhow::Context;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::JwkSet;
use tokio::sync::Mutex;

/// Keys by `kid`, fetched when an unknown one is requested.
///
/// Refreshes have no rate limit: the emulator is local, and may have been restarted with new keys.
pub(crate) struct SigningKeys {
    http: reqwest::Client,
    fakecloud_url: String,
    known: Mutex<HashMap<String, DecodingKey>>,
}

impl SigningKeys {
    pub(crate) fn new(http: reqwest::Client, fakecloud_url: &str) -> Self {
        Self {
            http,
            fakecloud_url: fakecloud_url.trim_end_matches('/').to_owned(),
            known: Mutex::default(),
        }
    }

    /// Returns the key named `kid`, or `None` if the pool has no such key.
    ///
    /// A failure to fetch the key set is an error, not an unknown key.
    pub(crate) async fn find(
        &self,
        user_pool_id: &str,
        kid: &str,
    ) -> anyhow::Result<Option<DecodingKey>> {
        let mut known = self.known.lock().await;
        if let Some(key) = known.get(kid) {
            return Ok(Some(key.clone()));
        }
        let url = format!(
            "{}/{user_pool_id}/.well-known/jwks.json",
            self.fakecloud_url
        );
        let set: JwkSet = self
            .http
            .get(&url)
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .with_context(|| format!("no keys from {url}"))?
            .json()
            .await
            .with_context(|| format!("no key set at {url}"))?;
        for key in &set.keys {
            if let Some(kid) = &key.common.key_id {
                known.insert(kid.clone(), DecodingKey::from_jwk(key)?);
            }
        }
        Ok(known.get(kid).cloned())
    }
}
