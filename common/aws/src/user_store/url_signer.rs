//! Presigned GETs of many objects, with one derived key.
//!
//! A page of a listing has 80 URLs, which differ in their paths. The SDK decides everything else,
//! once: it presigns a GET of a key that does not exist, and its endpoint, parameters and times
//! hold for all.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use media::media_type::MediaType;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{service_error::ServiceError, user_store::UserStore};
use common::sha256_sum::Sha256Sum;

/// A key that is encoded as it is.
const PROBE: &str = "probe";

/// The characters that a query parameter's value must encode, as *AWS Signature Version 4* has it.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The same for a path, in which slashes stand as they are.
const IN_PATH: &AsciiSet = &IN_QUERY.remove(b'/');

/// The type that S3 serves an object with, by a presigned URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServedAs {
    /// The type that the object is stored with: a variant's, which the worker wrote.
    Stored,
    /// The type of an original that the worker has seen, whatever its user stored it with.
    Seen(MediaType),
    /// A file to save. The worker has not seen that it is an image: a browser must not show it,
    /// because it may be a page.
    Attachment,
}

impl ServedAs {
    /// The media type, and the content disposition.
    fn headers(self) -> (Option<&'static str>, Option<&'static str>) {
        match self {
            Self::Stored => (None, None),
            Self::Seen(format) => (Some(format.mime()), None),
            Self::Attachment => (Some("application/octet-stream"), Some("attachment")),
        }
    }
}

/// Signs GETs of a user's objects, with the user's credentials, for one window of time.
pub struct UrlSigner {
    /// Scheme and authority.
    origin: String,
    host: String,
    /// The path before the key.
    base_path: String,
    /// The query without the signature: pairs of encoded names and values.
    query: Vec<(String, String)>,
    date: String,
    scope: String,
    signing_key: Vec<u8>,
}

impl UserStore<'_> {
    /// Makes a signer of GETs of the user's objects. Its URLs grant what the user's credentials
    /// grant, and expire with them. No request is made.
    ///
    /// The URLs are signed as of the start of the present time window, and are valid for two
    /// windows. So a URL stays the same for the rest of the window, as long as the credentials do,
    /// and the browser's cache can serve the object. It stays valid for at least one more window,
    /// or until the credentials expire.
    pub async fn url_signer(&self, window: Duration) -> Result<UrlSigner, ServiceError> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            ServiceError::unavailable("presign".to_owned(), error)
        };
        let start = start_of_window(SystemTime::now(), window);
        let config = self
            .presigning(start, window)
            .map_err(|error| failed(error.into()))?;
        let request = self
            .user_stores
            .s3
            .get_object()
            .bucket(&self.user_stores.config.bucket)
            .key(PROBE)
            .customize()
            .config_override(self.s3_override())
            .presigned(config)
            .await
            .map_err(|error| failed(error.into()))?;
        UrlSigner::like(
            request.uri(),
            start,
            self.user.credentials.secret_access_key(),
        )
        .ok_or_else(|| failed("the SDK's URL has an unknown form".into()))
    }

    fn presigning(
        &self,
        start: SystemTime,
        window: Duration,
    ) -> Result<PresigningConfig, aws_sdk_s3::presigning::PresigningConfigError> {
        let lifetime = window * 2;
        let credentials_left = self
            .user
            .credentials
            .expiry()
            .and_then(|expiry| expiry.duration_since(start).ok())
            .unwrap_or(lifetime);
        PresigningConfig::builder()
            .start_time(start)
            .expires_in(lifetime.min(credentials_left))
            .build()
    }
}

impl UrlSigner {
    /// Returns the signer that makes URLs like this one of the probe. `None` if the URL signs
    /// something else than a GET's host and query.
    fn like(url: &str, start: SystemTime, secret: &str) -> Option<Self> {
        let (address, query) = url.split_once('?')?;
        let (scheme, rest) = address.split_once("://")?;
        let (host, path) = rest.split_once('/')?;
        let base_path = format!("/{}", path.strip_suffix(PROBE)?);
        let pairs = query.split('&').map(|pair| pair.split_once('='));
        let mut query = Vec::new();
        for pair in pairs {
            let (name, value) = pair?;
            if name != "X-Amz-Signature" {
                query.push((name.to_owned(), value.to_owned()));
            }
        }
        let value = |name: &str| {
            let pair = query.iter().find(|(one, _)| one == name);
            pair.map(|(_, value)| value.as_str())
        };
        if value("X-Amz-SignedHeaders")? != "host" {
            return None;
        }
        let credential = value("X-Amz-Credential")?.replace("%2F", "/");
        let (_, scope) = credential.split_once('/')?;
        let [_, region, service, "aws4_request"] = *scope.split('/').collect::<Vec<_>>() else {
            return None;
        };
        let signing_key = generate_signing_key(secret, start, region, service);
        Some(Self {
            origin: format!("{scheme}://{host}"),
            host: host.to_owned(),
            base_path,
            date: value("X-Amz-Date")?.to_owned(),
            scope: scope.to_owned(),
            signing_key: signing_key.as_ref().to_vec(),
            query,
        })
    }

