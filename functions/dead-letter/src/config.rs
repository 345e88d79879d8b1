//! The configuration of the dead-letter function.

use common::{
    config::{ConfigError, Settings},
    keys::Stage,
    quota::Quota,
};

/// The resources of the function.
#[derive(Debug)]
pub(crate) struct Config {
    /// The deployment.
    pub stage: Stage,
    /// The bucket's name.
    pub bucket: String,
    /// The table's name.
    pub table: String,
    /// The event bus to which failures are published, if there is one.
    pub event_bus: Option<String>,
    /// The quota of each user.
    pub quota: Quota,
    /// The least number of attempts before a message arrives here; the retry queue's
    /// `maxReceiveCount`.
    pub attempts: u32,
}

impl Config {
    /// Reads the variables. An error lists all problems.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let stage = settings.parsed("HIKIDASHI_STAGE", Stage::parse);
        let bucket = settings.text("HIKIDASHI_BUCKET");
        let table = settings.text("HIKIDASHI_TABLE");
        let event_bus = settings.optional_text("HIKIDASHI_EVENT_BUS");
        let quota = Quota::read(&mut settings);
        let attempts = settings.number("HIKIDASHI_MAX_ATTEMPTS");
        settings.finish(|| {
            Some(Self {
                stage: stage?,
                bucket,
                table,
                event_bus,
                quota,
                attempts,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_missing_or_wrong_is_told_at_once() {
        let error = Config::read(|name| (name == "HIKIDASHI_MAX_ATTEMPTS").then(|| "-1".into()))
            .unwrap_err();
        assert_eq!(error.0.len(), 7, "{error}");
    }
}
