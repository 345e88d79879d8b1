//! `/images`: lists, reads, edits, retries and deletes the caller's images.

mod compression;
mod config;
mod cursor;
mod delete;
mod error;
mod etag;
mod handler;
mod limit;
mod list;
mod original_key;
mod patch;
mod patch_body;
mod presigned_links;
mod query;
mod read;
mod retry;
mod route;
mod selection;

use aws::{clients, user_store::UserStores};
use common::telemetry;
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::{config::Config, handler::handle};

#[expect(
    clippy::disallowed_methods,
    reason = "main is where the environment is read"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start(variable("HIKIDASHI_LOG").as_deref());
    let config =
        Config::read(variable).inspect_err(|error| tracing::error!(%error, "not configured"))?;
    let user_stores = UserStores::new(&clients::for_users().await, config.places.clone());
    let (config, user_stores) = (&config, &user_stores);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<_>| async move {
        let context = event.context;
        let response = handle(
            config,
            user_stores,
            &event.payload,
            &context.request_id,
            context.deadline(),
        );
        Ok::<_, Error>(response.await)
    }))
    .await
}
