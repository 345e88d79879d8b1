//! What lies in a deployment, as its keeper sees it: everybody's originals, variants and records.
//!
//! It is for the operator's tools (`reconcile`, `erase`) with the operator's or the tool's own credentials, and no
//! function that faces a user has it. What it reads is strongly consistent: S3 always is, and the table is asked to be.

mod checkpoint;
mod objects;
mod queue;
mod record_facts;
mod records;
mod versions;

use aws_config::SdkConfig;

use common::keys::Stage;

pub use objects::{Entry, ListedOriginal, ListedVariant, ListingStream};
pub use record_facts::{RawKey, RecordFacts, RecordVersion};
pub use records::RecordPage;
pub use versions::{Version, VersionMarker, VersionPage};

/// Where a deployment keeps things.
#[derive(Clone, Debug)]
pub struct AdminStoreConfig {
    /// The deployment.
    pub stage: Stage,
    /// The bucket's name.
    pub bucket: String,
    /// The table's name.
    pub table: String,
    /// The job queue.
    pub queue_url: String,
}

/// The keeper's view of bucket, table and job queue.
#[derive(Clone, Debug)]
pub struct AdminStore {
    s3: aws_sdk_s3::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    sqs: aws_sdk_sqs::Client,
    places: AdminStoreConfig,
}

impl AdminStore {
    /// `sdk` holds the credentials: see [`clients::for_the_function`](crate::clients::for_the_function).
    pub fn new(sdk: &SdkConfig, places: AdminStoreConfig) -> Self {
        let s3 = aws_sdk_s3::config::Builder::from(sdk)
            .force_path_style(sdk.endpoint_url().is_some())
            .build();
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            dynamodb: aws_sdk_dynamodb::Client::new(sdk),
            sqs: aws_sdk_sqs::Client::new(sdk),
            places,
        }
    }

    /// The deployment.
    pub fn stage(&self) -> &Stage {
        &self.places.stage
    }

    /// The bucket's name.
    pub fn bucket(&self) -> &str {
        &self.places.bucket
    }
}
