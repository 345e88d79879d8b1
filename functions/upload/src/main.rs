//! `POST /upload` stores an image in the caller's user store; `POST /upload/presign` returns a
//! presigned PUT.

mod config;
mod content_disposition;
mod event;
mod handler;
mod metrics;
mod presign;
mod presign_request;
mod quota;
mod store;
mod upload_body;

use aws::{clients, user_store::UserStores};
use common::{origin::UploadContext, startup};
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::{config::Config, handler::handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = startup::configure(|variable| Config::read(variable))?;
    let user_stores = UserStores::new(&clients::for_users().await, config.user_store.clone());
    let (config, user_stores) = (&config, &user_stores);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<_>| async move {
        let request = UploadContext::new(
            &event.context.request_id,
            event.context.xray_trace_id.as_deref(),
        );
        let request_id = &event.context.request_id;
        Ok::<_, Error>(handle(config, user_stores, event.payload, request_id, &request).await)
    }))
    .await
}
