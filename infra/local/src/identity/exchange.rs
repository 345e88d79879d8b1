//! The operations: from a token to an identity, from an identity to credentials, and the unlinking
//! of both.

use std::collections::BTreeMap;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_sts::types::Credentials as Session;
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::identities::Identities;
use super::role::Roles;
use super::service_error::ServiceError;
use super::session;
use super::signing_keys::SigningKeys;
use super::token::{self, Expected, IdToken, TokenFault};
use super::user::UserPool;
use super::{IdentityPool, TokenIssuer};

/// Tokens by provider, as the caller sent them.
pub(crate) type Logins = BTreeMap<String, String>;

/// The state of the exchange, apart from the pool.
pub(crate) struct Exchange {
    keys: SigningKeys,
    users: UserPool,
    roles: Roles,
    sts: aws_sdk_sts::Client,
    identities: Mutex<Identities>,
}

impl Exchange {
    pub(crate) fn new(fakecloud_url: &str, identities: Identities) -> Self {
        let aws = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .endpoint_url(fakecloud_url)
            // Access key ids that begin with `test` are the emulator's root.
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "test", "test", None, None, "emulator",
            )))
            .build();
        let http = reqwest::Client::new();
        Self {
            keys: SigningKeys::new(http.clone(), fakecloud_url),
            users: UserPool {
                cognito: aws_sdk_cognitoidentityprovider::Client::new(&aws),
                http,
                fakecloud_url: fakecloud_url.trim_end_matches('/').to_owned(),
            },
            roles: Roles::new(aws_sdk_iam::Client::new(&aws)),
            sts: aws_sdk_sts::Client::new(&aws),
            identities: Mutex::new(identities),
        }
    }

    /// Fails if the pool's role is missing or can't be copied.
    pub(crate) async fn check_role(&self, pool: &IdentityPool) -> anyhow::Result<()> {
        self.roles.read(&pool.authenticated_role_name).await?;
        Ok(())
    }

    /// Brings the copies of the pool's role in line with it.
    pub(crate) async fn follow_role(&self, pool: &IdentityPool) -> anyhow::Result<()> {
        let template = self.roles.read(&pool.authenticated_role_name).await?;
        self.roles.follow(&template).await
    }

    /// `GetId`: returns the identity of the token's user, always the same.
    pub(crate) async fn identity(
        &self,
        pool: &IdentityPool,
        identity_pool_id: &str,
        logins: &Logins,
    ) -> Result<String, ServiceError> {
        if identity_pool_id != pool.identity_pool_id {
            return Err(ServiceError::PoolNotFound(identity_pool_id.to_owned()));
        }
        if logins.is_empty() {
            return Err(ServiceError::Unauthenticated);
        }
        let token = self.verify(pool, logins).await?;
        self.identities
            .lock()
            .await
            .assign(
                &pool.region,
                &pool.identity_pool_id,
                &token.issuer,
                &token.subject,
            )
            .await
            .map_err(ServiceError::Internal)
    }

    /// `GetCredentialsForIdentity`: issues credentials of the identity's own role for an hour.
    pub(crate) async fn credentials(
        &self,
        pool: &IdentityPool,
        identity_id: &str,
        logins: &Logins,
    ) -> Result<Session, ServiceError> {
        self.require_known(pool, identity_id).await?;
        if logins.is_empty() {
            return Err(ServiceError::LoginsMissing(identity_id.to_owned()));
        }
        let token = self.verify(pool, logins).await?;
        let is_theirs = self.identities.lock().await.find(
            &pool.identity_pool_id,
            &token.issuer,
            &token.subject,
        ) == Some(identity_id);
        if !is_theirs {
            return Err(ServiceError::LoginsDontMatch);
        }
        // `ServerSideTokenCheck` is for user pools only.
        if let TokenIssuer::UserPool(id) = &pool.issuer {
            self.users.check(id, &token).await?;
        }

        // Read every time: a redeployed template must take effect at once, as it does on AWS.
        let template = self
            .roles
            .read(&pool.authenticated_role_name)
            .await
            .map_err(ServiceError::Internal)?;
        let role_arn = self
            .roles
            .copy_for(identity_id, &template)
            .await
            .map_err(ServiceError::Internal)?;
        session::assume(
            &self.sts,
            pool,
            &role_arn,
            identity_id,
            &token.subject,
            now(),
        )
        .await
    }

    /// `UnlinkIdentity`: takes the login away from the identity. It needs only the token.
    pub(crate) async fn unlink(
        &self,
        pool: &IdentityPool,
        identity_id: &str,
        logins: &Logins,
    ) -> Result<(), ServiceError> {
        self.require_known(pool, identity_id).await?;
        let token = self.verify(pool, logins).await?;
        let unlinked = self
            .identities
            .lock()
            .await
            .unlink(
                &pool.identity_pool_id,
                &token.issuer,
                &token.subject,
                identity_id,
            )
            .await
            .map_err(ServiceError::Internal)?;
        if unlinked {
            Ok(())
        } else {
            Err(ServiceError::LoginsDontMatch)
        }
    }

    /// Fails if the pool never issued this identity.
    async fn require_known(
        &self,
        pool: &IdentityPool,
        identity_id: &str,
    ) -> Result<(), ServiceError> {
        let identities = self.identities.lock().await;
        if identities.contains(&pool.identity_pool_id, identity_id) {
            Ok(())
        } else {
            Err(ServiceError::IdentityNotFound(identity_id.to_owned()))
        }
    }

    /// Accepts exactly one login, of the pool's own issuer, with a valid id token.
    async fn verify(&self, pool: &IdentityPool, logins: &Logins) -> Result<IdToken, ServiceError> {
        let (1, Some(token)) = (logins.len(), logins.get(&pool.provider())) else {
            return Err(ServiceError::UnsupportedProvider);
        };
        let kid = token::key_id(token)?;
        let key = self
            .keys
            .find(&pool.issuer, &kid)
            .await
            .map_err(ServiceError::Internal)?
            .ok_or(TokenFault::UnknownKey)?;
        let expected = Expected {
            issuer: &pool.issuer(),
            client_ids: &pool.client_ids,
            is_user_pool: matches!(pool.issuer, TokenIssuer::UserPool(_)),
            now: now(),
        };
        Ok(token::verify(token, &key, &expected)?)
    }
}

fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}
