//! The HTTP API's Lambda authorizer: lets through who holds a token that our user pool has signed.
//!
//! It keeps strangers out; it does not keep users apart. That is IAM's work, with the credentials that Cognito
//! gives for the same token. Nor does it ask whether the token is of any use: the gateway would answer a denial with
//! a bare 403, and the function can answer that the token has expired, or that it is an access token.

mod config;
mod decision;
mod jwks;
mod verifier;

use common::{error_chain::with_causes, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::{config::Config, decision::decide, jwks::HttpKeys, verifier::Verifier};

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
    let keys = HttpKeys::new(config.jwks_url)
        .inspect_err(|error| tracing::error!(error = with_causes(error), "no HTTP client"))?;
    let verifier = Verifier::new(config.issuer, keys);
    let verifier = &verifier;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<_>| async move {
        decide(verifier, &event.payload).await.map_err(Error::from)
    }))
    .await
}
