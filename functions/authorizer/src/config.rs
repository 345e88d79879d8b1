//! What the authorizer has to know.

use common::config::{ConfigError, Settings};

/// Whose tokens pass.
#[derive(Debug)]
pub(crate) struct Config {
    /// The `iss` claim: the user pool's provider URL.
    pub issuer: String,
    /// Where the pool publishes its keys.
    pub jwks_url: String,
}

impl Config {
    /// Fails with all problems at once.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let config = Self {
            issuer: settings.text("HIKIDASHI_ISSUER"),
            jwks_url: settings.text("HIKIDASHI_JWKS_URL"),
        };
        settings.finish(|| Some(config))
    }
}
