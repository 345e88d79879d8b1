//! The rules of an id token.

use jsonwebtoken::{Algorithm, Validation, decode, decode_header, errors::ErrorKind};
use serde::Deserialize;
use thiserror::Error;

use crate::jwks::{Jwks, KeySource, KeysError};

/// Checks id tokens of one user pool and one app client.
#[derive(Debug)]
pub(crate) struct Verifier<K> {
    keys: Jwks<K>,
    validation: Validation,
}

/// Why a token does not pass.
#[derive(Debug, Error)]
pub(crate) enum VerifyError {
    /// The token is bad.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The token may be good; we can't tell.
    #[error("the token can't be checked")]
    Keys(#[from] KeysError),
}

/// One for each rule; goes to the log.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(crate) enum Refusal {
    #[error("there is no token")]
    Missing,
    #[error("not a JSON Web Token")]
    Malformed,
    #[error("not signed with RS256")]
    Algorithm,
    #[error("no key id, or one that the user pool does not have")]
    UnknownKey,
    #[error("the signature does not match")]
    Signature,
    #[error("the token has expired")]
    Expired,
    #[error("the issuer is not our user pool")]
    Issuer,
    #[error("the audience is not our app client")]
    Audience,
    #[error("a required claim is missing")]
    MissingClaim,
    #[error("not an id token")]
    NotAnIdToken,
}

#[derive(Deserialize)]
struct Claims {
    // An access token has no `aud`, and a library that checks `aud` only where it is present lets it pass. So
    // both `aud` and this are required.
    token_use: Option<String>,
}

impl<K: KeySource> Verifier<K> {
    pub(crate) fn new(issuer: String, client_id: String, source: K) -> Self {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[client_id]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        // The clocks are Amazon's on both sides.
        validation.leeway = 0;
        Self {
            keys: Jwks::new(source),
            validation,
        }
    }

    /// Passes an unexpired id token, signed by the pool for the client.
    pub(crate) async fn verify(&self, token: &str) -> Result<(), VerifyError> {
        if token.is_empty() {
            return Err(Refusal::Missing.into());
        }
        // A header that names an unknown algorithm (`none`) does not even parse, and is told from garbage by its shape.
        let header =
            decode_header(token).map_err(|error| refusal_of_header(error.kind(), token))?;
        if header.alg != Algorithm::RS256 {
            return Err(Refusal::Algorithm.into());
        }
        let kid = header.kid.ok_or(Refusal::UnknownKey)?;
        let key = self.keys.key(&kid).await?.ok_or(Refusal::UnknownKey)?;
        let claims = decode::<Claims>(token, &key, &self.validation)
            .map_err(|error| refusal(error.kind()))?
            .claims;
        match claims.token_use.as_deref() {
            Some("id") => Ok(()),
            _ => Err(Refusal::NotAnIdToken.into()),
        }
    }
}

fn refusal_of_header(kind: &ErrorKind, token: &str) -> Refusal {
    match kind {
        ErrorKind::InvalidAlgorithmName => Refusal::Algorithm,
        ErrorKind::Json(_) if token.split('.').count() == 3 => Refusal::Algorithm,
        _ => Refusal::Malformed,
    }
}

fn refusal(kind: &ErrorKind) -> Refusal {
    match kind {
        ErrorKind::ExpiredSignature => Refusal::Expired,
        ErrorKind::InvalidIssuer => Refusal::Issuer,
        ErrorKind::InvalidAudience => Refusal::Audience,
        ErrorKind::MissingRequiredClaim(_) => Refusal::MissingClaim,
        ErrorKind::InvalidSignature => Refusal::Signature,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => Refusal::Algorithm,
        _ => Refusal::Malformed,
    }
}

#[cfg(test)]
mod tests;
