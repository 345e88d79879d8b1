//! The store of the worker, with the permissions of the worker's role: it reads originals, writes
//! variants and completes records.

mod byte_budget;
mod counted;
mod objects;
mod outcome;
mod process_event;
mod records;

use aws_config::SdkConfig;

use crate::{conflicts, event_publisher::EventPublisher, worker_store::byte_budget::ByteBudget};
use common::{keys::Stage, quota::Quota};

pub use byte_budget::Held;
pub use objects::{ETag, OriginalObject};
pub use outcome::{Outcome, Unrelated};
pub use process_event::ContendedOriginal;

/// The worker's client of the bucket and the table.
#[derive(Clone, Debug)]
pub struct WorkerStore {
    s3: aws_sdk_s3::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    stage: Stage,
    bucket: String,
    table: String,
    event_publisher: EventPublisher,
    quota: Quota,
    byte_budget: ByteBudget,
}

impl WorkerStore {
    /// Creates the store. `sdk` holds the role's credentials: see
    /// [`clients::for_the_function`](crate::clients::for_the_function).
    pub fn new(sdk: &SdkConfig, stage: Stage, bucket: String, table: String) -> Self {
        let s3 = aws_sdk_s3::config::Builder::from(sdk)
            .force_path_style(sdk.endpoint_url().is_some())
            .build();
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            dynamodb: conflicts::client(sdk),
            stage,
            bucket,
            table,
            event_publisher: EventPublisher::default(),
            quota: Quota::default(),
            byte_budget: ByteBudget::default(),
        }
    }

    /// Adds a publisher, which announces every completed image on the event bus.
    #[must_use]
    pub fn announcing(self, event_publisher: EventPublisher) -> Self {
        Self {
            event_publisher,
            ..self
        }
    }

    /// Sets the quota of each user. Without one, nothing is counted.
    #[must_use]
    pub fn limiting(self, quota: Quota) -> Self {
        Self { quota, ..self }
    }

    /// Limits the bytes of originals that are in memory at once. Without a limit, as many are read
    /// at once as events are processed at once.
    #[must_use]
    pub fn holding_at_most(self, bytes: u64) -> Self {
        Self {
            byte_budget: ByteBudget::new(bytes),
            ..self
        }
    }

    /// Returns the deployment.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Returns the name of the bucket. Events of other buckets are unrelated.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }
}