    /// Returns the URL of an object.
    pub fn url_of(&self, key: &str, served_as: ServedAs) -> String {
        let (content_type, disposition) = served_as.headers();
        let encoded = |(name, value): (&str, Option<&str>)| {
            let value = utf8_percent_encode(value?, IN_QUERY).to_string();
            Some((name.to_owned(), value))
        };
        let own = [
            ("response-content-disposition", disposition),
            ("response-content-type", content_type),
        ];
        let own: Vec<_> = own.into_iter().filter_map(encoded).collect();
        let mut pairs: Vec<_> = self.query.iter().chain(&own).collect();
        pairs.sort();
        let mut query = String::with_capacity(2048);
        for (name, value) in pairs {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(name);
            query.push('=');
            query.push_str(value);
        }
        let path = format!("{}{}", self.base_path, utf8_percent_encode(key, IN_PATH));
        let host = &self.host;
        let canonical = format!("GET\n{path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD");
        let hash = Sha256Sum::of(canonical.as_bytes()).to_hex();
        let (date, scope) = (&self.date, &self.scope);
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{hash}");
        let signature = calculate_signature(&self.signing_key, to_sign.as_bytes());
        format!("{}{path}?{query}&X-Amz-Signature={signature}", self.origin)
    }
}

/// Hides the key and the session token.
impl fmt::Debug for UrlSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UrlSigner")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// Returns the start of a window. Windows are counted from 1970, so that all processes have the
/// same.
fn start_of_window(now: SystemTime, window: Duration) -> SystemTime {
    let secs = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    UNIX_EPOCH + Duration::from_secs(secs - secs % window.as_secs().max(1))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::user_store::fixtures::{sdk, user_store, user_stores};

    const WINDOW: Duration = Duration::from_mins(15);

    /// Splits a URL into its address and the set of its parameters, of which the signature is one.
    fn parts(url: &str) -> (&str, BTreeSet<&str>) {
        let (address, query) = url.split_once('?').unwrap();
        (address, query.split('&').collect())
    }

    /// The SDK's presigned GET of the same object at the same time is the expected one.
    #[tokio::test]
    async fn every_url_is_the_one_that_the_sdk_would_sign() {
        let keys = [
            "thumbnails/dev/eu-west-1:01234567-89ab-cdef-0123-456789abcdef/0190/small.jpg",
            "a key/with +, ~ and ü.png",
        ];
        let all = [
            ServedAs::Stored,
            ServedAs::Seen(MediaType::Png),
            ServedAs::Attachment,
        ];
        for (endpoint, region) in [
            (None, "eu-west-1"),
            (None, "cn-north-1"),
            (Some("http://127.0.0.1:4566"), "us-east-1"),
        ] {
            for session in [None, Some("a/session+token=")] {
                let mut sdk = sdk(region).into_builder();
                sdk.set_endpoint_url(endpoint.map(str::to_owned));
                let user_stores = user_stores(&sdk.build());
                let user_store = user_store(&user_stores, session);
                for (key, served_as) in keys.iter().flat_map(|key| all.map(|one| (key, one))) {
                    let (content_type, disposition) = served_as.headers();
                    let start = start_of_window(SystemTime::now(), WINDOW);
                    let signer = user_store.url_signer(WINDOW).await.unwrap();
                    let by_sdk = user_stores
                        .s3
                        .get_object()
                        .bucket("uploads")
                        .key(*key)
                        .set_response_content_type(content_type.map(str::to_owned))
                        .set_response_content_disposition(disposition.map(str::to_owned))
                        .customize()
                        .config_override(user_store.s3_override())
                        .presigned(user_store.presigning(start, WINDOW).unwrap())
                        .await
                        .unwrap();
                    if start != start_of_window(SystemTime::now(), WINDOW) {
                        // The window ended between the two.
                        continue;
                    }
                    let ours = signer.url_of(key, served_as);
                    assert_eq!(parts(&ours), parts(by_sdk.uri()), "{ours}");
                    assert!(ours.contains("X-Amz-Signature="), "{ours}");
                }
            }
        }
    }

    #[test]
    fn a_url_that_signs_more_than_the_host_is_not_imitated() {
        let url = |headers: &str| {
            format!(
                "https://b.s3.amazonaws.com/probe?X-Amz-Credential=A%2F20260101%2Fr%2Fs3%2Faws4_request\
                 &X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders={headers}&X-Amz-Signature=0"
            )
        };
        assert!(UrlSigner::like(&url("host"), UNIX_EPOCH, "s").is_some());
        assert!(UrlSigner::like(&url("host%3Bx-amz-a"), UNIX_EPOCH, "s").is_none());
        assert!(UrlSigner::like("https://b.s3.amazonaws.com/other?a=b", UNIX_EPOCH, "s").is_none());
    }

    #[tokio::test]
    async fn a_signer_does_not_show_its_key_or_the_session() {
        let user_stores = user_stores(&sdk("eu-west-1"));
        let user_store = user_store(&user_stores, Some("session"));
        let signer = user_store.url_signer(WINDOW).await.unwrap();
        let shown = format!("{signer:?}");
        assert!(
            !shown.contains("session") && !shown.contains("signing"),
            "{shown}"
        );
    }

    #[test]
    fn all_times_of_a_window_have_the_same_start() {
        let at = |millis| start_of_window(UNIX_EPOCH + Duration::from_millis(millis), WINDOW);
        let start = UNIX_EPOCH + Duration::from_hours(490_896);
        for millis in [1_767_225_600_000, 1_767_225_600_001, 1_767_226_499_999] {
            assert_eq!(at(millis), start, "{millis}");
        }
        assert_eq!(at(1_767_226_500_000), start + WINDOW);
    }
}
