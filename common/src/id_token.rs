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

/// A token that *claims* to be an id token of the user pool and for the app client.
///
/// Its signature is not checked here: the authorizer has checked it, and Cognito checks it again
/// before it issues credentials for the token. Its claims are checked here, because the authorizer
/// passes every token that the pool has signed. So a client learns from a problem document why a
/// genuine token is not accepted.
#[derive(Clone)]
pub struct IdToken {
    raw: String,
    claims: Claims,
}

/// The claims that a token must have.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The issuer: the user pool's provider URL, or that of another `OpenID` provider.
    pub issuer: &'a str,
    /// The ids of the clients that tokens may be for.
    pub client_ids: &'a [String],
    /// The present time.
    pub now: OffsetDateTime,
}

/// The reason why a token is refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum TokenError {
    /// The `Authorization` header is missing or empty.
    #[error("the request has no Authorization header with an id token")]
    Missing,
    /// The token is not three dot-separated parts with JSON in the second.
    #[error("the token is not a JSON Web Token")]
    Malformed,
    /// `token_use` is not `id`.
    #[error("the token is not an id token; send the id token, not the access token")]
    NotAnIdToken,
    /// `iss` is another user pool.
    #[error("the token is from another issuer")]
    Issuer,
    /// `aud` is another app client.
    #[error("the token is for another app client")]
    Audience,
    /// `exp` is past.
    #[error("the token has expired; sign in again or refresh it")]
    Expired,
}

#[derive(Clone, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    exp: i64,
    /// `id` or `access` in a user pool's tokens. Other providers' have none.
    token_use: Option<String>,
    /// The audience. An access token of a user pool has none.
    aud: Option<Audience>,
}

/// An audience, which may be a list (RFC 7519, section 4.1.3).
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn includes_one_of(&self, client_ids: &[String]) -> bool {
        match self {
            Self::One(one) => client_ids.contains(one),
            Self::Many(many) => many.iter().any(|one| client_ids.contains(one)),
        }
    }
}

/// Returns whether an issuer is a Cognito user pool.
pub fn is_user_pool(issuer: &str) -> bool {
    issuer.starts_with("https://cognito-idp.")
}

impl IdToken {
    /// Reads the token from `Authorization`, with or without `Bearer`.
    pub fn from_request(
        request: &ApiGatewayV2httpRequest,
        expected: &Expected<'_>,
    ) -> Result<Self, TokenError> {
        let header = header_of(request, "authorization").ok_or(TokenError::Missing)?;
        Self::parse(without_scheme(header), expected)
    }

    /// Parses the claims, and refuses tokens that Cognito would refuse, before the call to Cognito.
    pub fn parse(raw: &str, expected: &Expected<'_>) -> Result<Self, TokenError> {
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
        let is_id_token = match claims.token_use.as_deref() {
            Some(token_use) => token_use == "id",
            None => !is_user_pool(expected.issuer),
        };
        if !is_id_token {
            return Err(TokenError::NotAnIdToken);
        }
        if claims.iss != expected.issuer {
            return Err(TokenError::Issuer);
        }
        let audience = claims.aud.as_ref();
        if !audience.is_some_and(|audience| audience.includes_one_of(expected.client_ids)) {
            return Err(TokenError::Audience);
        }
        if claims.exp <= expected.now.unix_timestamp() {
            return Err(TokenError::Expired);
        }
        Ok(Self {
            raw: raw.to_owned(),
            claims,
        })
    }

    /// Returns the token itself, for Cognito.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Returns `iss` and `sub`, which together identify a user.
    pub fn user(&self) -> (String, String) {
        (self.claims.iss.clone(), self.claims.sub.clone())
    }

    /// Returns `exp`, in Unix seconds.
    pub fn expires_at(&self) -> i64 {
        self.claims.exp
    }
}

/// Keeps the token and its claims out of logs.
impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdToken(…)")
    }
}

/// Removes the scheme. Clients send the token bare or as a bearer token; the scheme is
/// case-insensitive (RFC 9110, section 11.1).
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
            TokenError::Malformed | TokenError::Issuer | TokenError::Audience => {
                ProblemType::TokenInvalid
            }
            TokenError::NotAnIdToken => ProblemType::TokenNotIdToken,
            TokenError::Expired => ProblemType::TokenExpired,
        };
        Self::new(kind, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn token(claims: &Value) -> String {
        format!(
            "{}.{}.c2ln",
            URL_SAFE_NO_PAD.encode("{}"),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        )
    }

    const POOL: &str = "https://cognito-idp.eu-west-1.amazonaws.com/pool";

    static CLIENTS: std::sync::LazyLock<Vec<String>> =
        std::sync::LazyLock::new(|| ["client", "second"].map(str::to_owned).into());

    fn expected() -> Expected<'static> {
        Expected {
            issuer: POOL,
            client_ids: &CLIENTS,
            now: OffsetDateTime::from_unix_timestamp(1000).unwrap(),
        }
    }

    fn parse(claims: &Value) -> Result<IdToken, TokenError> {
        IdToken::parse(&token(claims), &expected())
    }

    /// Returns valid claims, except for one.
    fn claims_with(name: &str, value: Value) -> Value {
        let mut claims = json!({
            "iss": POOL, "aud": "client", "sub": "secret-sub", "exp": 1001, "token_use": "id",
        });
        claims[name] = value;
        claims
    }

    #[test]
    fn an_id_token_of_the_pool_and_the_client_passes() {
        let token = parse(&claims_with("sub", json!("u"))).unwrap();
        assert_eq!(token.user(), (POOL.into(), "u".into()));
        for audience in [json!("second"), json!(["other", "second"])] {
            assert!(parse(&claims_with("aud", audience)).is_ok());
        }
    }

    #[test]
    fn a_token_of_another_provider_needs_no_token_use() {
        let claims = json!({
            "iss": "https://login.example", "aud": ["client"], "sub": "u", "exp": 1001,
        });
        let expected = Expected {
            issuer: "https://login.example",
            ..expected()
        };
        assert!(IdToken::parse(&token(&claims), &expected).is_ok());
        let mut access = claims;
        access["token_use"] = json!("access");
        let error = IdToken::parse(&token(&access), &expected).unwrap_err();
        assert_eq!(error, TokenError::NotAnIdToken);
    }

    #[test]
    fn each_defect_has_an_error_of_its_own() {
        for (name, value, error) in [
            ("token_use", json!("access"), TokenError::NotAnIdToken),
            ("iss", json!("https://other"), TokenError::Issuer),
            ("aud", json!("other"), TokenError::Audience),
            ("aud", Value::Null, TokenError::Audience),
            ("aud", json!([]), TokenError::Audience),
            ("token_use", Value::Null, TokenError::NotAnIdToken),
            ("exp", json!(1000), TokenError::Expired),
            ("sub", Value::Null, TokenError::Malformed),
            ("exp", json!("tomorrow"), TokenError::Malformed),
        ] {
            let claims = claims_with(name, value);
            assert_eq!(parse(&claims).unwrap_err(), error, "{claims}");
        }
    }

    #[test]
    fn an_access_token_that_has_expired_is_told_that_it_is_an_access_token() {
        let claims = json!({
            "iss": POOL, "client_id": "client", "sub": "u", "exp": 1, "token_use": "access",
        });
        assert_eq!(parse(&claims).unwrap_err(), TokenError::NotAnIdToken);
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
                IdToken::parse(raw, &expected()).unwrap_err(),
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
        assert_eq!(
            format!("{:?}", parse(&claims_with("exp", json!(1001))).unwrap()),
            "IdToken(…)"
        );
    }
}
