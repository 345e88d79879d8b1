//! Verification of id tokens.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// The claims of a verified token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct IdToken {
    /// `iss`: the user pool.
    pub(crate) issuer: String,
    /// `sub`: the user, unique in the pool and never used twice.
    pub(crate) subject: String,
    /// The user's name in the user pool's API.
    pub(crate) username: String,
    /// `iat`, seconds since 1970.
    pub(crate) issued_at: i64,
}

/// Faults of a login token. The texts follow "Invalid login token."
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum TokenFault {
    #[error("Not a valid OpenId Connect identity token.")]
    NotAnIdToken,
    #[error("Couldn't verify signed token.")]
    UnknownKey,
    #[error("Token signature invalid.")]
    Signature,
    #[error("Issuer doesn't match providerName")]
    Issuer,
    #[error("Missing a required claim: {0}")]
    Missing(&'static str),
    #[error("Incorrect token audience.")]
    Audience,
    #[error("Token expired: {now} >= {exp}")]
    Expired { now: i64, exp: i64 },
    #[error("User does not exist.")]
    UserDeleted,
    #[error("User is disabled.")]
    UserDisabled,
    #[error("Token has been revoked.")]
    SignedOut,
}

/// The values that a token must have to be accepted.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_ids: &'a [String],
    /// Whether the issuer is a user pool, whose id tokens say so (`token_use`).
    pub(crate) is_user_pool: bool,
    /// Current time in seconds since 1970; there is no leeway.
    pub(crate) now: i64,
}

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    /// A string in every id token of a user pool.
    aud: Option<Value>,
    exp: Option<i64>,
    iat: Option<i64>,
    token_use: Option<String>,
    #[serde(rename = "cognito:username")]
    username: Option<String>,
}

/// Returns the `kid` of the key that a token claims to be signed with.
pub(crate) fn key_id(token: &str) -> Result<String, TokenFault> {
    jsonwebtoken::decode_header(token)
        .ok()
        .and_then(|header| header.kid)
        .ok_or(TokenFault::NotAnIdToken)
}

/// Verifies an RS256 id token: signature first, then `iss`, `aud`, `token_use`, `exp`.
///
/// An access token fails twice: it has no `aud`, and its `token_use` is `access`.
pub(crate) fn verify(
    token: &str,
    key: &DecodingKey,
    expected: &Expected<'_>,
) -> Result<IdToken, TokenFault> {
    // The library skips a check when the claim is missing, so it verifies the signature and nothing
    // else.
    let mut validation = Validation::new(Algorithm::RS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let claims = jsonwebtoken::decode::<Claims>(token, key, &validation)
        .map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => TokenFault::Signature,
            _ => TokenFault::NotAnIdToken,
        })?
        .claims;

    let issuer = claims.iss.ok_or(TokenFault::Missing("iss"))?;
    if issuer != expected.issuer {
        return Err(TokenFault::Issuer);
    }
    let audience = claims.aud.ok_or(TokenFault::Missing("aud"))?;
    let is_ours = |audience: &Value| {
        let audience = audience.as_str().unwrap_or_default();
        expected.client_ids.iter().any(|client| client == audience)
    };
    // A user pool's tokens have one audience. Those of other providers may have a list.
    let has_audience = match &audience {
        Value::Array(many) if !expected.is_user_pool => many.iter().any(is_ours),
        one => is_ours(one),
    };
    if !has_audience {
        return Err(TokenFault::Audience);
    }
    let token_use = claims.token_use.as_deref();
    if token_use != Some("id") && (expected.is_user_pool || token_use.is_some()) {
        return Err(TokenFault::NotAnIdToken);
    }
    let exp = claims.exp.ok_or(TokenFault::Missing("exp"))?;
    if expected.now >= exp {
        return Err(TokenFault::Expired {
            now: expected.now,
            exp,
        });
    }
    Ok(IdToken {
        issuer,
        subject: claims.sub.ok_or(TokenFault::Missing("sub"))?,
        username: match claims.username {
            Some(username) => username,
            None if expected.is_user_pool => return Err(TokenFault::Missing("cognito:username")),
            None => String::new(),
        },
        issued_at: claims.iat.ok_or(TokenFault::Missing("iat"))?,
    })
}

#[cfg(test)]
mod tests;
