//! The HTTP API's Lambda authorizer: passes requests with a token that the issuer has signed: the
//! user pool, or another `OpenID` provider.
//!
//! It keeps unauthenticated callers out. It does not separate users: IAM does, with the credentials
//! that Cognito issues for the same token. Nor does it check whether the token is usable: the
//! gateway would respond to a denial with a bare 403, whereas the function can respond that the
//! token has expired, or that it is an access token.

mod config;
mod decision;
mod jwks;
mod verifier;

use common::{error_chain::with_causes, startup};
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::{
    config::Config,
    decision::decide,
    jwks::{HttpKeys, KeysLocation},
    verifier::Verifier,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = startup::configure(|variable| Config::read(variable))?;
    let location = match config.jwks_url {
        Some(url) => KeysLocation::Known(url),
        None => KeysLocation::Discovered(config.issuer.clone()),
    };
    let keys = HttpKeys::new(location).inspect_err(|error| {
        tracing::error!(
            error = with_causes(error),
            "HTTP client of the JWKS not created"
        );
    })?;
    let verifier = Verifier::new(config.issuer, keys);
    let verifier = &verifier;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<_>| async move {
        decide(verifier, &event.payload).await.map_err(Error::from)
    }))
    .await
}
