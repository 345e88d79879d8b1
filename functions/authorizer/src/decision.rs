//! The decision about a request.

use std::collections::HashMap;

use aws_lambda_events::apigw::ApiGatewayV2CustomAuthorizerSimpleResponse;
use common::{error_chain::with_causes, id_token::without_scheme};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    jwks::KeySource,
    verifier::{Verifier, VerifyError},
};

/// The headers of the authorizer's event (payload format 2.0). Emulators leave out `identitySource`
/// and `routeArn`, and nothing depends on them.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    #[serde(default)]
    headers: HashMap<String, String>,
}

/// A simple response with an empty context.
pub(crate) type Decision = ApiGatewayV2CustomAuthorizerSimpleResponse<Map<String, Value>>;

/// Decides about a request. A forged token is a deny. A failure to fetch the JWKS is an *error*,
/// which the gateway answers with a 500 and does not cache: a fault of the service must not tell
/// the caller that the token is bad.
pub(crate) async fn decide<K: KeySource>(
    verifier: &Verifier<K>,
    request: &Request,
) -> Result<Decision, VerifyError> {
    let token = request
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        .map_or("", |(_, value)| without_scheme(value));
    let mut decision = Decision::default();
    decision.is_authorized = match verifier.verify(token).await {
        Ok(()) => true,
        Err(VerifyError::Refused(reason)) => {
            tracing::info!(%reason, "token refused");
            false
        }
        Err(error @ VerifyError::Keys(_)) => {
            tracing::error!(
                error = with_causes(&error),
                "the issuer's JWKS is not available"
            );
            return Err(error);
        }
    };
    Ok(decision)
}
