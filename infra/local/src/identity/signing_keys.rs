//! The issuers' public keys.

use std::collections::HashMap;

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::JwkSet;
use tokio::sync::Mutex;

use super::{TokenIssuer, discovery};

/// Keys by `kid`, fetched when an unknown one is requested. A fetch replaces all of them.
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

    /// Returns the key named `kid`, or `None` if the issuer has no such key.
    ///
    /// A failure to fetch the key set is an error, not an unknown key.
    pub(crate) async fn find(
        &self,
        issuer: &TokenIssuer,
        kid: &str,
    ) -> anyhow::Result<Option<DecodingKey>> {
        let mut known = self.known.lock().await;
        if let Some(key) = known.get(kid) {
            return Ok(Some(key.clone()));
        }
        let url = match issuer {
            TokenIssuer::UserPool(id) => {
                format!("{}/{id}/.well-known/jwks.json", self.fakecloud_url)
            }
            TokenIssuer::Oidc(issuer) => discovery::jwks_uri(&self.http, issuer).await?,
        };
        let set: JwkSet = discovery::json(&self.http, &url).await?;
        // A set may have keys of other kinds, which sign no id tokens.
        let usable = set.keys.iter().filter_map(|key| {
            let kid = key.common.key_id.clone()?;
            Some((kid, DecodingKey::from_jwk(key).ok()?))
        });
        *known = usable.collect();
        Ok(known.get(kid).cloned())
    }
}
