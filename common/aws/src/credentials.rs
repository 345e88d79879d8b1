//! The exchange of an id token for the user's own temporary credentials.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use aws_sdk_cognitoidentity::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
};
use aws_sdk_s3::config::Credentials;
use lru::LruCache;
use sha2::{Digest, Sha256};
use thiserror::Error;

use common::{
    error_chain::with_causes,
    id_token::IdToken,
    identity_id::IdentityId,
    metrics::CredentialsSource,
    problem::{Problem, ProblemType},
};

/// The part of the credentials' lifetime in which they are not used: a running request must be able
/// to finish. A token is used until it expires, because no request uses it after the exchange.
const MARGIN: Duration = Duration::from_mins(1);

/// How a caller handles an error of Cognito.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// The token is not accepted. Permanent for the caller, until they sign in again.
    Refused,
    /// Too many calls.
    Throttled,
    /// A later attempt may succeed, or the deployment is wrong; neither is the caller's fault.
    Unavailable,
}

/// The error codes of `GetId` and `GetCredentialsForIdentity` ("Amazon Cognito federated identities
/// API reference"). Others are of the service.
const MEANINGS: [(&str, Meaning); 9] = [
    // The token is forged, expired or revoked, its user is disabled or deleted, or its login was
    // unlinked from the identity.
    ("NotAuthorizedException", Meaning::Refused),
    // The identity was deleted.
    ("ResourceNotFoundException", Meaning::Refused),
    // The login belongs to another identity.
    ("ResourceConflictException", Meaning::Refused),
    // Such as a token of more than 50,000 characters.
    ("InvalidParameterException", Meaning::Refused),
    ("TooManyRequestsException", Meaning::Throttled),
    ("LimitExceededException", Meaning::Throttled),
    ("InternalErrorException", Meaning::Unavailable),
    // The OpenID provider can't be asked for its keys.
    ("ExternalServiceException", Meaning::Unavailable),
    // The pool has no role, or one that can't be assumed.
    (
        "InvalidIdentityPoolConfigurationException",
        Meaning::Unavailable,
    ),
];

/// The number of users that a warm function keeps: about 2 kB each, most of it a session token.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

/// A user and their credentials.
#[derive(Clone, Debug)]
pub struct UserCredentials {
    /// The user.
    pub identity: IdentityId,
    /// The user's own temporary credentials. `Debug` hides the secret.
    pub credentials: Credentials,
    /// Whether the credentials came from the cache or from Cognito.
    pub source: CredentialsSource,
}

