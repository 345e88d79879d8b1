//! How far the nightly reconciliation came, in an object of its own.

use crate::{admin_store::AdminStore, service_error::ServiceError};
use common::keys;

/// A checkpoint is a line. Whatever has more is none.
const MAX_BYTES: i64 = 4096;

impl AdminStore {
    /// What [`AdminStore::keep_checkpoint`] kept last. Nothing was kept, or nothing that could be a checkpoint: `None`.
    pub async fn checkpoint(&self) -> Result<Option<String>, ServiceError> {
        let key = keys::checkpoint(self.stage());
        let what = || format!("get {key}");
        let answer = self
            .s3
            .get_object()
            .bucket(&self.places.bucket)
            .key(&key)
            .send()
            .await;
        let answer = match answer.map_err(|error| ServiceError::classify(what(), error)) {
            Ok(answer) => answer,
            Err(ServiceError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        if answer
            .content_length()
            .is_none_or(|length| length > MAX_BYTES)
        {
            return Ok(None);
        }
        let body = answer
            .body
            .collect()
            .await
            .map_err(|error| ServiceError::unavailable(what(), error))?;
        let text = String::from_utf8(body.to_vec()).ok();
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// Keeps a line for the next run; an empty one says to start from the beginning.
    pub async fn keep_checkpoint(&self, line: &str) -> Result<(), ServiceError> {
        let key = keys::checkpoint(self.stage());
        self.s3
            .put_object()
            .bucket(&self.places.bucket)
            .key(&key)
            .content_type("text/plain")
            .body(line.as_bytes().to_vec().into())
            .send()
            .await
            .map_err(|error| ServiceError::classify(format!("put {key}"), error))?;
        Ok(())
    }
}
