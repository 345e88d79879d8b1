//! The dead-letter function: marks the images of events that the worker could not complete as
//! `failed`.

mod batch;
mod config;
mod give_up;

use aws::{clients, event_publisher::EventPublisher, worker_store::WorkerStore};
use common::startup;
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::{batch::handle, config::Config, give_up::GiveUp};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = startup::configure(|variable| Config::read(variable))?;
    let sdk = clients::for_the_function().await;
    let give_up = &GiveUp {
        worker_store: WorkerStore::new(&sdk, config.stage, config.bucket, config.table)
            .limiting(config.quota)
            .announcing(EventPublisher::new(&sdk, config.event_bus)),
        attempts: config.attempts,
    };
    lambda_runtime::run(service_fn(move |event: LambdaEvent<_>| async move {
        let request_id = &event.context.request_id;
        Ok::<_, Error>(handle(give_up, event.payload, request_id).await)
    }))
    .await
}
