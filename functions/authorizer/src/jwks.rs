//! The issuer's public keys.

use std::time::{Duration, Instant};

use jsonwebtoken::{
    DecodingKey,
    jwk::{Jwk, JwkSet},
};
use reqwest::{
    Url,
    redirect::{Action, Attempt, Policy},
};
use serde::Deserialize;
use thiserror::Error;
use tokio::sync::Mutex;

/// The minimum time between two refreshes for an unknown `kid`, which may be a new key or a
/// forgery.
const REFRESH_INTERVAL: Duration = Duration::from_mins(1);

/// The most redirects of a request.
const MAX_REDIRECTS: usize = 3;

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
    /// The discovery document is of another issuer.
    #[error("the discovery document names the issuer {0:?}")]
    Issuer(String),
    /// The discovery document or the keys would come over plain HTTP.
    #[error("the address {0:?} is not https")]
    Insecure(String),
}

/// Where the keys are.
#[derive(Debug)]
pub(crate) enum KeysLocation {
    /// At this URL.
    Known(String),
    /// Where the discovery document of this issuer says (`OpenID` Connect Discovery 1.0).
    Discovered(String),
}

/// The discovery document, of which only two members matter.
#[derive(Debug, Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// A source that fetches over HTTP.
#[derive(Debug)]
pub(crate) struct HttpKeys {
    client: reqwest::Client,
    location: KeysLocation,
}

impl HttpKeys {
    /// Creates the source. Makes no request.
    pub(crate) fn new(location: KeysLocation) -> Result<Self, KeysError> {
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(5))
            .redirect(Policy::custom(follow))
            .build()?;
        Ok(Self { client, location })
    }

    async fn get(&self, url: &str) -> Result<Vec<u8>, KeysError> {
        let response = self.client.get(url).send().await?;
        Ok(response.error_for_status()?.bytes().await?.into())
    }

    /// Reads the discovery document. It must name the issuer that it was asked of, and keys that
    /// nobody between could exchange.
    async fn discover(&self, issuer: &str) -> Result<String, KeysError> {
        if !is_secure(issuer) {
            return Err(KeysError::Insecure(issuer.to_owned()));
        }
        let url = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let found: Discovery = serde_json::from_slice(&self.get(&url).await?)?;
        if found.issuer != issuer {
            return Err(KeysError::Issuer(found.issuer));
        }
        if !is_secure(&found.jwks_uri) {
            return Err(KeysError::Insecure(found.jwks_uri));
        }
        Ok(found.jwks_uri)
    }
}

/// Returns whether a URL is https, or of this machine, as in the local stack.
fn is_secure(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| is_secure_url(&url))
}

fn is_secure_url(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && url.host_str() == Some("127.0.0.1"))
}

/// Follows a few redirects, and none to plain HTTP.
fn follow(attempt: Attempt<'_>) -> Action {
    if attempt.previous().len() > MAX_REDIRECTS {
        attempt.error("too many redirects")
    } else if is_secure_url(attempt.url()) {
        attempt.follow()
    } else {
        attempt.error("a redirect to plain HTTP")
    }
}

impl KeySource for HttpKeys {
    async fn fetch(&self) -> Result<JwkSet, KeysError> {
        let url = match &self.location {
            KeysLocation::Known(url) => url.clone(),
            KeysLocation::Discovered(issuer) => self.discover(issuer).await?,
        };
        Ok(serde_json::from_slice(&self.get(&url).await?)?)
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

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use common::error_chain::with_causes;

    use super::*;

    /// Answers every request with the next of these bodies, and returns the address.
    fn server(bodies: impl FnOnce(&str) -> Vec<String>) -> String {
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length";
        let response = |body: &String| format!("{head}: {}\r\n\r\n{body}", body.len());
        responder(|url| bodies(url).iter().map(response).collect())
    }

    /// Answers every request with the next of these responses, and returns the address.
    fn responder(responses: impl FnOnce(&str) -> Vec<String>) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let responses = responses(&url);
        std::thread::spawn(move || {
            for response in responses {
                let (mut connection, _) = listener.accept().unwrap();
                let _ = connection.read(&mut [0; 4096]).unwrap();
                connection.write_all(response.as_bytes()).unwrap();
            }
        });
        url
    }

    fn document(issuer: &str, jwks_uri: &str) -> String {
        format!(r#"{{"issuer": "{issuer}", "jwks_uri": "{jwks_uri}"}}"#)
    }

    async fn fetched(issuer: String) -> Result<JwkSet, KeysError> {
        let keys = HttpKeys::new(KeysLocation::Discovered(issuer)).unwrap();
        keys.fetch().await
    }

    #[tokio::test]
    async fn keys_are_where_the_discovery_document_says() {
        let issuer = server(|url| {
            let keys = format!("{url}/keys");
            vec![document(url, &keys), r#"{"keys": []}"#.to_owned()]
        });
        assert_eq!(fetched(issuer).await.unwrap().keys.len(), 0);
    }

    #[tokio::test]
    async fn a_discovery_document_of_another_issuer_is_refused() {
        let issuer = server(|url| vec![document("https://other.example", &format!("{url}/keys"))]);
        let error = fetched(issuer).await.unwrap_err();
        assert!(matches!(error, KeysError::Issuer(_)), "{error:?}");
    }

    #[tokio::test]
    async fn keys_over_plain_http_are_refused() {
        let issuer = server(|url| vec![document(url, "http://keys.example/")]);
        let error = fetched(issuer).await.unwrap_err();
        assert!(matches!(error, KeysError::Insecure(_)), "{error:?}");
    }

    #[tokio::test]
    async fn a_discovery_document_over_plain_http_is_refused() {
        // The last has the loopback address as a user name.
        for issuer in ["http://localhost", "x", "http://127.0.0.1:1@localhost"] {
            let error = fetched(issuer.to_owned()).await.unwrap_err();
            assert!(matches!(error, KeysError::Insecure(_)), "{error:?}");
        }
    }

    #[tokio::test]
    async fn a_redirect_to_plain_http_is_not_followed() {
        let head = "HTTP/1.1 302 Found\r\nconnection: close\r\ncontent-length: 0\r\nlocation";
        let issuer = responder(|_| vec![format!("{head}: http://localhost:1/\r\n\r\n")]);
        let error = with_causes(&fetched(issuer).await.unwrap_err());
        assert!(error.contains("a redirect to plain HTTP"), "{error}");
    }

    #[tokio::test]
    async fn no_discovery_document_is_an_error() {
        let issuer = server(|_| vec!["<html>".to_owned()]);
        let error = fetched(issuer).await.unwrap_err();
        assert!(matches!(error, KeysError::Json(_)), "{error:?}");
    }
}
