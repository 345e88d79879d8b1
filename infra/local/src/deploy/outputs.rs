//! The template's outputs.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

/// Values of the template's `Outputs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Outputs {
    /// The HTTP API.
    pub api_id: String,
    /// The API's address on AWS.
    pub api_url: String,
    /// The name (not the ARN) of the role that signed-in users get.
    pub authenticated_role_name: String,
    /// The bucket of originals and thumbnails.
    pub bucket_name: String,
    /// The dead-letter queue.
    pub dead_letter_queue_url: String,
    /// The queue of S3 events. Empty in a release before it.
    #[serde(default)]
    pub events_queue_url: String,
    /// The identity pool.
    pub identity_pool_id: String,
    /// The worker's queue.
    pub queue_url: String,
    /// The queue of retries, whose messages are received one at a time.
    pub retry_queue_url: String,
    /// The region.
    pub region: String,
    /// The queue of dead letters that could not be read.
    pub unreadable_queue_url: String,
    /// The table of records.
    pub table_name: String,
    /// The user pool's first client. Empty where the users are of another issuer.
    #[serde(default)]
    pub user_pool_client_id: String,
    /// The user pool. Empty where the users are of another issuer.
    #[serde(default)]
    pub user_pool_id: String,
}

impl Outputs {
    /// Reads the outputs from name and value pairs; further pairs are ignored.
    pub fn from_pairs(pairs: BTreeMap<String, String>) -> anyhow::Result<Self> {
        let value = serde_json::to_value(pairs)?;
        let mut outputs: Self =
            serde_json::from_value(value).context("the stack's outputs are not as expected")?;
        // `!Ref` of a role is its name on AWS and its ARN in the emulator.
        if let Some((_, name)) = outputs.authenticated_role_name.rsplit_once('/') {
            outputs.authenticated_role_name = name.to_owned();
        }
        Ok(outputs)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Outputs;

    fn pairs(role: &str) -> BTreeMap<String, String> {
        [
            "ApiId",
            "ApiUrl",
            "BucketName",
            "DeadLetterQueueUrl",
            "IdentityPoolId",
            "QueueUrl",
            "Region",
            "RetryQueueUrl",
            "TableName",
            "UserPoolClientId",
            "UnreadableQueueUrl",
            "UserPoolId",
            "SomethingNewer",
        ]
        .map(|name| (name.to_owned(), name.to_lowercase()))
        .into_iter()
        .chain([("AuthenticatedRoleName".to_owned(), role.to_owned())])
        .collect()
    }

    #[test]
    fn a_role_is_named_whether_the_output_is_its_name_or_its_arn() {
        for role in [
            "hikidashi-Role-1",
            "arn:aws:iam::123456789012:role/hikidashi-Role-1",
        ] {
            let outputs = Outputs::from_pairs(pairs(role)).unwrap();
            assert_eq!(outputs.authenticated_role_name, "hikidashi-Role-1");
        }
    }

    #[test]
    fn a_missing_output_is_named() {
        let mut pairs = pairs("role");
        pairs.remove("TableName");
        let error = format!("{:#}", Outputs::from_pairs(pairs).unwrap_err());
        assert!(error.contains("TableName"), "{error}");
    }
}
