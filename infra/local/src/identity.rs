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
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::proxy::listening::Listening;

pub(crate) mod discovery;
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
    /// Whose tokens are accepted.
    pub issuer: TokenIssuer,
    /// The clients that the tokens may be issued to (`aud`).
    pub client_ids: Vec<String>,
    /// The template's authenticated role, by name or ARN.
    pub authenticated_role_name: String,
}

/// An issuer of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenIssuer {
    /// A user pool of the emulator, by its id.
    UserPool(String),
    /// Another `OpenID` provider, by its `iss`.
    Oidc(String),
}

impl IdentityPool {
    /// Returns the key under which `Logins` carries a token: the issuer without its scheme.
    fn provider(&self) -> String {
        let issuer = self.issuer();
        match issuer.split_once("://") {
            Some((_, provider)) => provider.to_owned(),
            None => issuer,
        }
    }

    /// Returns the `iss` of tokens. A user pool's is the real service's, which the emulator writes
    /// too.
    fn issuer(&self) -> String {
        match &self.issuer {
            TokenIssuer::UserPool(id) => {
                format!("https://cognito-idp.{}.amazonaws.com/{id}", self.region)
            }
            TokenIssuer::Oidc(issuer) => issuer.clone(),
        }
    }
}

/// The running service, which stops when dropped.
pub struct IdentityService {
    listening: Listening,
    pool: watch::Sender<Option<Arc<IdentityPool>>>,
    exchange: Arc<exchange::Exchange>,
    follower: JoinHandle<()>,
}

/// How often the role is looked at. A change of it reaches sessions that exist within this time.
const FOLLOWED_EVERY: Duration = Duration::from_millis(500);

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
        let follower = tokio::spawn(follow(exchange.clone(), configured.clone()));
        Ok(Self {
            follower,
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

impl Drop for IdentityService {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

/// Keeps the copies of the pool's role in line with it.
async fn follow(
    exchange: Arc<exchange::Exchange>,
    configured: watch::Receiver<Option<Arc<IdentityPool>>>,
) {
    loop {
        tokio::time::sleep(FOLLOWED_EVERY).await;
        let pool = configured.borrow().clone();
        if let Some(pool) = pool
            && let Err(error) = exchange.follow_role(&pool).await
        {
            // The emulator stops before this task does, and a test may put a policy that can't be
            // copied; the exchange reports both.
            tracing::debug!(error = %format!("{error:#}"), "the role's copies are not followed");
        }
    }
}
