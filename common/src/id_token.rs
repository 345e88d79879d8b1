//! The caller's id token.

use std::fmt;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use thiserror::Error;
use time::OffsetDateTime;

use crate::{
    http_api::header_of,
    problem::{Problem, ProblemType},
};

/// A token that *claims* to be an id token of our user pool.
///
/// Its signature is not checked here: the authorizer did that, and Cognito does it again before it gives
/// credentials for the token. The claims are read to know what to look up in a cache and when to stop using it.
#[derive(Clone)]
pub struct IdToken {
    raw: String,
    claims: Claims,
}

/// Why a token can't be an id token of ours.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum TokenError {
    /// No `Authorization` header, or an empty one.
    #[error("the request has no Authorization header with an id token")]
    Missing,
    /// Not three dot-separated parts with JSON in the second.
    #[error("the token is not a JSON Web Token")]
    Malformed,
    /// `token_use` is not `id`.
    #[error("the token is not an id token; send the id token, not the access token")]
    NotAnIdToken,
    /// Another user pool's.
    #[error("the token is from another issuer")]
    Issuer,
    /// Past its `exp`.
    #[error("the token has expired; sign in again or refresh it")]
    Expired,
}

#[derive(Clone, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    exp: i64,
    token_use: String,
}

impl IdToken {
    /// Takes the token from `Authorization`, with or without `Bearer`.
    pub fn from_request(
        request: &ApiGatewayV2httpRequest,
        issuer: &str,
        now: OffsetDateTime,
    ) -> Result<Self, TokenError> {
        let header = header_of(request, "authorization").ok_or(TokenError::Missing)?;
        Self::parse(without_scheme(header), issuer, now)
    }

    /// Reads the claims and refuses what Cognito would refuse, before it is asked.
    pub fn parse(raw: &str, issuer: &str, now: OffsetDateTime) -> Result<Self, TokenError> {
        if raw.is_empty() {
            return Err(TokenError::Missing);
        }
        let mut parts = raw.split('.');
        let (Some(_), Some(payload), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Malformed);
        };
        let json = URL_SAFE_NO_PAD
            .decode(payload)
            .map_err(|_| TokenError::Malformed)?;
        let claims: Claims = serde_json::from_slice(&json).map_err(|_| TokenError::Malformed)?;
        if claims.token_use != "id" {
            return Err(TokenError::NotAnIdToken);
        }
        if claims.iss != issuer {
            return Err(TokenError::Issuer);
        }
        if claims.exp <= now.unix_timestamp() {
            return Err(TokenError::Expired);
        }
        Ok(Self {
            raw: raw.to_owned(),
            claims,
        })
    }

    /// The token itself, for Cognito.
    pub(crate) fn raw(&self) -> &str {
        &self.raw
    }

    /// `iss` and `sub`: together the name of a user.
    pub(crate) fn user(&self) -> (String, String) {
        (self.claims.iss.clone(), self.claims.sub.clone())
    }

    /// Unix seconds.
    pub(crate) fn expires_at(&self) -> i64 {
        self.claims.exp
    }
}

/// Neither the token nor a claim may reach a log.
impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdToken(…)")
    }
}

/// Clients send the token bare or as a bearer token; the scheme's case is free (RFC 9110, section 11.1).
pub fn without_scheme(header: &str) -> &str {
    let header = header.trim();
    match header.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim(),
        _ if header.eq_ignore_ascii_case("bearer") => "",
        _ => header,
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        let kind = match error {
            TokenError::Missing => ProblemType::TokenMissing,
            TokenError::Malformed | TokenError::Issuer => ProblemType::TokenInvalid,
            TokenError::NotAnIdToken => ProblemType::TokenNotIdToken,
            TokenError::Expired => ProblemType::TokenExpired,
        };
        Self::new(kind, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &serde_json::Value) -> String {
        format!(
            "{}.{}.c2ln",
            URL_SAFE_NO_PAD.encode("{}"),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        )
    }

    fn parse(claims: &serde_json::Value) -> Result<IdToken, TokenError> {
        IdToken::parse(
            &token(claims),
            "https://pool",
            OffsetDateTime::from_unix_timestamp(1000).unwrap(),
        )
    }

    #[test]
    fn an_id_token_of_the_pool_passes() {
        let claims =
            serde_json::json!({"iss": "https://pool", "sub": "u", "exp": 1001, "token_use": "id"});
        assert_eq!(
            parse(&claims).unwrap().user(),
            ("https://pool".into(), "u".into())
        );
    }

    #[test]
    fn each_defect_has_an_error_of_its_own() {
        for (claims, error) in [
            (
                serde_json::json!({"iss": "https://pool", "sub": "u", "exp": 1001, "token_use": "access"}),
                TokenError::NotAnIdToken,
            ),
            (
                serde_json::json!({"iss": "https://other", "sub": "u", "exp": 1001, "token_use": "id"}),
                TokenError::Issuer,
            ),
            (
                serde_json::json!({"iss": "https://pool", "sub": "u", "exp": 1000, "token_use": "id"}),
                TokenError::Expired,
            ),
            (serde_json::json!({"sub": "u"}), TokenError::Malformed),
        ] {
            assert_eq!(parse(&claims).unwrap_err(), error, "{claims}");
        }
    }

    #[test]
    fn what_is_no_token_is_malformed_or_missing() {
        for (raw, error) in [
            ("", TokenError::Missing),
            ("a.b", TokenError::Malformed),
            ("a.b.c.d", TokenError::Malformed),
            ("a.!.c", TokenError::Malformed),
        ] {
            assert_eq!(
                IdToken::parse(raw, "i", OffsetDateTime::UNIX_EPOCH).unwrap_err(),
                error,
                "{raw}"
            );
        }
    }

    #[test]
    fn the_scheme_is_optional_and_its_case_is_free() {
        for header in ["x.y.z", "Bearer x.y.z", "bearer  x.y.z "] {
            assert_eq!(without_scheme(header), "x.y.z");
        }
        assert_eq!(without_scheme("Bearer"), "");
    }

    #[test]
    fn a_token_does_not_show_in_debug_output() {
        let claims = serde_json::json!({"iss": "https://pool", "sub": "secret-sub", "exp": 1001, "token_use": "id"});
        assert_eq!(format!("{:?}", parse(&claims).unwrap()), "IdToken(…)");
    }
}
