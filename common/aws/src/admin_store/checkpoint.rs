//! The checkpoint of the scheduled reconciliation, in an object of its own.

use crate::{admin_store::AdminStore, service_error::ServiceError};
use common::keys;

/// The limit of a checkpoint, which is one line. A longer object is ignored.
const MAX_BYTES: i64 = 4096;

impl AdminStore {
    /// Returns the line that [`AdminStore::keep_checkpoint`] stored last, or `None` if there is
    /// none or the object could not be a checkpoint.
    pub async fn checkpoint(&self) -> Result<Option<String>, ServiceError> {
        let key = keys::checkpoint(self.stage());
        let what = || format!("get {key}");
        let answer = self
            .s3
            .get_object()
            .bucket(&self.config.bucket)
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

    /// Stores a line for the next run. An empty line makes it start from the beginning.
    pub async fn keep_checkpoint(&self, line: &str) -> Result<(), ServiceError> {
        let key = keys::checkpoint(self.stage());
        self.s3
            .put_object()
            .bucket(&self.config.bucket)
            .key(&key)
            .content_type("text/plain")
            .body(line.as_bytes().to_vec().into())
            .send()
            .await
            .map_err(|error| ServiceError::classify(format!("put {key}"), error))?;
        Ok(())
    }
}
