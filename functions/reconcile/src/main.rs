//! The scheduled reconciliation: the same as `upkeep`, with a time budget and a checkpoint for the
//! next run.

mod config;
mod request;
mod run;

use std::time::{Duration, SystemTime};

use aws::{admin_store::AdminStore, clients};
use common::{error_chain::with_causes, startup};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use tokio::time::Instant;

use crate::{config::Config, request::ReconcileRequest};

/// The time that is reserved at the end of a run, to send the collected messages and to write the
/// checkpoint. The longest step that may be in progress then is a page of the table.
const CLOSING_TIME: Duration = Duration::from_mins(1);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = startup::configure(|variable| Config::read(variable))?;
    let sdk = clients::for_the_function().await;
    let admin_store = &AdminStore::new(&sdk, config.admin_store.clone());
    let config = &config;
    lambda_runtime::run(service_fn(
        move |event: LambdaEvent<ReconcileRequest>| async move {
            let left = event
                .context
                .deadline()
                .duration_since(SystemTime::now())
                .unwrap_or_default();
            let deadline = Instant::now() + left.saturating_sub(CLOSING_TIME);
            run::run(admin_store, config, &event.payload, deadline)
                .await
                .inspect_err(|error| {
                    tracing::error!(error = with_causes(error), "reconciliation run failed");
                })
                .map_err(Error::from)
        },
    ))
    .await
}
