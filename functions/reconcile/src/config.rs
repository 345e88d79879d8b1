//! The configuration of the function.

use std::time::Duration;

use aws::admin_store::AdminStoreConfig;
use common::{
    config::{ConfigError, Settings},
    keys::Stage,
    quota::Quota,
};
use engine::VariantSet;
use maintenance::reconcile::Wanted;

/// Services, the expected set of variants, and the budgets of a run.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) admin_store: AdminStoreConfig,
    /// What the worker makes of an original.
    pub(crate) wanted: Wanted,
    pub(crate) grace: Duration,
    pub(crate) max_enqueue: u64,
    pub(crate) max_remove: u64,
    pub(crate) max_foreign: u64,
    pub(crate) foreign_age: Duration,
}

impl Config {
    /// Reads the variables. The error names every invalid one.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let stage = settings.parsed("HIKIDASHI_STAGE", Stage::parse);
        let bucket = settings.text("HIKIDASHI_BUCKET");
        let table = settings.text("HIKIDASHI_TABLE");
        let queue_url = settings.text("HIKIDASHI_QUEUE_URL");
        let variant_set = VariantSet::from_settings(&mut settings);
        let keep_location = settings.parsed("HIKIDASHI_KEEP_LOCATION", str::parse);
        let quota = Quota::read(&mut settings);
        let grace = Duration::from_secs(settings.number("HIKIDASHI_GRACE_SECS"));
        let max_enqueue = settings.number("HIKIDASHI_MAX_ENQUEUE");
        let max_remove = settings.number("HIKIDASHI_MAX_REMOVE");
        let max_foreign = settings.number("HIKIDASHI_MAX_FOREIGN");
        let foreign_days: u32 = settings.number("HIKIDASHI_FOREIGN_DAYS");
        settings.finish(|| {
            Some(Self {
                admin_store: AdminStoreConfig {
                    stage: stage?,
                    bucket,
                    table,
                    queue_url,
                    quota,
                },
                wanted: Wanted {
                    variant_set: variant_set?,
                    keep_location: keep_location?,
                },
                grace,
                max_enqueue,
                max_remove,
                max_foreign,
                foreign_age: Duration::from_hours(24) * foreign_days,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_s_variables_are_a_configuration_and_each_bad_one_is_named() {
        let read_with = |stage: &'static str, quality: &'static str| {
            Config::read(move |name| {
                let value = match name {
                    "HIKIDASHI_STAGE" => stage,
                    "HIKIDASHI_BUCKET" | "HIKIDASHI_TABLE" | "HIKIDASHI_QUEUE_URL" => "x",
                    "HIKIDASHI_VARIANTS" => "small:160",
                    "HIKIDASHI_JPEG_QUALITY" => quality,
                    "HIKIDASHI_KEEP_LOCATION" => "off",
                    "HIKIDASHI_MAX_USER_BYTES" | "HIKIDASHI_MAX_USER_IMAGES" => "0",
                    "HIKIDASHI_GRACE_SECS"
                    | "HIKIDASHI_MAX_ENQUEUE"
                    | "HIKIDASHI_MAX_REMOVE"
                    | "HIKIDASHI_MAX_FOREIGN" => "1000",
                    "HIKIDASHI_FOREIGN_DAYS" => "7",
                    _ => return None,
                };
                Some(value.to_owned())
            })
        };
        let read = |stage| read_with(stage, "80");
        assert_eq!(read("dev").unwrap().max_enqueue, 1000);
        let error = read_with("dev", "101").unwrap_err();
        assert!(
            error.to_string().contains("HIKIDASHI_JPEG_QUALITY"),
            "{error}"
        );
        let error = read("a/b").unwrap_err();
        assert!(error.to_string().contains("HIKIDASHI_STAGE"), "{error}");
    }
}
