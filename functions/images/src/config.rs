//! The configuration of the images function.

use std::time::{Duration, Instant};

use aws::user_store::UserStoreConfig;
use common::config::{ConfigError, Settings};

use crate::wait_budget::WaitBudget;

/// The resources of the function, and the lifetime of links.
#[derive(Debug)]
pub(crate) struct Config {
    /// The resources of the user stores.
    pub user_store: UserStoreConfig,
    /// The time for which a presigned URL stays the same. It is valid for up to twice as long.
    pub url_window: Duration,
    /// How long requests may wait.
    pub wait_budget: WaitBudget,
}

impl Config {
    /// Reads the variables. An error lists all problems.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let user_store = UserStoreConfig::read(&mut settings);
        let url_window = Duration::from_secs(settings.number("HIKIDASHI_URL_EXPIRY_SECS"));
        let max_wait = Duration::from_secs(settings.number("HIKIDASHI_MAX_WAIT_SECS"));
        let percent = settings.number("HIKIDASHI_WAIT_PERCENT");
        settings.finish(|| {
            Some(Self {
                user_store: user_store?,
                url_window,
                wait_budget: WaitBudget::new(max_wait, percent, Instant::now()),
            })
        })
    }
}
