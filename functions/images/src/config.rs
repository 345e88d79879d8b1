//! The configuration of the images function.

use std::time::Duration;

use aws::user_store::UserStoreConfig;
use common::config::{ConfigError, Settings};

/// The resources of the function, and the lifetime of links.
#[derive(Debug)]
pub(crate) struct Config {
    /// The resources of the user stores.
    pub user_store: UserStoreConfig,
    /// The time for which a presigned URL stays the same. It is valid for up to twice as long.
    pub url_window: Duration,
}

impl Config {
    /// Reads the variables. An error lists all problems.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let user_store = UserStoreConfig::read(&mut settings);
        let url_window = Duration::from_secs(settings.number("HIKIDASHI_URL_EXPIRY_SECS"));
        settings.finish(|| {
            Some(Self {
                user_store: user_store?,
                url_window,
            })
        })
    }
}
