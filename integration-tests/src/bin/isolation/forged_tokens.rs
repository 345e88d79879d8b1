//! Tokens that no component may accept.

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use local::users::PASSWORD;
use serde_json::{Value, json};

use crate::{
    call::{Service, json as json_call},
    signed_client::{Authorization, Wire},
    target::Target,
    user::{Principal, succeed, text},
};

/// The attacker's tokens.
pub(crate) struct Forgeries {
    /// The victim's claims under the attacker's signature.
    pub(crate) victims_claims: String,
    /// The victim's claims under `alg: none`.
    pub(crate) unsigned: String,
    /// The attacker's own token with a later expiry.
    pub(crate) prolonged: String,
    /// The attacker's own token with an expiry in the past. Its signature no longer matches.
    pub(crate) expired: String,
    /// The victim's claims, with a header that names the attacker's key server.
    pub(crate) own_keys: String,
    /// The victim's claims under the attacker's signature, with a symmetric algorithm in the
    /// header.
    pub(crate) symmetric: String,
    /// A genuine token of another user pool, for a user with the victim's address.
    pub(crate) other_pool: String,
    /// A genuine token of our user pool, for another app client.
    pub(crate) other_client: String,
    /// The provider name of the other pool.
    pub(crate) other_provider: String,
    other_pool_id: String,
    other_client_id: String,
}

impl Forgeries {
    /// Makes the tokens. The other pool and the other client are real: the operator creates them.
    pub(crate) async fn make(
        target: &Target,
        attacker: &Principal,
        victim: &Principal,
    ) -> anyhow::Result<Self> {
        let [header, claims, signature] = parts(&attacker.tokens.id)?;
        let [_, victims, _] = parts(&victim.tokens.id)?;
        let decoded: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&claims)?)?;
        let with_exp = |exp: u64| {
            let mut claims = decoded.clone();
            claims["exp"] = json!(exp);
            format!("{header}.{}.{signature}", encode(&claims))
        };
        let operator = Operator { target };
        let other_pool_id = operator.create_pool().await?;
        let other_pool_client = operator.create_client(&other_pool_id).await?;
        let email = format!("{}@example.com", victim.name);
        operator.create_user(&other_pool_id, &email).await?;
        let own_email = format!("{}@example.com", attacker.name);
        let own_pool = &target.outputs.user_pool_id;
        let other_client_id = operator.create_client(own_pool).await?;
        Ok(Self {
            victims_claims: format!("{header}.{victims}.{signature}"),
            unsigned: format!(
                "{}.{victims}.",
                encode(&json!({"alg": "none", "typ": "JWT"}))
            ),
            prolonged: with_exp(4_102_444_800),
            expired: with_exp(1),
            own_keys: format!(
                "{}.{victims}.{signature}",
                encode(
                    &json!({"alg": "RS256", "kid": "attacker", "jku": "https://attacker.example/jwks.json"})
                )
            ),
            symmetric: format!(
                "{}.{victims}.{signature}",
                encode(&json!({"alg": "HS256", "typ": "JWT"}))
            ),
            other_pool: operator
                .sign_in(&other_pool_id, &other_pool_client, &email)
                .await?,
            other_client: operator
                .sign_in(own_pool, &other_client_id, &own_email)
                .await?,
            other_provider: format!(
                "cognito-idp.{}.amazonaws.com/{other_pool_id}",
                target.outputs.region
            ),
            other_pool_id,
            other_client_id,
        })
    }

    /// Deletes the other pool and the other client.
    pub(crate) async fn remove(&self, target: &Target) -> anyhow::Result<()> {
        let operator = Operator { target };
        let pool = &target.outputs.user_pool_id;
        let client = json!({"UserPoolId": pool, "ClientId": self.other_client_id});
        operator.ask("DeleteUserPoolClient", &client).await?;
        let pool = json!({"UserPoolId": self.other_pool_id});
        operator.ask("DeleteUserPool", &pool).await?;
        Ok(())
    }
}

/// The operator's access to user pools.
struct Operator<'a> {
    target: &'a Target,
}

impl Operator<'_> {
    async fn create_pool(&self) -> anyhow::Result<String> {
        let answer = self
            .ask(
                "CreateUserPool",
                &json!({"PoolName": "hikidashi-isolation"}),
            )
            .await?;
        text(&answer["UserPool"], "Id")
    }

    async fn create_client(&self, pool: &str) -> anyhow::Result<String> {
        let client = json!({
            "UserPoolId": pool,
            "ClientName": "hikidashi-isolation",
            "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        });
        text(
            &self.ask("CreateUserPoolClient", &client).await?["UserPoolClient"],
            "ClientId",
        )
    }

    async fn create_user(&self, pool: &str, email: &str) -> anyhow::Result<()> {
        let user = json!({
            "UserPoolId": pool,
            "Username": email,
            "MessageAction": "SUPPRESS",
            "UserAttributes": [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
        });
        self.ask("AdminCreateUser", &user).await?;
        let password =
            json!({"UserPoolId": pool, "Username": email, "Password": PASSWORD, "Permanent": true});
        self.ask("AdminSetUserPassword", &password).await?;
        Ok(())
    }

    async fn sign_in(&self, pool: &str, client: &str, email: &str) -> anyhow::Result<String> {
        let request = json!({
            "UserPoolId": pool,
            "ClientId": client,
            "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": email, "PASSWORD": PASSWORD},
        });
        let answer = self.ask("AdminInitiateAuth", &request).await?;
        text(&answer["AuthenticationResult"], "IdToken")
    }

    async fn ask(&self, operation: &str, body: &Value) -> anyhow::Result<Value> {
        let credentials = self.target.operator().await?;
        let call = json_call(Service::CognitoPool, operation, body);
        let reply = Wire::new()?
            .send(self.target, &call, Authorization::Header(&credentials))
            .await?;
        if reply.is_success() && reply.body.is_empty() {
            return Ok(Value::Null);
        }
        succeed(&reply).with_context(|| operation.to_owned())
    }
}

fn parts(token: &str) -> anyhow::Result<[String; 3]> {
    let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts
        .try_into()
        .map_err(|_| anyhow::anyhow!("not a signed token"))
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
