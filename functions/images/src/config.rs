//! The configuration of the images function.

use std::time::{Duration, Instant};

use aws::user_store::UserStoreConfig;
use common::{
    config::{ConfigError, Settings},
    quota::Quota,
};

use crate::{me::UploadLimits, wait_budget::WaitBudget};

/// The resources of the function, and the lifetime of links.
#[derive(Debug)]
pub(crate) struct Config {
    /// The resources of the user stores.
    pub user_store: UserStoreConfig,
    /// The time for which a presigned URL stays the same. It is valid for up to twice as long.
    pub url_window: Duration,
    /// How long requests may wait.
    pub wait_budget: WaitBudget,
    /// The quota of each user.
    pub quota: Quota,
    /// The limits of uploads, which `GET /me` tells.
    pub upload_limits: UploadLimits,
}

impl Config {
    /// Reads the variables. An error lists all problems.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let user_store = UserStoreConfig::read(&mut settings);
        let url_window = Duration::from_secs(settings.number("HIKIDASHI_URL_EXPIRY_SECS"));
        let max_wait = Duration::from_secs(settings.number("HIKIDASHI_MAX_WAIT_SECS"));
        let percent = settings.number("HIKIDASHI_WAIT_PERCENT");
        let quota = Quota::read(&mut settings);
        let upload_limits = UploadLimits {
            max_upload_bytes: settings.number("HIKIDASHI_MAX_UPLOAD_BYTES"),
            max_image_bytes: settings.number("HIKIDASHI_MAX_IMAGE_BYTES"),
            accept_heic: settings.switch("HIKIDASHI_ACCEPT_HEIC"),
        };
        settings.finish(|| {
            Some(Self {
                user_store: user_store?,
                url_window,
                wait_budget: WaitBudget::new(max_wait, percent, Instant::now()),
                quota,
                upload_limits,
            })
        })
    }
}
