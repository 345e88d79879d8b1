//! The verification of a token's signature.

use jsonwebtoken::{Algorithm, Validation, decode, decode_header, errors::ErrorKind};
use serde::de::IgnoredAny;
use thiserror::Error;

use crate::jwks::{Jwks, KeySource, KeysError};

/// A verifier of the signer of tokens.
///
/// It does not check `exp`, `aud` and `token_use`: the function behind the route reads those claims
/// (`common::id_token`), and can report what is wrong with them.
#[derive(Debug)]
pub(crate) struct Verifier<K> {
    keys: Jwks<K>,
    validation: Validation,
}

/// The reason why a token does not pass.
#[derive(Debug, Error)]
pub(crate) enum VerifyError {
    /// The token is bad.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The token can't be checked, and may be good.
    #[error("the token can't be checked")]
    Keys(#[from] KeysError),
}

/// The rule that refuses a token; for the log.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(crate) enum Refusal {
    #[error("there is no token")]
    Missing,
    #[error("not a JSON Web Token")]
    Malformed,
    #[error("not signed with RS256")]
    Algorithm,
    #[error("no key id, or one that the issuer does not have")]
    UnknownKey,
    #[error("the signature does not match")]
    Signature,
    #[error("the token is of another issuer")]
    Issuer,
    #[error("the token does not say who issued it")]
    NoIssuer,
}

impl<K: KeySource> Verifier<K> {
    pub(crate) fn new(issuer: String, source: K) -> Self {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[issuer]);
        validation.set_required_spec_claims(&["iss"]);
        validation.validate_exp = false;
        validation.validate_aud = false;
        Self {
            keys: Jwks::new(source),
            validation,
        }
    }

    /// Passes every token that the issuer has signed, without a check of its other claims.
    pub(crate) async fn verify(&self, token: &str) -> Result<(), VerifyError> {
        if token.is_empty() {
            return Err(Refusal::Missing.into());
        }
        // A header with an unknown algorithm (`none`) does not parse; its shape tells it from
        // garbage.
        let header =
            decode_header(token).map_err(|error| refusal_of_header(error.kind(), token))?;
        if header.alg != Algorithm::RS256 {
            return Err(Refusal::Algorithm.into());
        }
        let kid = header.kid.ok_or(Refusal::UnknownKey)?;
        let key = self.keys.key(&kid).await?.ok_or(Refusal::UnknownKey)?;
        decode::<IgnoredAny>(token, &key, &self.validation)
            .map_err(|error| refusal(error.kind()))?;
        Ok(())
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
        ErrorKind::InvalidIssuer => Refusal::Issuer,
        ErrorKind::MissingRequiredClaim(_) => Refusal::NoIssuer,
        ErrorKind::InvalidSignature => Refusal::Signature,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => Refusal::Algorithm,
        _ => Refusal::Malformed,
    }
}

#[cfg(test)]
mod tests;
