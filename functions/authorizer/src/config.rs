//! The configuration of the authorizer.

use common::config::{ConfigError, Settings};

/// The user pool whose tokens pass.
#[derive(Debug)]
pub(crate) struct Config {
    /// The `iss` claim: the user pool's provider URL.
    pub issuer: String,
    /// The URL of the pool's JWKS.
    pub jwks_url: String,
}

impl Config {
    /// Reads the variables. An error lists all problems.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let config = Self {
            issuer: settings.text("HIKIDASHI_ISSUER"),
            jwks_url: settings.text("HIKIDASHI_JWKS_URL"),
        };
        settings.finish(|| Some(config))
    }
}
