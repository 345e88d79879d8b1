//! The presigned PUT of one original, straight to the bucket.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, SystemTime},
};

use aws_sdk_s3::presigning::PresigningConfig;
use media::media_type::MediaType;
use time::OffsetDateTime;

use crate::{service_error::ServiceError, user_store::UserStore};
use common::{keys::OriginalKey, sha256_sum::Sha256Sum};

/// The lifetime of a URL, unless the credentials that signed it expire earlier.
const MAX_LIFETIME: Duration = Duration::from_mins(15);

/// The signed headers, except for the length and the host. In a Lambda function, the SDK adds a
/// trace id to every request, which is not signed and of no use to the client.
const TO_SEND: [&str; 3] = ["content-type", "if-none-match", "x-amz-checksum-sha256"];

/// The client's statements about the object that it will upload.
#[derive(Clone, Copy, Debug)]
pub struct PresignRequest {
    /// The media type. It is signed: S3 refuses a body of another type.
    pub media_type: MediaType,
    /// The size. It is signed: S3 refuses a body of another length.
    pub size_bytes: u64,
    /// The SHA-256. It is signed where given: S3 refuses a body with another.
    pub sha256: Option<Sha256Sum>,
}

/// A presigned PUT. Every holder of the URL can use it, once.
#[derive(Clone, PartialEq, Eq)]
pub struct PresignedPut {
    /// The URL, with the signature and the session token.
    pub url: String,
    /// The headers to send, with lower-case names. Length and host are not among them, because
    /// every client sends these by itself, and a browser does not let a page set them.
    pub headers: BTreeMap<String, String>,
    /// The time from which S3 refuses the request.
    pub expires_at: OffsetDateTime,
}

impl UserStore<'_> {
    /// Signs a PUT of one object with the user's credentials. IAM confines the key. The signature
    /// confines the length, the type and the SHA-256. `If-None-Match` limits it to one object. No
    /// request is made.
    pub async fn presign_put(
        &self,
        key: &OriginalKey,
        request: PresignRequest,
    ) -> Result<PresignedPut, ServiceError> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            ServiceError::unavailable(format!("presign a put of {key}"), error)
        };
        let length = i64::try_from(request.size_bytes).map_err(|error| failed(error.into()))?;
        let now = SystemTime::now();
        let lifetime = lifetime(now, self.credentials().expiry());
        let config = PresigningConfig::builder()
            .start_time(now)
            .expires_in(lifetime)
            .build()
            .map_err(|error| failed(error.into()))?;
        let request = self
            .user_stores
            .s3
            .put_object()
            .bucket(&self.user_stores.config.bucket)
            .key(key.to_string())
            .content_type(request.media_type.mime())
            .content_length(length)
            .if_none_match("*")
            .set_checksum_sha256(request.sha256.map(Sha256Sum::to_base64))
            .customize()
            .config_override(self.s3_override())
            .presigned(config)
            .await
            .map_err(|error| failed(error.into()))?;
        let to_send = |(name, value): (&str, &str)| {
            let name = name.to_ascii_lowercase();
            TO_SEND
                .contains(&name.as_str())
                .then(|| (name, value.to_owned()))
        };
        Ok(PresignedPut {
            url: request.uri().to_owned(),
            headers: request.headers().filter_map(to_send).collect(),
            expires_at: OffsetDateTime::from(now) + lifetime,
        })
    }
}

/// Returns the lifetime in whole seconds, as S3 counts: [`MAX_LIFETIME`], or the rest of the
/// credentials' lifetime.
fn lifetime(now: SystemTime, credentials_end: Option<SystemTime>) -> Duration {
    let left = credentials_end.map_or(MAX_LIFETIME, |end| {
        end.duration_since(now).unwrap_or_default()
    });
    Duration::from_secs(left.min(MAX_LIFETIME).as_secs())
}

/// Hides the URL, which is a secret while it is valid.
impl fmt::Debug for PresignedPut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresignedPut")
            .field("headers", &self.headers)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user_store::fixtures;

    const SUM: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    /// Presigns a PUT. Signing needs no server.
    async fn presigned(sha256: Option<Sha256Sum>) -> (OriginalKey, PresignedPut) {
        let user_stores = fixtures::user_stores(&fixtures::sdk("eu-west-1"));
        let user_store = fixtures::user_store(&user_stores, Some("session"));
        let key = fixtures::png_key(&user_store);
        let request = PresignRequest {
            media_type: MediaType::Png,
            size_bytes: 20_000_000,
            sha256,
        };
        let put = user_store.presign_put(&key, request).await.unwrap();
        (key, put)
    }

    fn query(url: &str) -> BTreeMap<&str, &str> {
        let (_, query) = url.split_once('?').unwrap();
        query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap())
            .collect()
    }

    #[tokio::test]
    async fn length_type_and_condition_are_signed_and_nothing_stands_in_the_query_but_the_signature()
     {
        let (key, put) = presigned(None).await;
        let query = query(&put.url);
        assert_eq!(
            query["X-Amz-SignedHeaders"],
            "content-length%3Bcontent-type%3Bhost%3Bif-none-match"
        );
        let expected = [
            "X-Amz-Algorithm",
            "X-Amz-Credential",
            "X-Amz-Date",
            "X-Amz-Expires",
            "X-Amz-Security-Token",
            "X-Amz-Signature",
            "X-Amz-SignedHeaders",
            "x-id",
        ];
        assert_eq!(query.keys().copied().collect::<Vec<_>>(), expected);
        assert_eq!(query["X-Amz-Expires"], "900");
        let path = put.url.split('?').next().unwrap();
        assert!(
            path.ends_with(&key.to_string().replace(':', "%3A")),
            "{path}"
        );
        let headers = [("content-type", "image/png"), ("if-none-match", "*")];
        assert_eq!(put.headers, owned(&headers));
    }

    #[tokio::test]
    async fn a_sum_is_signed_and_has_to_be_sent() {
        let (_, put) = presigned(Some(Sha256Sum::parse(SUM).unwrap())).await;
        assert_eq!(
            query(&put.url)["X-Amz-SignedHeaders"],
            "content-length%3Bcontent-type%3Bhost%3Bif-none-match%3Bx-amz-checksum-sha256"
        );
        let headers = [
            ("content-type", "image/png"),
            ("if-none-match", "*"),
            ("x-amz-checksum-sha256", SUM),
        ];
        assert_eq!(put.headers, owned(&headers));
    }

    fn owned(headers: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        headers.iter().map(owned).collect()
    }

    #[tokio::test]
    async fn a_url_does_not_show_in_debug_output() {
        let (_, put) = presigned(None).await;
        let shown = format!("{put:?}");
        assert!(
            !shown.contains("http") && !shown.contains("session"),
            "{shown}"
        );
    }

    #[test]
    fn a_url_never_outlives_its_credentials_or_a_quarter_of_an_hour() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        for (left, seconds) in [
            (Some(Duration::from_hours(1)), 900),
            (Some(Duration::from_millis(90_900)), 90),
            (Some(Duration::ZERO), 0),
            (None, 900),
        ] {
            let lifetime = lifetime(now, left.map(|left| now + left));
            assert_eq!(lifetime, Duration::from_secs(seconds), "{left:?}");
        }
        assert_eq!(
            lifetime(now, Some(now - Duration::from_secs(1))),
            Duration::ZERO
        );
    }
}
