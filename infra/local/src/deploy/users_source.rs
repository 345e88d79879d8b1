//! The parameters that say whose users a stack has: of a user pool of its own, of one that exists,
//! or of another `OpenID` provider.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::Client;

use crate::identity::{TokenIssuer, discovery};

/// The most clients of a user pool, for each of which the template has a place.
pub const MAX_POOL_CLIENTS: usize = 4;

/// Where the users come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsersSource {
    /// The stack makes a user pool and a client.
    OwnPool,
    /// A user pool that exists, with the ids of its clients.
    GivenPool {
        /// The pool.
        user_pool_id: String,
        /// Its clients.
        client_ids: Vec<String>,
    },
    /// Another `OpenID` provider, with the ids of its clients.
    Oidc {
        /// The `iss` of its tokens.
        issuer: String,
        /// Its clients.
        client_ids: Vec<String>,
    },
}

impl UsersSource {
    /// Reads the parameters. An error names the parameter, as the template's `Rules` do.
    pub fn of(parameters: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        let text = |name| parameters.get(name).map_or("", String::as_str);
        let list = |name| {
            let items = text(name).split(',').map(str::trim);
            let items = items.filter(|item| !item.is_empty());
            items.map(str::to_owned).collect::<Vec<_>>()
        };
        let [pool, clients, issuer, audience] = [
            "UserPoolId",
            "UserPoolClientIds",
            "OidcIssuer",
            "OidcAudience",
        ]
        .map(|name| !text(name).is_empty());
        match (pool, clients, issuer, audience) {
            (false, false, false, false) => Ok(Self::OwnPool),
            (true, true, false, false) => {
                let client_ids = list("UserPoolClientIds");
                if client_ids.len() > MAX_POOL_CLIENTS {
                    bail!("UserPoolClientIds: more than {MAX_POOL_CLIENTS} app clients");
                }
                Ok(Self::GivenPool {
                    user_pool_id: text("UserPoolId").to_owned(),
                    client_ids,
                })
            }
            (false, false, true, true) => {
                let issuer = text("OidcIssuer");
                if !discovery::is_secure(issuer) {
                    bail!("OidcIssuer: {issuer} is not an https URL");
                }
                Ok(Self::Oidc {
                    issuer: issuer.to_owned(),
                    client_ids: list("OidcAudience"),
                })
            }
            (true, _, true, _) => bail!("OidcIssuer: UserPoolId is given; give one of both"),
            (true, false, ..) => {
                bail!("UserPoolClientIds: UserPoolId needs the ids of its app clients")
            }
            (false, true, ..) => bail!("UserPoolId: UserPoolClientIds need their user pool"),
            (_, _, true, false) => {
                bail!("OidcAudience: OidcIssuer needs the ids of its clients")
            }
            (_, _, false, true) => bail!("OidcIssuer: OidcAudience needs its issuer"),
        }
    }

    /// Asks whether the clients are the pool's, or for the issuer's discovery document. An error
    /// names the parameter.
    pub async fn check(&self, config: &SdkConfig) -> anyhow::Result<()> {
        match self {
            Self::OwnPool => Ok(()),
            Self::GivenPool {
                user_pool_id,
                client_ids,
            } => {
                let cognito = Client::new(config);
                for client_id in client_ids {
                    let client = cognito.describe_user_pool_client();
                    client
                        .user_pool_id(user_pool_id)
                        .client_id(client_id)
                        .send()
                        .await
                        .with_context(|| {
                            format!(
                                "UserPoolClientIds: {user_pool_id} has no app client {client_id}"
                            )
                        })?;
                }
                Ok(())
            }
            Self::Oidc { issuer, .. } => {
                let keys = discovery::jwks_uri(&reqwest::Client::new(), issuer).await;
                keys.map(drop)
                    .with_context(|| format!("OidcIssuer: {issuer} can't be used"))
            }
        }
    }

    /// Returns the issuer of the tokens, and the clients that they may be for. `own` are the ids of
    /// the stack's own pool and client.
    pub fn tokens(&self, own: [&str; 2]) -> (TokenIssuer, Vec<String>) {
        match self {
            Self::OwnPool => {
                let [user_pool_id, client_id] = own.map(str::to_owned);
                (TokenIssuer::UserPool(user_pool_id), vec![client_id])
            }
            Self::GivenPool {
                user_pool_id,
                client_ids,
            } => (
                TokenIssuer::UserPool(user_pool_id.clone()),
                client_ids.clone(),
            ),
            Self::Oidc { issuer, client_ids } => {
                (TokenIssuer::Oidc(issuer.clone()), client_ids.clone())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::UsersSource;

    fn of(pairs: &[(&str, &str)]) -> Result<UsersSource, String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let parameters: BTreeMap<_, _> = pairs.iter().map(owned).collect();
        UsersSource::of(&parameters).map_err(|error| error.to_string())
    }

    #[test]
    fn each_kind_has_its_parameters() {
        assert_eq!(of(&[]), Ok(UsersSource::OwnPool));
        assert_eq!(of(&[("UserPoolId", "")]), Ok(UsersSource::OwnPool));
        let client_ids = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(
            of(&[("UserPoolId", "p"), ("UserPoolClientIds", "a, b")]),
            Ok(UsersSource::GivenPool {
                user_pool_id: "p".to_owned(),
                client_ids: client_ids.clone(),
            })
        );
        assert_eq!(
            of(&[("OidcIssuer", "https://x"), ("OidcAudience", "a,b")]),
            Ok(UsersSource::Oidc {
                issuer: "https://x".to_owned(),
                client_ids,
            })
        );
    }

    #[test]
    fn what_does_not_fit_is_refused_by_the_name_of_the_parameter() {
        let pool = [("UserPoolId", "p"), ("UserPoolClientIds", "a")];
        let oidc = [("OidcIssuer", "https://x"), ("OidcAudience", "a")];
        for (pairs, name) in [
            (&pool[..1], "UserPoolClientIds: "),
            (&pool[1..], "UserPoolId: "),
            (&oidc[..1], "OidcAudience: "),
            (&oidc[1..], "OidcIssuer: "),
            (&[pool, oidc].concat()[..], "OidcIssuer: "),
            (
                &[("OidcIssuer", "http://x"), ("OidcAudience", "a")],
                "OidcIssuer: ",
            ),
            (
                &[("OidcIssuer", "x"), ("OidcAudience", "a")],
                "OidcIssuer: ",
            ),
            (
                &[pool[0], ("UserPoolClientIds", "a,b,c,d,e")],
                "UserPoolClientIds: ",
            ),
            (
                &[
                    ("OidcIssuer", "http://127.0.0.1:1@x"),
                    ("OidcAudience", "a"),
                ],
                "OidcIssuer: ",
            ),
        ] {
            let error = of(pairs).unwrap_err();
            assert!(error.starts_with(name), "{pairs:?}: {error}");
        }
    }

    #[tokio::test]
    async fn an_issuer_without_a_discovery_document_is_refused() {
        let source = UsersSource::Oidc {
            issuer: "http://127.0.0.1:1".to_owned(),
            client_ids: vec!["a".to_owned()],
        };
        let config = crate::deploy::root::sdk_config("http://127.0.0.1:1");
        let error = source.check(&config).await.unwrap_err();
        assert!(error.to_string().starts_with("OidcIssuer: "), "{error}");
    }
}
