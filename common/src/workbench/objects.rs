//! Objects, as the worker handles them.

use media::variant_format::VariantFormat;

use crate::{
    keys::{OriginalKey, VariantFolder},
    origin::Origin,
    service_error::ServiceError,
    workbench::Workbench,
};

/// An original, read.
#[derive(Debug)]
pub struct ReadOriginal {
    /// All of it.
    pub bytes: Vec<u8>,
    /// Of its upload.
    pub origin: Origin,
}

impl Workbench {
    /// Reads an original that has at most `max_bytes`; a larger one is not read at all.
    pub async fn read_original(
        &self,
        key: &OriginalKey,
        max_bytes: u64,
    ) -> Result<ReadOriginal, ServiceError> {
        let what = || format!("get {key}");
        let answer = self
            .s3
            .get_object()
            .bucket(&self.bucket)
            .key(key.to_string())
            .send()
            .await
            .map_err(|error| ServiceError::classify(what(), error))?;
        // S3 always states the length. Without one, nothing says when to stop.
        let size_bytes = answer
            .content_length()
            .and_then(|length| u64::try_from(length).ok())
            .ok_or_else(|| ServiceError::unavailable(what(), "the answer has no length"))?;
        if size_bytes > max_bytes {
            return Err(ServiceError::TooLarge {
                what: what(),
                size_bytes,
                max_bytes,
            });
        }
        let origin = Origin::from_metadata(answer.metadata());
        let body = answer
            .body
            .collect()
            .await
            .map_err(|error| ServiceError::unavailable(what(), error))?;
        Ok(ReadOriginal {
            bytes: body.to_vec(),
            origin,
        })
    }

    /// Whether the original is there now. S3 answers from its latest state.
    ///
    /// One byte is asked for: `HEAD` needs the same right at AWS, but has no body and so no error code to tell
    /// a missing object from a missing right.
    pub async fn original_exists(&self, key: &OriginalKey) -> Result<bool, ServiceError> {
        let answer = self
            .s3
            .get_object()
            .bucket(&self.bucket)
            .key(key.to_string())
            .range("bytes=0-0")
            .send()
            .await;
        match answer.map_err(|error| ServiceError::classify(format!("look for {key}"), error)) {
            // An empty object has no first byte.
            Ok(_) | Err(ServiceError::OutOfRange { .. }) => Ok(true),
            Err(ServiceError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes one variant, over whatever an earlier attempt left.
    pub async fn write_variant(
        &self,
        folder: &VariantFolder,
        name: &str,
        format: VariantFormat,
        bytes: Vec<u8>,
    ) -> Result<(), ServiceError> {
        let key = folder.variant(name, format);
        self.s3
            .put_object()
            .bucket(&self.bucket)
            .key(&key)
            .content_type(format.mime())
            .cache_control("private, max-age=31536000, immutable")
            .body(bytes.into())
            .send()
            .await
            .map_err(|error| ServiceError::classify(format!("put {key}"), error))?;
        Ok(())
    }

    /// Removes every variant of an image, whatever set of variants made them.
    pub async fn remove_variants(&self, folder: &VariantFolder) -> Result<(), ServiceError> {
        let prefix = folder.to_string();
        // A folder holds a handful of objects; the first thousand are all of them.
        let listing = self
            .s3
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(&prefix)
            .send()
            .await
            .map_err(|error| ServiceError::classify(format!("list {prefix}"), error))?;
        for key in listing.contents().iter().filter_map(|object| object.key()) {
            self.s3
                .delete_object()
                .bucket(&self.bucket)
                .key(key)
                .send()
                .await
                .map_err(|error| ServiceError::classify(format!("delete {key}"), error))?;
        }
        Ok(())
    }
}
