//! User stores of tests.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::Credentials;
use media::media_type::MediaType;

use super::{UserStore, UserStoreConfig, UserStores};
use crate::credentials::UserCredentials;
use common::{
    identity_id::IdentityId,
    image_id::ImageId,
    keys::{OriginalKey, Stage},
    metrics::CredentialsSource,
};

/// Makes a configuration without credentials.
pub(super) fn sdk(region: &'static str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(region))
        .build()
}

/// Creates the user stores of the stage `dev` and the bucket `uploads`.
pub(super) fn user_stores(sdk: &SdkConfig) -> UserStores {
    let config = UserStoreConfig {
        stage: Stage::parse("dev").unwrap(),
        bucket: "uploads".to_owned(),
        table: String::new(),
        identity_pool_id: String::new(),
        login_provider: String::new(),
        issuer: String::new(),
        client_ids: Vec::new(),
    };
    UserStores::new(sdk, config)
}

/// Opens the store of a user whose credentials do not expire.
pub(super) fn user_store<'a>(user_stores: &'a UserStores, session: Option<&str>) -> UserStore<'a> {
    let session = session.map(str::to_owned);
    UserStore {
        user_stores,
        user: UserCredentials {
            identity: IdentityId::parse("eu-west-1:01234567-89ab-cdef-0123-456789abcdef").unwrap(),
            credentials: Credentials::new("AKID", "s/e+cret", session, None, "test"),
            source: CredentialsSource::Memory,
        },
    }
}

/// Returns the key of a new PNG of the user.
pub(super) fn png_key(user_store: &UserStore<'_>) -> OriginalKey {
    OriginalKey {
        stage: user_store.stage().clone(),
        identity: user_store.identity().clone(),
        image: ImageId::new(),
        extension: MediaType::Png.into(),
    }
}
