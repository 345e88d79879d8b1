//! What the worker works on, with the right of its own role: it reads originals, writes variants and completes
//! records.

mod objects;
mod process_event;
mod records;

use aws_config::SdkConfig;

use crate::event_publisher::EventPublisher;
use common::keys::Stage;

pub use objects::{ETag, OriginalObject};
pub use process_event::{ContendedOriginal, Outcome, Unrelated};

/// The worker's view of the bucket and the table.
#[derive(Clone, Debug)]
pub struct WorkerStore {
    s3: aws_sdk_s3::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    stage: Stage,
    bucket: String,
    table: String,
    event_publisher: EventPublisher,
}

impl WorkerStore {
    /// `sdk` holds the role's credentials: see [`clients::for_the_function`](crate::clients::for_the_function).
    pub fn new(sdk: &SdkConfig, stage: Stage, bucket: String, table: String) -> Self {
        let s3 = aws_sdk_s3::config::Builder::from(sdk)
            .force_path_style(sdk.endpoint_url().is_some())
            .build();
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            dynamodb: aws_sdk_dynamodb::Client::new(sdk),
            stage,
            bucket,
            table,
            event_publisher: EventPublisher::default(),
        }
    }

    /// From now on, whatever is settled is announced.
    #[must_use]
    pub fn announcing(self, event_publisher: EventPublisher) -> Self {
        Self {
            event_publisher,
            ..self
        }
    }

    /// The deployment that it belongs to.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// The bucket that it works on; events of others are not ours.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }
}
