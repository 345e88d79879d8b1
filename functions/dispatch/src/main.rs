//! The dispatcher: gives the events of S3 to the worker's queue of jobs, each under the name of its
//! owner, so that no user waits behind another.
//!
//! S3 can't name a message group in its notifications, and without one SQS can't tell the users
//! apart. The dispatcher reads no object and no record.

mod batch;
mod config;
mod plan;

use aws::{clients, job_queue::JobQueue};
use common::startup;
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::{
    batch::{Dispatcher, handle},
    config::Config,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = startup::configure(|variable| Config::read(variable))?;
    let sdk = clients::for_the_function().await;
    let dispatcher = &Dispatcher {
        stage: config.stage,
        bucket: config.bucket,
        job_queue: JobQueue::new(&sdk, config.queue_url),
    };
    lambda_runtime::run(service_fn(move |event: LambdaEvent<_>| async move {
        let request_id = &event.context.request_id;
        Ok::<_, Error>(handle(dispatcher, event.payload, request_id).await)
    }))
    .await
}