/// The cause of a failure. It is shared, because all requests that waited for an exchange get its
/// failure.
type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// The reason why there are no credentials. Its text has neither the token nor a credential.
#[derive(Clone, Debug, Error)]
pub enum ExchangeError {
    /// Cognito refused the token: it is forged, expired or revoked, or its user was deleted.
    #[error("Cognito refused the token")]
    Refused(#[source] Cause),
    /// `GetId` is limited to about 25 calls a second for an account.
    #[error("Cognito is throttling")]
    Throttled(#[source] Cause),
    /// Cognito is unreachable, or its response was unexpected.
    #[error("Cognito did not exchange the token")]
    Unavailable(#[source] Cause),
}

/// A cache of exchanges. An identity is kept until Cognito refuses it, credentials until shortly
/// before they or their token expire. A warm function makes no Cognito call for a known token.
///
/// Credentials are kept by the hash of the *whole* token. A forged token with a known user's claims
/// is therefore unknown, and Cognito refuses it.
///
/// Concurrent requests with the same unknown token share one exchange, and its failure. The next
/// request after a failure tries again. Requests with other tokens do not wait.
#[derive(Debug)]
pub struct CredentialsCache {
    client: Client,
    identity_pool_id: String,
    login_provider: String,
    identities: Mutex<LruCache<(String, String), IdentityId>>,
    slots: Mutex<LruCache<[u8; 32], Arc<Slot>>>,
}

/// The cache entry of one token.
#[derive(Debug, Default)]
struct Slot {
    /// The number of finished exchanges.
    ended: AtomicU64,
    /// The outcome of the last exchange, locked during an exchange. If that one is dropped, the
    /// next waiting request makes its own.
    last: tokio::sync::Mutex<Option<Result<Entry, ExchangeError>>>,
}

#[derive(Clone, Debug)]
struct Entry {
    user: UserCredentials,
    good_until: SystemTime,
}

impl CredentialsCache {
    /// Creates a cache. `login_provider` is the user pool's provider name,
    /// `cognito-idp.<region>.amazonaws.com/<pool id>`.
    pub fn new(client: Client, identity_pool_id: String, login_provider: String) -> Self {
        Self::with_capacity(client, identity_pool_id, login_provider, CAPACITY)
    }

    fn with_capacity(
        client: Client,
        identity_pool_id: String,
        login_provider: String,
        users: NonZeroUsize,
    ) -> Self {
        Self {
            client,
            identity_pool_id,
            login_provider,
            identities: Mutex::new(LruCache::new(users)),
            slots: Mutex::new(LruCache::new(users)),
        }
    }

    /// Returns the credentials of the token's user.
    pub async fn credentials(&self, token: &IdToken) -> Result<UserCredentials, ExchangeError> {
        let hash: [u8; 32] = Sha256::digest(token.raw()).into();
        let slot = lock(&self.slots)
            .get_or_insert(hash, Arc::<Slot>::default)
            .clone();
        let ended = slot.ended.load(Ordering::Acquire);
        let mut last = slot.last.lock().await;
        match &*last {
            Some(Ok(entry)) if SystemTime::now() < entry.good_until => {
                return Ok(UserCredentials {
                    source: CredentialsSource::Memory,
                    ..entry.user.clone()
                });
            }
            // The exchange failed while this request waited for it.
            Some(Err(error)) if slot.ended.load(Ordering::Acquire) > ended => {
                return Err(error.clone());
            }
            _ => {}
        }
        let outcome = self.exchange(token).await;
        slot.ended.fetch_add(1, Ordering::Release);
        let outcome = last.insert(outcome);
        match outcome {
            Ok(entry) => Ok(entry.user.clone()),
            Err(error) => {
                self.forget(&hash, &slot);
                Err(error.clone())
            }
        }
    }

    /// Removes the entry of a refused token, so that only valid tokens use the cache.
    fn forget(&self, hash: &[u8; 32], slot: &Arc<Slot>) {
        let mut slots = lock(&self.slots);
        if slots.peek(hash).is_some_and(|kept| Arc::ptr_eq(kept, slot)) {
            slots.pop(hash);
        }
    }

    async fn exchange(&self, token: &IdToken) -> Result<Entry, ExchangeError> {
        let start = Instant::now();
        let remembered = lock(&self.identities).get(&token.user()).cloned();
        let fetched = match remembered {
            Some(identity) => match self.fetch(token, identity).await {
                // The user may have unlinked the login from the identity: any holder of the token
                // can. The login has another identity from then on.
                Err(ExchangeError::Refused(_)) => self.fetch_anew(token).await?,
                other => other?,
            },
            None => self.fetch_anew(token).await?,
        };
        let (identity, credentials) = fetched;
        let user = UserCredentials {
            identity,
            credentials,
            source: CredentialsSource::Cognito(start.elapsed()),
        };
        lock(&self.identities).put(token.user(), user.identity.clone());
        Ok(Entry {
            good_until: good_until(token, &user.credentials),
            user,
        })
    }

    /// Asks Cognito for the identity, and then for its credentials.
    async fn fetch_anew(
        &self,
        token: &IdToken,
    ) -> Result<(IdentityId, Credentials), ExchangeError> {
        let identity = self.identity(token).await?;
        self.fetch(token, identity).await
    }

    async fn identity(&self, token: &IdToken) -> Result<IdentityId, ExchangeError> {
        let answer = self
            .client
            .get_id()
            .identity_pool_id(&self.identity_pool_id)
            .logins(&self.login_provider, token.raw())
            .send()
            .await
            .map_err(ExchangeError::classify)?;
        parse_identity(answer.identity_id())
    }

    async fn fetch(
        &self,
        token: &IdToken,
        identity: IdentityId,
    ) -> Result<(IdentityId, Credentials), ExchangeError> {
        let answer = self
            .client
            .get_credentials_for_identity()
            .identity_id(identity.as_str())
            .logins(&self.login_provider, token.raw())
            .send()
            .await
            .map_err(ExchangeError::classify)?;
        let given = answer
            .credentials()
            .ok_or_else(|| ExchangeError::incomplete("credentials"))?;
        let part = |part: Option<&str>, name| {
            part.map(str::to_owned)
                .ok_or_else(|| ExchangeError::incomplete(name))
        };
        let expiry = given
            .expiration()
            .and_then(|at| SystemTime::try_from(*at).ok());
        let credentials = Credentials::new(
            part(given.access_key_id(), "an access key")?,
            part(given.secret_key(), "a secret key")?,
            Some(part(given.session_token(), "a session token")?),
            expiry,
            "user",
        );
        // Cognito may merge identities, so the credentials belong to the identity of the response.
        Ok((parse_identity(answer.identity_id())?, credentials))
    }
}

fn good_until(token: &IdToken, credentials: &Credentials) -> SystemTime {
    let token_ends = UNIX_EPOCH + Duration::from_secs(token.expires_at().unsigned_abs());
    credentials
        .expiry()
        .map_or(token_ends, |expiry| token_ends.min(expiry - MARGIN))
}

impl ExchangeError {
    fn classify<E, R>(error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let code = code_of(&error);
        let known = MEANINGS.iter().find(|(known, _)| Some(*known) == code);
        let meaning = known.map_or(Meaning::Unavailable, |(_, meaning)| *meaning);
        match meaning {
            Meaning::Refused => Self::Refused(Arc::new(error)),
            Meaning::Throttled => Self::Throttled(Arc::new(error)),
            Meaning::Unavailable => Self::Unavailable(Arc::new(error)),
        }
    }

    fn incomplete(what: &str) -> Self {
        let error: Box<dyn std::error::Error + Send + Sync> =
            format!("Cognito's answer has no {what}").into();
        Self::Unavailable(error.into())
    }

    /// Converts to a problem document. A 5xx is logged here, where it is handled.
    pub fn into_problem(self, request_id: &str) -> Problem {
        tracing::warn!(
            error = with_causes(&self),
            "token not exchanged; no credentials for the caller"
        );
        match self {
            Self::Refused(_) => Problem::new(
                ProblemType::TokenInvalid,
                "Cognito does not accept the token: its user may have signed out; sign in again",
            ),
            Self::Throttled(_) => Problem::ours(ProblemType::Throttled, request_id),
            Self::Unavailable(_) => Problem::ours(ProblemType::Unavailable, request_id),
        }
    }
}

fn parse_identity(text: Option<&str>) -> Result<IdentityId, ExchangeError> {
    let text = text.ok_or_else(|| ExchangeError::incomplete("identity id"))?;
    IdentityId::parse(text).map_err(|error| ExchangeError::Unavailable(Arc::new(error)))
}

fn code_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<&str> {
    error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
}

/// Locks, and ignores a poisoned lock: the cache stays consistent after a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
