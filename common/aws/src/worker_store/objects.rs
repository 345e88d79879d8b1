//! The worker's access to originals and variants.

use media::variant_format::VariantFormat;

use crate::{
    etag,
    service_error::ServiceError,
    worker_store::{Held, WorkerStore},
};
use common::{
    error_chain::with_causes,
    keys::{OriginalKey, VariantFolder},
    origin::UploadContext,
};

/// The present original of a key.
#[derive(Debug)]
pub enum OriginalObject {
    /// The whole original.
    Whole {
        /// Its `ETag`.
        etag: ETag,
        /// Its bytes.
        bytes: Vec<u8>,
        /// The part of the byte budget that the bytes take.
        held: Held,
        /// The request that uploaded it.
        origin: UploadContext,
    },
    /// An original with more bytes than the limit. It was not read.
    TooLarge {
        /// Its `ETag`.
        etag: ETag,
        /// Its size, as S3 states it.
        size_bytes: u64,
    },
    /// An original that nobody can read as it is stored: archived, or encrypted with a key of the
    /// uploader's.
    Unreadable {
        /// Its `ETag`.
        etag: ETag,
        /// Its size, as S3 states it.
        size_bytes: u64,
    },
}

impl OriginalObject {
    pub(super) fn etag(&self) -> &ETag {
        match self {
            Self::Whole { etag, .. }
            | Self::TooLarge { etag, .. }
            | Self::Unreadable { etag, .. } => etag,
        }
    }

    /// Returns the size of the original.
    pub fn size_bytes(&self) -> u64 {
        match self {
            Self::Whole { bytes, .. } => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Self::TooLarge { size_bytes, .. } | Self::Unreadable { size_bytes, .. } => *size_bytes,
        }
    }
}

/// The `ETag` of an original. S3 changes it with the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// Returns the `ETag` for the record; an empty object has none that a listing could be compared
    /// with.
    pub(super) fn for_record(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| etag::bare(&self.0))
    }

    /// Returns the `ETag` of an empty object. S3 refuses a range of it, in a response without an
    /// `ETag`.
    fn of_nothing() -> Self {
        Self(String::new())
    }
}

impl WorkerStore {
    /// Reads an original of at most `max_image_bytes`. A larger one is not read. Returns `None` if
    /// there is none.
    ///
    /// Waits for a part of the byte budget first: for `expected_bytes`, which the event states, so
    /// that S3's response need not wait as well.
    pub async fn read_original(
        &self,
        key: &OriginalKey,
        expected_bytes: Option<u64>,
        max_image_bytes: u64,
    ) -> Result<Option<OriginalObject>, ServiceError> {
        let what = || format!("get {key}");
        let expected_bytes = expected_bytes.unwrap_or(max_image_bytes);
        let mut held = self
            .byte_budget
            .hold(expected_bytes.min(max_image_bytes))
            .await;
        let answer = self
            .s3
            .get_object()
            .bucket(&self.bucket)
            .key(key.to_string())
            .send()
            .await
            .map_err(|error| ServiceError::classify_read(what(), error));
        let answer = match answer {
            Ok(answer) => answer,
            Err(ServiceError::NotFound { .. }) => return Ok(None),
            Err(error @ ServiceError::Unreadable { .. }) => {
                tracing::warn!(%key, error = with_causes(&error), "original can't be read");
                let listed = self.listed_original(key).await?;
                return Ok(listed
                    .map(|(etag, size_bytes)| OriginalObject::Unreadable { etag, size_bytes }));
            }
            Err(error) => return Err(error),
        };
        // S3 always states the length. Without it, the limit could not be enforced before reading.
        let size_bytes = answer
            .content_length()
            .and_then(|length| u64::try_from(length).ok())
            .ok_or_else(|| ServiceError::unavailable(what(), "the answer has no length"))?;
        let origin = UploadContext::from_metadata(answer.metadata());
        if size_bytes == 0 {
            return Ok(Some(OriginalObject::Whole {
                etag: ETag::of_nothing(),
                bytes: Vec::new(),
                held,
                origin,
            }));
        }
        let etag = required(answer.e_tag(), what)?;
        if size_bytes > max_image_bytes {
            return Ok(Some(OriginalObject::TooLarge { etag, size_bytes }));
        }
        if !self.byte_budget.covers(&held, size_bytes) {
            // Nobody waits for a part and holds another.
            drop(held);
            held = self.byte_budget.hold(size_bytes).await;
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size_bytes).unwrap_or(0));
        let mut body = answer.body;
        while let Some(part) = body
            .try_next()
            .await
            .map_err(|error| ServiceError::unavailable(what(), error))?
        {
            bytes.extend_from_slice(&part);
        }
        Ok(Some(OriginalObject::Whole {
            etag,
            bytes,
            held,
            origin,
        }))
    }

    /// Returns the `ETag` of the present original, if there is one. S3's reads are strongly
    /// consistent.
    ///
    /// The request is a `GET` of one byte. `HEAD` needs the same permission at AWS, but its
    /// response has no body, and so no error code that tells a missing object from a missing
    /// permission.
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
        match answer.map_err(|error| ServiceError::classify_read(what(), error)) {
            Ok(answer) => required(answer.e_tag(), what).map(Some),
            // An empty object has no first byte.
            Err(ServiceError::OutOfRange { .. }) => Ok(Some(ETag::of_nothing())),
            Err(ServiceError::NotFound { .. }) => Ok(None),
            Err(ServiceError::Unreadable { .. }) => {
                let listed = self.listed_original(key).await?;
                Ok(listed.map(|(etag, _)| etag))
            }
            Err(error) => Err(error),
        }
    }

    /// Returns `ETag` and size of an original from a listing, which S3 answers for every object,
    /// however it is stored.
    async fn listed_original(
        &self,
        key: &OriginalKey,
    ) -> Result<Option<(ETag, u64)>, ServiceError> {
        let what = || format!("list {key}");
        let key = key.to_string();
        let listing = self
            .s3
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(&key)
            .max_keys(1)
            .send()
            .await
            .map_err(|error| ServiceError::classify(what(), error))?;
        // Keys are in order, so the key itself is before all that begin with it.
        let listed = listing.contents().first();
        let Some(object) = listed.filter(|object| object.key() == Some(&key)) else {
            return Ok(None);
        };
        let size_bytes = object
            .size()
            .and_then(|size| u64::try_from(size).ok())
            .ok_or_else(|| ServiceError::unavailable(what(), "the listing has no size"))?;
        Ok(Some((required(object.e_tag(), what)?, size_bytes)))
    }

    /// Writes one variant, overwriting that of an earlier attempt, and returns its `ETag`.
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

    /// Removes every variant of an image, of whatever set of variants.
    pub async fn remove_variants(&self, folder: &VariantFolder) -> Result<(), ServiceError> {
        let prefix = folder.to_string();
        // A prefix holds a handful of objects; the first thousand are all of them.
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

/// Returns the `ETag`, which S3 always sends. Without it, a change of the original could not be
/// detected.
fn required(text: Option<&str>, what: impl Fn() -> String) -> Result<ETag, ServiceError> {
    text.map(|text| ETag(text.to_owned()))
        .ok_or_else(|| ServiceError::unavailable(what(), "the answer has no ETag"))
}
