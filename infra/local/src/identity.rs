//! A replacement for Cognito identity pools, as strict as the real service.
//!
//! The emulator's own identity pool accepts any token, creates a new identity for every token and
//! issues credentials in which `cognito-identity.amazonaws.com:sub` has no value, so that the
//! template's policies could not be tested with it. This one verifies the id token against the user
//! pool's keys, gives every user one permanent identity, and applies the template's **own** role
//! and trust policy to the credentials.
//!
//! It speaks the real protocol (AWS JSON 1.1), so an SDK only needs
//! `AWS_ENDPOINT_URL_COGNITO_IDENTITY`. Operations: `GetId`,
//! `GetCredentialsForIdentity` and `UnlinkIdentity`.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::proxy::listening::Listening;

mod exchange;
mod identities;
mod role;
mod service_error;
mod session;
mod signing_keys;
mod token;
mod user;
mod wire;

/// The identity pool of a deployed stack, and the tokens that it trusts.
#[derive(Clone, Debug)]
pub struct IdentityPool {
    /// The region of both pools.
    pub region: String,
    /// Id of the identity pool, `<region>:<uuid>`.
    pub identity_pool_id: String,
    /// The user pool whose tokens are accepted.
    pub user_pool_id: String,
    /// The app client that the tokens must be issued to (`aud`).
    pub client_id: String,
    /// The template's authenticated role, by name or ARN.
    pub authenticated_role_name: String,
}

impl IdentityPool {
    /// Returns the key under which `Logins` carries a token of the user pool.
    fn provider(&self) -> String {
        format!(
            "cognito-idp.{}.amazonaws.com/{}",
            self.region, self.user_pool_id
        )
    }

    /// Returns the `iss` of the user pool's tokens: the real service's, which the emulator writes
    /// too.
    fn issuer(&self) -> String {
        format!("https://{}", self.provider())
    }
}

/// The running service, which stops when dropped.
pub struct IdentityService {
    listening: Listening,
    pool: watch::Sender<Option<Arc<IdentityPool>>>,
    exchange: Arc<exchange::Exchange>,
}

impl IdentityService {
    /// Serves on a bound listener; answers 503 until [`Self::configure`].
    ///
    /// With a `state_file`, users keep their identities across restarts.
    pub async fn start(
        listener: TcpListener,
        fakecloud_url: &str,
        state_file: Option<PathBuf>,
    ) -> anyhow::Result<Self> {
        let identities = match state_file {
            Some(file) => identities::Identities::open(file).await?,
            None => identities::Identities::default(),
        };
        let exchange = Arc::new(exchange::Exchange::new(fakecloud_url, identities));
        let (pool, configured) = watch::channel(None);
        Ok(Self {
            listening: Listening::serve(listener, wire::router(exchange.clone(), configured))?,
            pool,
            exchange,
        })
    }

    /// Opens the service for a deployed stack.
    ///
    /// Fails when the authenticated role is missing or can't be copied faithfully.
    pub async fn configure(&self, pool: IdentityPool) -> anyhow::Result<()> {
        self.exchange.check_role(&pool).await.with_context(|| {
            format!(
                "identity pool {} has no usable role {}",
                pool.identity_pool_id, pool.authenticated_role_name
            )
        })?;
        self.pool.send_replace(Some(Arc::new(pool)));
        Ok(())
    }

    /// Returns the value for `AWS_ENDPOINT_URL_COGNITO_IDENTITY`.
    pub fn url(&self) -> &str {
        self.listening.url()
    }
}
