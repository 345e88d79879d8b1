//! The configuration of the dispatcher.

use common::{
    config::{ConfigError, Settings},
    keys::Stage,
};

/// The resources of the function.
#[derive(Debug)]
pub(crate) struct Config {
    /// The deployment.
    pub stage: Stage,
    /// The bucket's name.
    pub bucket: String,
    /// The URL of the job queue.
    pub queue_url: String,
}

impl Config {
    /// Reads the variables. An error lists all problems.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let stage = settings.parsed("HIKIDASHI_STAGE", Stage::parse);
        let bucket = settings.text("HIKIDASHI_BUCKET");
        let queue_url = settings.text("HIKIDASHI_QUEUE_URL");
        settings.finish(|| {
            Some(Self {
                stage: stage?,
                bucket,
                queue_url,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_missing_or_wrong_is_told_at_once() {
        let error = Config::read(|name| (name == "HIKIDASHI_STAGE").then(|| "A/B".into()));
        assert_eq!(error.unwrap_err().0.len(), 3);
    }
}
