//! What the upload function has to know.

use std::time::Duration;

use aws::user_store::UserStoreConfig;
use common::config::{ConfigError, Settings};

/// Where uploads go, and how large they may be.
#[derive(Debug)]
pub(crate) struct Config {
    /// Where user stores are.
    pub places: UserStoreConfig,
    /// Of a file, after base64 and form are taken off.
    pub max_upload_bytes: u64,
    /// Of a file that is put straight into the bucket: what the worker reads.
    pub max_image_bytes: u64,
    /// How long a record waits for its original.
    pub pending_expiry: Duration,
}

impl Config {
    /// Fails with all problems at once.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let places = UserStoreConfig::read(&mut settings);
        let max_upload_bytes = settings.number("HIKIDASHI_MAX_UPLOAD_BYTES");
        let max_image_bytes = settings.number("HIKIDASHI_MAX_IMAGE_BYTES");
        let pending_expiry = Duration::from_secs(settings.number("HIKIDASHI_PENDING_EXPIRY_SECS"));
        settings.finish(|| {
            Some(Self {
                places: places?,
                max_upload_bytes,
                max_image_bytes,
                pending_expiry,
            })
        })
    }
}
