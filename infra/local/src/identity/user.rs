//! The user pool's `ServerSideTokenCheck`: whether a user may still use a token.

use anyhow::Context;
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::operation::admin_get_user::AdminGetUserError;
use serde::Deserialize;

use super::service_error::ServiceError;
use super::token::{IdToken, TokenFault};

/// Longest delay between a token's `iat` and the session that the emulator records for it (signing
/// is slow in an unoptimised build).
const SESSION_LAG_SECS: f64 = 5.0;

/// Client of the user pool for questions about users.
pub(crate) struct UserPool {
    pub(crate) cognito: Client,
    pub(crate) http: reqwest::Client,
    pub(crate) fakecloud_url: String,
}

#[derive(Deserialize)]
struct Sessions {
    tokens: Vec<Session>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    username: String,
    pool_id: String,
    /// Start of the session, in seconds since 1970.
    issued_at: f64,
}

impl UserPool {
    /// Refuses tokens of users who were deleted, disabled or signed out everywhere.
    pub(crate) async fn check(
        &self,
        user_pool_id: &str,
        token: &IdToken,
    ) -> Result<(), ServiceError> {
        let user = match self
            .cognito
            .admin_get_user()
            .user_pool_id(user_pool_id)
            .username(&token.username)
            .send()
            .await
        {
            Ok(user) => user,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(AdminGetUserError::is_user_not_found_exception) =>
            {
                return Err(TokenFault::UserDeleted.into());
            }
            Err(error) => return Err(ServiceError::Internal(error.into())),
        };
        // A new user may have been created under the same name.
        let same_person = user.user_attributes().iter().any(|attribute| {
            attribute.name() == "sub" && attribute.value() == Some(&token.subject)
        });
        if !same_person {
            return Err(TokenFault::UserDeleted.into());
        }
        if !user.enabled() {
            return Err(TokenFault::UserDisabled.into());
        }
        let sessions = self.sessions().await.map_err(ServiceError::Internal)?;
        if !is_signed_in(&sessions, user_pool_id, token) {
            return Err(TokenFault::SignedOut.into());
        }
        Ok(())
    }

    /// Returns all sessions of all users, from the emulator's own page; AWS has no API for it.
    async fn sessions(&self) -> anyhow::Result<Vec<Session>> {
        let sessions: Sessions = self
            .http
            .get(format!("{}/_fakecloud/cognito/tokens", self.fakecloud_url))
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .context("no sessions from the emulator")?
            .json()
            .await
            .context("no list of sessions")?;
        Ok(sessions.tokens)
    }
}

/// Returns whether the token's user is still signed in. A global sign-out ends all sessions that
/// exist at that moment, so a token is valid while one session as old as the token remains.
fn is_signed_in(sessions: &[Session], user_pool_id: &str, token: &IdToken) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit 52 bits")]
    let issued_at = token.issued_at as f64;
    sessions.iter().any(|session| {
        session.pool_id == user_pool_id
            && session.username == token.username
            && session.issued_at <= issued_at + SESSION_LAG_SECS
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(issued_at: i64) -> IdToken {
        IdToken {
            issuer: "iss".into(),
            subject: "sub".into(),
            username: "alice".into(),
            issued_at,
        }
    }

    fn session(username: &str, pool_id: &str, issued_at: f64) -> Session {
        Session {
            username: username.into(),
            pool_id: pool_id.into(),
            issued_at,
        }
    }

    #[test]
    fn a_session_as_old_as_the_token_keeps_it_good() {
        assert!(is_signed_in(
            &[session("alice", "pool", 1000.0)],
            "pool",
            &token(1000)
        ));
        assert!(is_signed_in(
            &[session("alice", "pool", 900.0)],
            "pool",
            &token(1000)
        ));
    }

    #[test]
    fn a_token_from_before_the_sign_out_stays_bad_after_a_new_sign_in() {
        assert!(!is_signed_in(&[], "pool", &token(1000)));
        assert!(!is_signed_in(
            &[session("alice", "pool", 1100.0)],
            "pool",
            &token(1000)
        ));
    }

    #[test]
    fn sessions_of_others_do_not_count() {
        let sessions = [
            session("bob", "pool", 1000.0),
            session("alice", "other", 1000.0),
        ];

        assert!(!is_signed_in(&sessions, "pool", &token(1000)));
    }
}
