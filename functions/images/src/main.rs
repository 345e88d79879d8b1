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
mod me;
mod original_key;
mod patch;
mod patch_body;
mod presigned_links;
mod query;
mod read;
mod retry;
mod route;
mod selection;
mod wait_budget;

use aws::{clients, user_store::UserStores};
use common::startup;
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::{config::Config, handler::handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = startup::configure(|variable| Config::read(variable))?;
    let user_stores = UserStores::new(&clients::for_users().await, config.user_store.clone());
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
