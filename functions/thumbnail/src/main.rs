//! The thumbnail worker: processes S3 events from a queue, writes variants and completes records.

mod batch;
mod config;
mod fresh_start;
mod metrics;
mod process;
mod thumbnailer;

use std::time::Duration;

use aws::{clients, event_publisher::EventPublisher, worker_store::WorkerStore};
use common::startup;
use lambda_runtime::{
    Error, LambdaEvent, Runtime, layers::TracingLayer, service_fn, tower::util::ThenLayer,
};

use crate::{batch::handle, config::Config, fresh_start::start_afresh, thumbnailer::Thumbnailer};

/// The time for reading and writing that a message gets in addition to that of its image.
const IO_TIME: Duration = Duration::from_secs(10);

/// The number of originals of the largest size that are in memory at once: one is read while
/// another is decoded. Of small ones, as many as a batch has.
const ORIGINALS_AT_ONCE: u64 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = startup::configure(|variable| Config::read(variable))?;
    let sdk = clients::for_the_function().await;
    let worker_store = WorkerStore::new(&sdk, config.stage, config.bucket, config.table)
        .limiting(config.quota)
        .holding_at_most(ORIGINALS_AT_ONCE.saturating_mul(config.recipe.limits.max_image_bytes))
        .announcing(EventPublisher::new(&sdk, config.event_bus));
    let budget = config.recipe.limits.image_deadline + IO_TIME;
    let thumbnailer = &Thumbnailer::new(config.recipe);
    let worker_store = &worker_store;
    let handler = service_fn(move |event: LambdaEvent<_>| async move {
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
    });
    // When this runs, the response has been sent.
    let after_each = ThenLayer::new(move |result: Result<(), Error>| async move {
        if thumbnailer.is_worn_out() {
            let error = start_afresh();
            tracing::error!(%error, "the process can't start afresh");
        }
        result
    });
    Runtime::new(handler)
        .layer(TracingLayer::new())
        .layer(after_each)
        .run()
        .await
}
