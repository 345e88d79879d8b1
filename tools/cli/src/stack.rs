//! Outputs of a deployed stack.

use std::collections::HashMap;

use aws::admin_store::AdminStoreConfig;
use aws_config::SdkConfig;
use aws_sdk_cloudformation::types::Output;
use common::{keys::Stage, quota::Quota};
use engine::{VariantSet, VariantSpec, parse_quality};
use maintenance::reconcile::Wanted;

use crate::error::CliError;

/// Names of the stack's resources, and what the worker makes of an original.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) admin_store: AdminStoreConfig,
    pub(crate) wanted: Wanted,
    pub(crate) events_queue_url: String,
    pub(crate) unreadable_queue_url: String,
    /// The quota of each user.
    pub(crate) quota: Quota,
    pub(crate) users_role: String,
}

impl Stack {
    pub(crate) async fn find(sdk: &SdkConfig, name: &str) -> Result<Self, CliError> {
        let failed = |source| CliError::Stack {
            name: name.to_owned(),
            source,
        };
        let described = aws_sdk_cloudformation::Client::new(sdk)
            .describe_stacks()
            .stack_name(name)
            .send()
            .await
            .map_err(|error| failed(error.into()))?;
        let stack = described.stacks.into_iter().flatten().next();
        let outputs = stack.and_then(|stack| stack.outputs).unwrap_or_default();
        Self::of(name, &by_name(outputs))
    }

    fn of(name: &str, outputs: &HashMap<String, String>) -> Result<Self, CliError> {
        let text = |output: &'static str| {
            outputs.get(output).ok_or_else(|| CliError::NoOutput {
                name: name.to_owned(),
                output,
            })
        };
        let stage = text("StageName")?;
        let variants = text("VariantList")?;
        let jpeg_quality = text("VariantQuality")?;
        let keep_location = text("LocationsKept")?;
        let bad = |output, value: &String| CliError::BadOutput {
            output,
            value: value.clone(),
        };
        let limit = |output| {
            let value = text(output)?;
            value.parse().map_err(|_| bad(output, value))
        };
        let quota = Quota::new(limit("MaxUserBytes")?, limit("MaxUserImages")?);
        let specs = VariantSpec::parse_list(variants).map_err(|_| bad("VariantList", variants))?;
        let quality =
            parse_quality(jpeg_quality).map_err(|_| bad("VariantQuality", jpeg_quality))?;
        Ok(Self {
            admin_store: AdminStoreConfig {
                stage: Stage::parse(stage).map_err(|_| bad("StageName", stage))?,
                bucket: text("BucketName")?.clone(),
                table: text("TableName")?.clone(),
                queue_url: text("QueueUrl")?.clone(),
                quota,
            },
            wanted: Wanted {
                variant_set: VariantSet::new(&specs, quality),
                keep_location: keep_location
                    .parse()
                    .map_err(|_| bad("LocationsKept", keep_location))?,
            },
            events_queue_url: text("EventsQueueUrl")?.clone(),
            unreadable_queue_url: text("UnreadableQueueUrl")?.clone(),
            quota,
            users_role: text("AuthenticatedRoleName")?.clone(),
        })
    }
}

fn by_name(outputs: Vec<Output>) -> HashMap<String, String> {
    outputs
        .into_iter()
        .filter_map(|output| Some((output.output_key?, output.output_value?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs() -> HashMap<String, String> {
        [
            ("StageName", "dev"),
            ("VariantList", "small:160,large:1024"),
            ("VariantQuality", "80"),
            ("LocationsKept", "off"),
            ("BucketName", "b"),
            ("TableName", "t"),
            ("QueueUrl", "q"),
            ("EventsQueueUrl", "e"),
            ("UnreadableQueueUrl", "u"),
            ("MaxUserBytes", "10"),
            ("MaxUserImages", "0"),
            ("AuthenticatedRoleName", "r"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    #[test]
    fn a_stack_is_read_from_its_outputs() {
        let stack = Stack::of("s", &outputs()).unwrap();
        assert_eq!(stack.admin_store.queue_url, "q");
        let specs = VariantSpec::parse_list("large:1024,small:160").unwrap();
        assert_eq!(
            stack.wanted.variant_set.version(),
            VariantSet::new(&specs, 80).version()
        );
    }

    #[test]
    fn what_is_missing_or_malformed_is_named() {
        let mut missing = outputs();
        missing.remove("TableName");
        let error = Stack::of("s", &missing).unwrap_err().to_string();
        assert!(error.contains("TableName"), "{error}");
        let mut malformed = outputs();
        malformed.insert("StageName".to_owned(), "a/b".to_owned());
        let error = Stack::of("s", &malformed).unwrap_err().to_string();
        assert!(error.contains("a/b"), "{error}");
        let mut negative = outputs();
        negative.insert("MaxUserBytes".to_owned(), "-1".to_owned());
        let error = Stack::of("s", &negative).unwrap_err().to_string();
        assert!(error.contains("MaxUserBytes"), "{error}");
    }
}
