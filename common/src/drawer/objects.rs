//! The user's objects.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::{config::Builder, presigning::PresigningConfig, primitives::ByteStream};

use media::media_type::MediaType;

use crate::{
    drawer::{Drawer, body_hash::BodyHash},
    keys::OriginalKey,
    service_error::ServiceError,
};

impl Drawer<'_> {
    /// Writes an original. `If-None-Match` makes it an error to overwrite one, and S3 checks the SHA-256, as the
    /// object's checksum and in the signature.
    pub async fn put_original(
        &self,
        key: &OriginalKey,
        media_type: MediaType,
        body: Vec<u8>,
    ) -> Result<(), ServiceError> {
        let hash = BodyHash::of(&body);
        self.drawers
            .s3
            .put_object()
            .bucket(&self.drawers.places.bucket)
            .key(key.to_string())
            .content_type(media_type.mime())
            .if_none_match("*")
            .checksum_sha256(hash.to_base64())
            .body(ByteStream::from(body))
            .customize()
            .interceptor(hash)
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

    fn s3_override(&self) -> Builder {
        aws_sdk_s3::Config::builder().credentials_provider(self.credentials())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
    };

    use aws_config::{BehaviorVersion, Region, SdkConfig};
    use aws_sdk_s3::config::Credentials;

    use super::*;
    use crate::{
        clients,
        drawer::{Drawers, Places},
        exchange::UserCredentials,
        identity_id::IdentityId,
        image_id::ImageId,
        keys::Stage,
    };

    /// Takes one request and says yes.
    fn one_request(listener: &TcpListener, body: &[u8]) -> String {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut part = [0; 4096];
        while !request.ends_with(body) {
            let length = connection.read(&mut part).unwrap();
            assert!(length > 0, "{}", String::from_utf8_lossy(&request));
            request.extend_from_slice(&part[..length]);
        }
        connection
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .unwrap();
        String::from_utf8(request).unwrap()
    }

    #[tokio::test]
    async fn the_checksum_and_the_signature_are_of_the_same_bytes() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-1"))
            .endpoint_url(format!("http://{}", listener.local_addr().unwrap()))
            .http_client(clients::one_http_client())
            .build();
        let server = std::thread::spawn(move || one_request(&listener, b"abc"));
        let identity = IdentityId::parse("eu-west-1:01234567-89ab-cdef-0123-456789abcdef").unwrap();
        let drawers = Drawers::new(
            &sdk,
            Places {
                stage: Stage::parse("dev").unwrap(),
                bucket: "drawers".to_owned(),
                table: String::new(),
                identity_pool_id: String::new(),
                login_provider: String::new(),
                issuer: String::new(),
            },
        );
        let drawer = Drawer {
            drawers: &drawers,
            user: UserCredentials {
                identity: identity.clone(),
                credentials: Credentials::new("AKID", "secret", None, None, "test"),
            },
        };
        let key = OriginalKey {
            stage: drawer.stage().clone(),
            identity,
            image: ImageId::new(),
            extension: MediaType::Png.into(),
        };
        drawer
            .put_original(&key, MediaType::Png, b"abc".to_vec())
            .await
            .unwrap();
        let request = server.join().unwrap().to_ascii_lowercase();
        for header in [
            // The SHA-256 of "abc" (FIPS 180-2, appendix B.1), twice.
            "x-amz-content-sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "x-amz-checksum-sha256: ungwv48bz+pbqudexa4ii7adyaowf3qctbd/yfiafa0=",
            "if-none-match: *",
        ] {
            assert!(request.contains(&format!("\r\n{header}\r\n")), "{request}");
        }
    }
}
