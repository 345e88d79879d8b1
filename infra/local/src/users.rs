//! Users of the local user pool.

use anyhow::Context as _;
use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::{
    Client,
    operation::admin_create_user::AdminCreateUserError,
    types::{AttributeType, AuthFlowType, MessageActionType},
};

use crate::deploy::outputs::Outputs;

/// The users that every stack starts with.
pub const DEMO_USERS: [&str; 2] = ["alice", "bob"];

/// Password of every local user. It protects nothing: the pool lives on this machine.
pub const PASSWORD: &str = "Hikidashi-demo-1";

/// A confirmed user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name that the user was created by.
    pub name: String,
    /// The address that the user signs in with.
    pub email: String,
}

/// The tokens of a sign-in.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The id token, the only one that the API accepts.
    pub id: String,
    /// The access token for the user pool itself; the API must refuse it.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tokens(…)")
    }
}

/// The user pool of a stack.
#[derive(Clone, Debug)]
pub struct Users {
    client: Client,
    user_pool_id: String,
    client_id: String,
}

impl Users {
    /// Creates a client of the stack's user pool with the operator's rights.
    pub fn new(config: &SdkConfig, outputs: &Outputs) -> Self {
        Self {
            client: Client::new(config),
            user_pool_id: outputs.user_pool_id.clone(),
            client_id: outputs.user_pool_client_id.clone(),
        }
    }

    /// Creates a user who can sign in, unless it exists already.
    pub async fn create(&self, name: &str) -> anyhow::Result<User> {
        let user = User {
            name: name.to_owned(),
            email: email(name),
        };
        let created = self
            .client
            .admin_create_user()
            .user_pool_id(&self.user_pool_id)
            .username(&user.email)
            .user_attributes(attribute("email", &user.email)?)
            .user_attributes(attribute("email_verified", "true")?)
            .message_action(MessageActionType::Suppress)
            .send()
            .await;
        if let Err(error) = created
            && !error.as_service_error().is_some_and(exists)
        {
            return Err(error).with_context(|| format!("can't create the user {name}"));
        }
        // A password that is not permanent has to be changed at the first sign-in.
        self.client
            .admin_set_user_password()
            .user_pool_id(&self.user_pool_id)
            .username(&user.email)
            .password(PASSWORD)
            .permanent(true)
            .send()
            .await
            .with_context(|| format!("can't set the password of {name}"))?;
        Ok(user)
    }

    /// Signs a user in through the operator's API.
    pub async fn sign_in(&self, name: &str) -> anyhow::Result<Tokens> {
        let answer = self
            .client
            .admin_initiate_auth()
            .user_pool_id(&self.user_pool_id)
            .client_id(&self.client_id)
            .auth_flow(AuthFlowType::AdminUserPasswordAuth)
            .auth_parameters("USERNAME", email(name))
            .auth_parameters("PASSWORD", PASSWORD)
            .send()
            .await
            .with_context(|| format!("can't sign {name} in"))?;
        let result = answer
            .authentication_result
            .with_context(|| format!("signing {name} in asks for another step"))?;
        Ok(Tokens {
            id: result.id_token.context("no id token")?,
            access: result.access_token.context("no access token")?,
            refresh: result.refresh_token.context("no refresh token")?,
        })
    }

    /// Deletes a user. The user's objects and records stay.
    pub async fn delete(&self, name: &str) -> anyhow::Result<()> {
        self.client
            .admin_delete_user()
            .user_pool_id(&self.user_pool_id)
            .username(email(name))
            .send()
            .await
            .with_context(|| format!("can't delete the user {name}"))?;
        Ok(())
    }

    /// Signs a user out everywhere.
    pub async fn sign_out(&self, name: &str) -> anyhow::Result<()> {
        self.client
            .admin_user_global_sign_out()
            .user_pool_id(&self.user_pool_id)
            .username(email(name))
            .send()
            .await
            .with_context(|| format!("can't sign {name} out"))?;
        Ok(())
    }
}

/// Returns whether the error says that the user exists. The address is the user's name, which the
/// emulator treats as an alias of it.
fn exists(error: &AdminCreateUserError) -> bool {
    error.is_username_exists_exception() || error.meta().code() == Some("AliasExistsException")
}

fn attribute(name: &str, value: &str) -> anyhow::Result<AttributeType> {
    Ok(AttributeType::builder().name(name).value(value).build()?)
}

/// Returns the address that a user signs in with.
pub fn email(name: &str) -> String {
    if name.contains('@') {
        name.to_owned()
    } else {
        format!("{name}@example.com")
    }
}

#[cfg(test)]
mod tests {
    use super::{Tokens, email};

    #[test]
    fn a_bare_name_signs_in_with_an_address_of_the_example_domain() {
        assert_eq!(email("alice"), "alice@example.com");
        assert_eq!(email("bob@example.org"), "bob@example.org");
    }

    #[test]
    fn tokens_never_show_in_debug_output() {
        let tokens = Tokens {
            id: "secret".to_owned(),
            access: "secret".to_owned(),
            refresh: "secret".to_owned(),
        };
        assert!(!format!("{tokens:?}").contains("secret"));
    }
}
