//! What the upload function has to know.

use std::time::Duration;

use common::{
    config::{ConfigError, Settings},
    drawer::Places,
    keys::Stage,
};

/// Where uploads go, and how large they may be.
#[derive(Debug)]
pub(crate) struct Config {
    /// Where drawers are.
    pub places: Places,
    /// The user pool's provider URL: the `iss` of its tokens.
    pub issuer: String,
    /// Of a file, after base64 and form are taken off.
    pub max_upload_bytes: u64,
    /// How long a record waits for its original.
    pub pending_expiry: Duration,
}

impl Config {
    /// Fails with all problems at once.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let stage = settings.parsed("HIKIDASHI_STAGE", Stage::parse);
        let bucket = settings.text("HIKIDASHI_BUCKET");
        let table = settings.text("HIKIDASHI_TABLE");
        let identity_pool_id = settings.text("HIKIDASHI_IDENTITY_POOL_ID");
        let login_provider = settings.text("HIKIDASHI_LOGIN_PROVIDER");
        let issuer = settings.text("HIKIDASHI_ISSUER");
        let max_upload_bytes = settings.number("HIKIDASHI_MAX_UPLOAD_BYTES");
        let pending_expiry = Duration::from_secs(settings.number("HIKIDASHI_PENDING_EXPIRY_SECS"));
        settings.finish(|| {
            let places = Places {
                stage: stage?,
                bucket,
                table,
                identity_pool_id,
                login_provider,
            };
            Some(Self {
                places,
                issuer,
                max_upload_bytes,
                pending_expiry,
            })
        })
    }
}
