//! The configuration of the authorizer.

use common::config::{ConfigError, Settings};

/// The issuer whose tokens pass.
#[derive(Debug)]
pub(crate) struct Config {
    /// The `iss` claim: the user pool's provider URL, or that of another `OpenID` provider.
    pub issuer: String,
    /// The URL of the issuer's JWKS. If absent, the issuer's discovery document has it.
    pub jwks_url: Option<String>,
}

impl Config {
    /// Reads the variables. An error lists all problems.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let config = Self {
            issuer: settings.text("HIKIDASHI_ISSUER"),
            jwks_url: settings.optional_text("HIKIDASHI_JWKS_URL"),
        };
        settings.finish(|| Some(config))
    }
}
