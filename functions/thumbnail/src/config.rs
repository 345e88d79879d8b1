//! The configuration of the worker.

use std::sync::Arc;

use common::{
    config::{ConfigError, Settings},
    keys::Stage,
    quota::Quota,
};

use engine::Recipe;

/// Stage, services and recipe.
#[derive(Debug)]
pub(crate) struct Config {
    /// The deployment.
    pub stage: Stage,
    /// The bucket's name.
    pub bucket: String,
    /// The table's name.
    pub table: String,
    /// The event bus of completion events, where they are on.
    pub event_bus: Option<String>,
    /// The quota of each user.
    pub quota: Quota,
    /// Variants and limits.
    pub recipe: Arc<Recipe>,
}

impl Config {
    /// Reads the variables. The error names every invalid one.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let stage = settings.parsed("HIKIDASHI_STAGE", Stage::parse);
        let bucket = settings.text("HIKIDASHI_BUCKET");
        let table = settings.text("HIKIDASHI_TABLE");
        let event_bus = settings.optional_text("HIKIDASHI_EVENT_BUS");
        let quota = Quota::read(&mut settings);
        let recipe = Recipe::from_settings(&mut settings);
        settings.finish(|| {
            Some(Self {
                stage: stage?,
                bucket,
                table,
                event_bus,
                quota,
                recipe: Arc::new(recipe?),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changes: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let good = [
            ("HIKIDASHI_STAGE", "dev"),
            ("HIKIDASHI_BUCKET", "b"),
            ("HIKIDASHI_TABLE", "t"),
            ("HIKIDASHI_EVENT_BUS", ""),
            ("HIKIDASHI_MAX_USER_BYTES", "1"),
            ("HIKIDASHI_MAX_USER_IMAGES", "0"),
            ("HIKIDASHI_VARIANTS", "small:160,large:1024"),
            ("HIKIDASHI_JPEG_QUALITY", "80"),
            ("HIKIDASHI_KEEP_LOCATION", "off"),
            ("HIKIDASHI_ACCEPT_HEIC", "on"),
            ("HIKIDASHI_MAX_IMAGE_BYTES", "1"),
            ("HIKIDASHI_MAX_IMAGE_PIXELS", "1"),
            ("HIKIDASHI_MAX_IMAGE_EDGE", "1"),
            ("HIKIDASHI_MAX_IMAGE_FRAMES", "1"),
            ("HIKIDASHI_MAX_DECODED_BYTES", "1"),
            ("HIKIDASHI_IMAGE_DEADLINE_SECS", "1"),
        ];
        let all: Vec<_> = changes.iter().chain(&good).copied().collect();
        Config::read(|name| {
            all.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_template_s_defaults_are_a_configuration() {
        let config = read(&[]).unwrap();
        assert_eq!(config.recipe.variants.len(), 2);
    }

    #[test]
    fn each_bad_variable_is_named_with_its_value() {
        let error = read(&[
            ("HIKIDASHI_VARIANTS", "small:big"),
            ("HIKIDASHI_JPEG_QUALITY", "101"),
            ("HIKIDASHI_KEEP_LOCATION", "yes"),
            ("HIKIDASHI_STAGE", "a/b"),
            ("HIKIDASHI_MAX_USER_BYTES", "-1"),
        ])
        .unwrap_err();
        assert_eq!(error.0.len(), 5, "{error}");
        assert!(error.to_string().contains("small:big"), "{error}");
    }
}
