//! The store of operators and of reconciliation: the originals, variants and records of all users
//! of a deployment.
//!
//! The operator's tools (`reconcile`, `erase`) use it with the operator's or the tool's own
//! credentials. No function that serves users has it. Its reads are strongly consistent: S3's
//! always are, and the table's are requested to be.

mod checkpoint;
mod objects;
mod record_facts;
mod records;
mod usage;
mod versions;

use aws_config::SdkConfig;

use crate::{conflicts, job_queue::JobQueue};
use common::{keys::Stage, quota::Quota};

pub use objects::{Entry, ForeignObject, ListedOriginal, ListedVariant, ListingStream};
pub use record_facts::{RawKey, RecordFacts, RecordVersion};
pub use records::RecordPage;
pub use usage::UsageSeen;
pub use versions::{Version, VersionMarker, VersionPage};

/// The resources of a deployment.
#[derive(Clone, Debug)]
pub struct AdminStoreConfig {
    /// The deployment.
    pub stage: Stage,
    /// The bucket's name.
    pub bucket: String,
    /// The table's name.
    pub table: String,
    /// The URL of the job queue.
    pub queue_url: String,
    /// The quota of each user. With quotas, every write keeps the usage items right.
    pub quota: Quota,
}

/// The client of bucket, table and job queue with access to all users.
#[derive(Clone, Debug)]
pub struct AdminStore {
    s3: aws_sdk_s3::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    job_queue: JobQueue,
    config: AdminStoreConfig,
}

impl AdminStore {
    /// Creates the store. `sdk` holds the credentials: see
    /// [`clients::for_the_function`](crate::clients::for_the_function).
    pub fn new(sdk: &SdkConfig, config: AdminStoreConfig) -> Self {
        let s3 = aws_sdk_s3::config::Builder::from(sdk)
            .force_path_style(sdk.endpoint_url().is_some())
            .build();
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            dynamodb: conflicts::client(sdk),
            job_queue: JobQueue::new(sdk, config.queue_url.clone()),
            config,
        }
    }

    /// Returns the worker's queue.
    pub fn job_queue(&self) -> &JobQueue {
        &self.job_queue
    }

    /// Returns the deployment.
    pub fn stage(&self) -> &Stage {
        &self.config.stage
    }

    /// Returns the bucket's name.
    pub fn bucket(&self) -> &str {
        &self.config.bucket
    }
}
