//! The store of one user: the user's prefix of the bucket and the user's partition of the table,
//! with the user's own credentials. This module does not check the *owner* of an object: IAM does.

mod body_hash;
#[cfg(test)]
mod fixtures;
mod listing;
mod objects;
mod presign_put;
mod records;
mod url_signer;
mod usage;

use aws_config::SdkConfig;
use aws_sdk_s3::config::Credentials;
use time::OffsetDateTime;

use crate::{
    conflicts,
    credentials::{CredentialsCache, ExchangeError, UserCredentials},
};
use common::{
    config::Settings,
    id_token::{Expected, IdToken},
    identity_id::IdentityId,
    keys::Stage,
    metrics::CredentialsSource,
};

pub use listing::Page;
pub use presign_put::{PresignRequest, PresignedPut};
pub use url_signer::{ServedAs, UrlSigner};

/// The clients that all user stores share.
#[derive(Debug)]
pub struct UserStores {
    exchange: CredentialsCache,
    s3: aws_sdk_s3::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    config: UserStoreConfig,
}

/// The resources of the user stores, and the identity provider.
#[derive(Clone, Debug)]
pub struct UserStoreConfig {
    /// The deployment.
    pub stage: Stage,
    /// The bucket's name.
    pub bucket: String,
    /// The table's name.
    pub table: String,
    /// `region:uuid`.
    pub identity_pool_id: String,
    /// The key of tokens in `Logins`: the issuer without its scheme, such as
    /// `cognito-idp.<region>.amazonaws.com/<user pool id>`.
    pub login_provider: String,
    /// The `iss` of tokens: the user pool's provider URL, or that of another `OpenID` provider.
    pub issuer: String,
    /// The clients' ids: the `aud` of their id tokens.
    pub client_ids: Vec<String>,
}

impl UserStoreConfig {
    /// Reads the variables that every function with user stores has.
    pub fn read(settings: &mut Settings<impl Fn(&str) -> Option<String>>) -> Option<Self> {
        let stage = settings.parsed("HIKIDASHI_STAGE", Stage::parse);
        let bucket = settings.text("HIKIDASHI_BUCKET");
        let table = settings.text("HIKIDASHI_TABLE");
        let identity_pool_id = settings.text("HIKIDASHI_IDENTITY_POOL_ID");
        let login_provider = settings.text("HIKIDASHI_LOGIN_PROVIDER");
        let issuer = settings.text("HIKIDASHI_ISSUER");
        let client_ids = settings.list("HIKIDASHI_CLIENT_IDS");
        Some(Self {
            stage: stage?,
            bucket,
            table,
            identity_pool_id,
            login_provider,
            issuer,
            client_ids,
        })
    }

    /// Returns the claims that a token must have to open a user store.
    pub fn expected_token(&self, now: OffsetDateTime) -> Expected<'_> {
        Expected {
            issuer: &self.issuer,
            client_ids: &self.client_ids,
            now,
        }
    }
}

/// The store of one user, opened with their credentials.
#[derive(Debug)]
pub struct UserStore<'a> {
    user_stores: &'a UserStores,
    user: UserCredentials,
}

impl UserStores {
    /// Creates the clients. `sdk` should hold no credentials: see
    /// [`clients::for_users`](crate::clients::for_users).
    pub fn new(sdk: &SdkConfig, config: UserStoreConfig) -> Self {
        let cognito = aws_sdk_cognitoidentity::Client::new(sdk);
        // An emulator needs path-style addresses. AWS accepts both styles, because the bucket's
        // name has no dot.
        let s3 = aws_sdk_s3::config::Builder::from(sdk)
            .force_path_style(sdk.endpoint_url().is_some())
            .build();
        Self {
            exchange: CredentialsCache::new(
                cognito,
                config.identity_pool_id.clone(),
                config.login_provider.clone(),
            ),
            s3: aws_sdk_s3::Client::from_conf(s3),
            dynamodb: conflicts::client(sdk),
            config,
        }
    }

    /// Opens the store of the token's user.
    pub async fn open(&self, token: &IdToken) -> Result<UserStore<'_>, ExchangeError> {
        Ok(UserStore {
            user: self.exchange.credentials(token).await?,
            user_stores: self,
        })
    }
}

impl UserStore<'_> {
    /// Returns the user's identity id.
    pub fn identity(&self) -> &IdentityId {
        &self.user.identity
    }

    /// Returns the deployment.
    pub fn stage(&self) -> &Stage {
        &self.user_stores.config.stage
    }

    /// Returns whether the credentials came from the cache or from Cognito.
    pub fn exchange(&self) -> CredentialsSource {
        self.user.source
    }

    fn credentials(&self) -> Credentials {
        self.user.credentials.clone()
    }
}
