//! Objects, as the worker handles them.

use media::variant_format::VariantFormat;

use crate::{etag, service_error::ServiceError, worker_store::WorkerStore};
use common::{
    keys::{OriginalKey, VariantFolder},
    origin::UploadContext,
};

/// What an original is, now.
#[derive(Debug)]
pub enum OriginalObject {
    /// All of it.
    Whole {
        /// Which one it is.
        etag: ETag,
        /// What it is.
        bytes: Vec<u8>,
        /// Of its upload.
        origin: UploadContext,
    },
    /// It has more bytes than were asked for. It was not read.
    TooLarge {
        /// Which one it is.
        etag: ETag,
        /// What S3 says of it.
        size_bytes: u64,
    },
}

impl OriginalObject {
    pub(super) fn etag(&self) -> &ETag {
        match self {
            Self::Whole { etag, .. } | Self::TooLarge { etag, .. } => etag,
        }
    }

    /// How many bytes it has.
    pub fn size_bytes(&self) -> u64 {
        match self {
            Self::Whole { bytes, .. } => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Self::TooLarge { size_bytes, .. } => *size_bytes,
        }
    }
}

/// Tells one content of a key from another. S3 changes it with the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// As records have it; of an empty object there is none to hold against a listing.
    pub(super) fn for_record(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| etag::bare(&self.0))
    }

    /// Of an empty object, for which a range gets no answer that would hold one.
    fn of_nothing() -> Self {
        Self(String::new())
    }
}

impl WorkerStore {
    /// Reads an original that has at most `max_bytes`; a larger one is not read at all. `None` where there is none.
    pub async fn read_original(
        &self,
        key: &OriginalKey,
        max_bytes: u64,
    ) -> Result<Option<OriginalObject>, ServiceError> {
        let what = || format!("get {key}");
        let answer = self
            .s3
            .get_object()
            .bucket(&self.bucket)
            .key(key.to_string())
            .send()
            .await
            .map_err(|error| ServiceError::classify(what(), error));
        let answer = match answer {
            Ok(answer) => answer,
            Err(ServiceError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        // S3 always states the length. Without one, nothing says when to stop.
        let size_bytes = answer
            .content_length()
            .and_then(|length| u64::try_from(length).ok())
            .ok_or_else(|| ServiceError::unavailable(what(), "the answer has no length"))?;
        let origin = UploadContext::from_metadata(answer.metadata());
        if size_bytes == 0 {
            return Ok(Some(OriginalObject::Whole {
                etag: ETag::of_nothing(),
                bytes: Vec::new(),
                origin,
            }));
        }
        let etag = required(answer.e_tag(), what)?;
        if size_bytes > max_bytes {
            return Ok(Some(OriginalObject::TooLarge { etag, size_bytes }));
        }
        let body = answer
            .body
            .collect()
            .await
            .map_err(|error| ServiceError::unavailable(what(), error))?;
        Ok(Some(OriginalObject::Whole {
            etag,
            bytes: body.to_vec(),
            origin,
        }))
    }

    /// Which original is there now, if any. S3 answers from its latest state.
    ///
    /// One byte is asked for: `HEAD` needs the same right at AWS, but has no body and so no error code to tell
    /// a missing object from a missing right.
    pub async fn original_etag(&self, key: &OriginalKey) -> Result<Option<ETag>, ServiceError> {
        let what = || format!("look for {key}");
        let answer = self
            .s3
            .get_object()
            .bucket(&self.bucket)
            .key(key.to_string())
            .range("bytes=0-0")
            .send()
            .await;
        match answer.map_err(|error| ServiceError::classify(what(), error)) {
            Ok(answer) => required(answer.e_tag(), what).map(Some),
            // An empty object has no first byte.
            Err(ServiceError::OutOfRange { .. }) => Ok(Some(ETag::of_nothing())),
            Err(ServiceError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes one variant, over whatever an earlier attempt left, and returns what S3 calls its bytes.
    pub async fn write_variant(
        &self,
        folder: &VariantFolder,
        name: &str,
        format: VariantFormat,
        bytes: Vec<u8>,
    ) -> Result<Option<String>, ServiceError> {
        let key = folder.variant(name, format);
        let answer = self
            .s3
            .put_object()
            .bucket(&self.bucket)
            .key(&key)
            .content_type(format.mime())
            .cache_control("private, max-age=31536000, immutable")
            .body(bytes.into())
            .send()
            .await
            .map_err(|error| ServiceError::classify(format!("put {key}"), error))?;
        Ok(answer.e_tag().map(etag::bare))
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

/// S3 always gives one. Without it, nobody could say whether the original has changed.
fn required(text: Option<&str>, what: impl Fn() -> String) -> Result<ETag, ServiceError> {
    text.map(|text| ETag(text.to_owned()))
        .ok_or_else(|| ServiceError::unavailable(what(), "the answer has no ETag"))
}
