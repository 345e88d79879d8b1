//! Discovery of an `OpenID` provider's keys (`OpenID` Connect Discovery 1.0).

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// Returns whether a URL is https, or of this machine.
pub(crate) fn is_secure(url: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|url| {
        url.scheme() == "https" || (url.scheme() == "http" && url.host_str() == Some("127.0.0.1"))
    })
}

/// Returns the address of an issuer's keys. Fails if there is no discovery document, if it is of
/// another issuer, or if the keys would come over plain HTTP.
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
    ensure!(
        is_secure(&found.jwks_uri),
        "{url} names keys that are not at an https URL: {}",
        found.jwks_uri
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

#[cfg(test)]
mod tests {
    use axum::{Router, routing::get};
    use tokio::net::TcpListener;

    use super::*;
    use crate::proxy::listening::Listening;

    /// Starts an issuer whose document is of this issuer (its own when empty), with these keys.
    async fn issuer(named: &str, jwks_uri: &str) -> Listening {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = format!("http://{}", listener.local_addr().unwrap());
        let named = if named.is_empty() { &own } else { named };
        let document = format!(r#"{{"issuer": "{named}", "jwks_uri": "{jwks_uri}"}}"#);
        let path = "/.well-known/openid-configuration";
        let app = Router::new().route(path, get(async move || document));
        Listening::serve(listener, app).unwrap()
    }

    #[tokio::test]
    async fn keys_are_of_the_issuer_itself_and_never_over_plain_http() {
        let http = reqwest::Client::new();
        for (named, keys, refusal) in [
            ("", "https://login.example/keys", None),
            ("", "http://127.0.0.1:9/keys", None),
            ("", "http://login.example/keys", Some("not at an https URL")),
            ("", "/keys", Some("not at an https URL")),
            (
                "https://other.example",
                "https://login.example/keys",
                Some("names another issuer"),
            ),
        ] {
            let issuer = issuer(named, keys).await;
            let found = jwks_uri(&http, issuer.url()).await;
            match refusal {
                None => assert_eq!(found.unwrap(), keys),
                Some(words) => {
                    let error = found.unwrap_err().to_string();
                    assert!(error.contains(words), "{error}");
                }
            }
        }
    }
}
