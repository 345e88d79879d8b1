//! The user's objects.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::{
    config::Builder, presigning::PresigningConfig, primitives::ByteStream, types::ChecksumAlgorithm,
};

use media::media_type::MediaType;

use crate::{drawer::Drawer, keys::OriginalKey, service_error::ServiceError};

impl Drawer<'_> {
    /// Writes an original. `If-None-Match` makes it an error to overwrite one, and S3 checks the SHA-256 that the
    /// SDK computes.
    pub async fn put_original(
        &self,
        key: &OriginalKey,
        media_type: MediaType,
        body: Vec<u8>,
    ) -> Result<(), ServiceError> {
        self.drawers
            .s3
            .put_object()
            .bucket(&self.drawers.places.bucket)
            .key(key.to_string())
            .content_type(media_type.mime())
            .if_none_match("*")
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .body(ByteStream::from(body))
            .customize()
            .config_override(self.s3_override())
            .send()
            .await
            .map_err(|error| ServiceError::classify(format!("put {key}"), error))?;
        Ok(())
    }

    /// A URL that fetches the object, signed with the user's credentials: it opens what they may open, and dies
    /// with them. No request is made.
    pub async fn url_of(&self, key: &str, expires_in: Duration) -> Result<String, ServiceError> {
        let failed = |error| ServiceError::unavailable(format!("presign {key}"), error);
        let config = self
            .presigning(expires_in)
            .map_err(|error| failed(Box::<dyn std::error::Error + Send + Sync>::from(error)))?;
        let request = self
            .drawers
            .s3
            .get_object()
            .bucket(&self.drawers.places.bucket)
            .key(key)
            .customize()
            .config_override(self.s3_override())
            .presigned(config)
            .await
            .map_err(|error| failed(error.into()))?;
        Ok(request.uri().to_owned())
    }

    fn presigning(
        &self,
        expires_in: Duration,
    ) -> Result<PresigningConfig, aws_sdk_s3::presigning::PresigningConfigError> {
        let now = SystemTime::now();
        let credentials_left = self
            .user
            .credentials
            .expiry()
            .and_then(|expiry| expiry.duration_since(now).ok())
            .unwrap_or(expires_in);
        PresigningConfig::builder()
            .start_time(now)
            .expires_in(expires_in.min(credentials_left))
            .build()
    }

    pub(super) fn s3_override(&self) -> Builder {
        aws_sdk_s3::Config::builder().credentials_provider(self.credentials())
    }
}
