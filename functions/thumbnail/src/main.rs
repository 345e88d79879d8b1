//! The thumbnail worker: processes S3 events from a queue, writes variants and completes records.

mod batch;
mod config;
mod metrics;
mod process;
mod thumbnailer;

use std::time::Duration;

use aws::{clients, event_publisher::EventPublisher, worker_store::WorkerStore};
use common::startup;
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::{batch::handle, config::Config, thumbnailer::Thumbnailer};

/// The time for reading and writing that a message gets in addition to that of its image.
const IO_TIME: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = startup::configure(|variable| Config::read(variable))?;
    let sdk = clients::for_the_function().await;
    let worker_store = WorkerStore::new(&sdk, config.stage, config.bucket, config.table)
        .announcing(EventPublisher::new(&sdk, config.event_bus));
    let budget = config.recipe.limits.image_deadline + IO_TIME;
    let thumbnailer = &Thumbnailer::new(config.recipe);
    let worker_store = &worker_store;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<_>| async move {
        Ok::<_, Error>(
            handle(
                thumbnailer,
                worker_store,
                event.payload,
                budget,
                event.context.deadline(),
                &event.context.request_id,
            )
            .await,
        )
    }))
    .await
}
