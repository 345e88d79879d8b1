//! A user's user store: their own prefix of the bucket and their own partition of the table, opened with their own
//! credentials. Nothing in here checks *whose* an object is: IAM does.

mod body_hash;
mod listing;
mod objects;
mod presign_put;
mod records;

use aws_config::SdkConfig;
use aws_sdk_s3::config::Credentials;
use time::OffsetDateTime;

use crate::credentials::{CredentialsCache, ExchangeError, UserCredentials};
use common::{
    config::Settings,
    id_token::{Expected, IdToken},
    identity_id::IdentityId,
    keys::Stage,
    metrics::CredentialsSource,
};

pub use listing::Page;
pub use presign_put::{PresignRequest, PresignedPut};

/// All user stores, closed.
#[derive(Debug)]
pub struct UserStores {
    exchange: CredentialsCache,
    s3: aws_sdk_s3::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    places: UserStoreConfig,
}

/// Where user stores are, and who opens them.
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
    /// `cognito-idp.<region>.amazonaws.com/<user pool id>`.
    pub login_provider: String,
    /// The user pool's provider URL: the `iss` of its tokens.
    pub issuer: String,
    /// The app client's id: the `aud` of its id tokens.
    pub client_id: String,
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
        let client_id = settings.text("HIKIDASHI_CLIENT_ID");
        Some(Self {
            stage: stage?,
            bucket,
            table,
            identity_pool_id,
            login_provider,
            issuer,
            client_id,
        })
    }

    /// What a token has to claim to open a user store here.
    pub fn expected_token(&self, now: OffsetDateTime) -> Expected<'_> {
        Expected {
            issuer: &self.issuer,
            client_id: &self.client_id,
            now,
        }
    }
}

/// One user's user store, open.
#[derive(Debug)]
pub struct UserStore<'a> {
    user_stores: &'a UserStores,
    user: UserCredentials,
}

impl UserStores {
    /// `sdk` should hold no credentials: see [`clients::for_users`](crate::clients::for_users).
    pub fn new(sdk: &SdkConfig, places: UserStoreConfig) -> Self {
        let cognito = aws_sdk_cognitoidentity::Client::new(sdk);
        // The only S3 paths that both a bucket's host name and an emulator understand; and the bucket's name
        // holds no dot, so the choice is free.
        let s3 = aws_sdk_s3::config::Builder::from(sdk)
            .force_path_style(sdk.endpoint_url().is_some())
            .build();
        Self {
            exchange: CredentialsCache::new(
                cognito,
                places.identity_pool_id.clone(),
                places.login_provider.clone(),
            ),
            s3: aws_sdk_s3::Client::from_conf(s3),
            dynamodb: aws_sdk_dynamodb::Client::new(sdk),
            places,
        }
    }

    /// Opens the user store of the token's user.
    pub async fn open(&self, token: &IdToken) -> Result<UserStore<'_>, ExchangeError> {
        Ok(UserStore {
            user: self.exchange.credentials(token).await?,
            user_stores: self,
        })
    }
}

impl UserStore<'_> {
    /// Whose it is.
    pub fn identity(&self) -> &IdentityId {
        &self.user.identity
    }

    /// The deployment that it belongs to.
    pub fn stage(&self) -> &Stage {
        &self.user_stores.places.stage
    }

    /// What opening it took.
    pub fn exchange(&self) -> CredentialsSource {
        self.user.source
    }

    fn credentials(&self) -> Credentials {
        self.user.credentials.clone()
    }
}
