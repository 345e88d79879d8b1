//! Discovery of an `OpenID` provider's keys (`OpenID` Connect Discovery 1.0).

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// Returns the address of an issuer's keys. Fails if there is no discovery document, or if it is
/// of another issuer.
pub(crate) async fn jwks_uri(http: &reqwest::Client, issuer: &str) -> anyhow::Result<String> {
    let url = format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    );
    let found: Discovery = json(http, &url).await?;
    ensure!(
        found.issuer == issuer,
        "{url} names another issuer: {}",
        found.issuer
    );
    Ok(found.jwks_uri)
}

/// Gets a JSON document.
pub(crate) async fn json<T: DeserializeOwned>(
    http: &reqwest::Client,
    url: &str,
) -> anyhow::Result<T> {
    http.get(url)
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .with_context(|| format!("nothing at {url}"))?
        .json()
        .await
        .with_context(|| format!("not the expected document at {url}"))
}
