//! The user's access to originals.

use aws_sdk_s3::{config::Builder, primitives::ByteStream, types::MetadataDirective};

use media::media_type::MediaType;

use crate::{
    service_error::ServiceError,
    user_store::{UserStore, body_hash::BodyHash},
};
use common::{keys::OriginalKey, origin::UploadContext, sha256_sum::Sha256Sum};

impl UserStore<'_> {
    /// Writes an original. `If-None-Match` refuses to overwrite an object. S3 checks the SHA-256 as
    /// the object's checksum and in the signature. `origin` becomes metadata of the object.
    pub async fn put_original(
        &self,
        key: &OriginalKey,
        media_type: MediaType,
        body: Vec<u8>,
        origin: &UploadContext,
    ) -> Result<(), ServiceError> {
        let sum = Sha256Sum::of(&body);
        self.user_stores
            .s3
            .put_object()
            .bucket(&self.user_stores.config.bucket)
            .key(key.to_string())
            .content_type(media_type.mime())
            .if_none_match("*")
            .checksum_sha256(sum.to_base64())
            .set_metadata(Some(origin.to_metadata()))
            .body(ByteStream::from(body))
            .customize()
            .interceptor(BodyHash(sum))
            .config_override(self.s3_override())
            .send()
            .await
            .map_err(|error| ServiceError::classify(format!("put {key}"), error))?;
        Ok(())
    }

    /// Deletes an original, and succeeds if there is none. The worker removes variants and record
    /// when it receives the event.
    pub async fn delete_original(&self, key: &OriginalKey) -> Result<(), ServiceError> {
        self.user_stores
            .s3
            .delete_object()
            .bucket(&self.user_stores.config.bucket)
            .key(key.to_string())
            .customize()
            .config_override(self.s3_override())
            .send()
            .await
            .map_err(|error| ServiceError::classify(format!("delete {key}"), error))?;
        Ok(())
    }

    /// Copies an original onto itself, which makes the same event as an upload. S3 requires that
    /// such a copy replaces the metadata, so the metadata is read first and written again. Returns
    /// [`ServiceError::NotFound`] if there is no original.
    pub async fn rewrite_original(&self, key: &OriginalKey) -> Result<(), ServiceError> {
        let bucket = &self.user_stores.config.bucket;
        // The body is not read. A `HEAD` would do, but has no error code for a missing object.
        let found = self
            .user_stores
            .s3
            .get_object()
            .bucket(bucket)
            .key(key.to_string())
            .customize()
            .config_override(self.s3_override())
            .send()
            .await
            .map_err(|error| ServiceError::classify_own_read(format!("look at {key}"), error))?;
        let copied = self
            .user_stores
            .s3
            .copy_object()
            .bucket(bucket)
            .key(key.to_string())
            // The same text URL-encoded or not: a colon may stand in a path as it is. The user's
            // policy compares the header with the identity id.
            .copy_source(format!("{bucket}/{key}"))
            .set_copy_source_if_match(found.e_tag)
            .metadata_directive(MetadataDirective::Replace)
            .set_content_type(found.content_type)
            .set_metadata(found.metadata)
            .customize()
            .config_override(self.s3_override())
            .send()
            .await
            .map_err(|error| {
                ServiceError::classify_own_read(format!("copy {key} onto itself"), error)
            });
        match copied {
            // Another write came first, and has made an event too.
            Ok(_) | Err(ServiceError::Precondition { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) fn s3_override(&self) -> Builder {
        aws_sdk_s3::Config::builder().credentials_provider(self.credentials())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
    };

    use super::*;
    use crate::{clients, user_store::fixtures};

    /// Accepts one request, and responds with a 200.
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
        let sdk = fixtures::sdk("eu-west-1")
            .into_builder()
            .endpoint_url(format!("http://{}", listener.local_addr().unwrap()))
            .http_client(clients::shared_http_client())
            .build();
        let server = std::thread::spawn(move || one_request(&listener, b"abc"));
        let user_stores = fixtures::user_stores(&sdk);
        let user_store = fixtures::user_store(&user_stores, None);
        let key = fixtures::png_key(&user_store);
        user_store
            .put_original(
                &key,
                MediaType::Png,
                b"abc".to_vec(),
                &UploadContext::default(),
            )
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
