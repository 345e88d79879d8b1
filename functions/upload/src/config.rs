//! The configuration of the upload function.

use std::time::Duration;

use aws::user_store::UserStoreConfig;
use common::config::{ConfigError, Settings};

/// The resources of the function, and the limits of uploads.
#[derive(Debug)]
pub(crate) struct Config {
    /// The resources of the user stores.
    pub user_store: UserStoreConfig,
    /// The limit of an uploaded file, after base64 and form are decoded.
    pub max_upload_bytes: u64,
    /// The limit of a presigned upload, which is the limit of the worker.
    pub max_image_bytes: u64,
    /// The time for which a pending record waits for its original.
    pub pending_expiry: Duration,
}

impl Config {
    /// Reads the variables. An error lists all problems.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let user_store = UserStoreConfig::read(&mut settings);
        let max_upload_bytes = settings.number("HIKIDASHI_MAX_UPLOAD_BYTES");
        let max_image_bytes = settings.number("HIKIDASHI_MAX_IMAGE_BYTES");
        let pending_expiry = Duration::from_secs(settings.number("HIKIDASHI_PENDING_EXPIRY_SECS"));
        settings.finish(|| {
            Some(Self {
                user_store: user_store?,
                max_upload_bytes,
                max_image_bytes,
                pending_expiry,
            })
        })
    }
}
