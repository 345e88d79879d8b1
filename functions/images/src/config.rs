//! What the images function has to know.

use std::time::Duration;

use aws::user_store::UserStoreConfig;
use common::config::{ConfigError, Settings};

/// Where images are, and how long a link to one stays the same.
#[derive(Debug)]
pub(crate) struct Config {
    /// Where user stores are.
    pub places: UserStoreConfig,
    /// How long a presigned URL stays the same; it lives for up to two of these.
    pub url_window: Duration,
}

impl Config {
    /// Fails with all problems at once.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let places = UserStoreConfig::read(&mut settings);
        let url_window = Duration::from_secs(settings.number("HIKIDASHI_URL_EXPIRY_SECS"));
        settings.finish(|| {
            Some(Self {
                places: places?,
                url_window,
            })
        })
    }
}
