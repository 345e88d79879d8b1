//! The user pool and the identity pool.

use integration_tests::{
    call::{Service, api, json},
    principal::{Principal, text},
};
use serde_json::json;

use crate::{
    check::Check,
    found::Found,
    world::{World, summary},
};

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::new("sign-up-closed", "400 NotAuthorizedException", |world| {
            Box::pin(sign_up_closed(world))
        }),
        Check::new("user-names-have-no-case", "signed in", |world| {
            Box::pin(user_names_have_no_case(world))
        }),
        Check::new("one-identity-for-a-user", "the same", |world| {
            Box::pin(one_identity_for_a_user(world))
        }),
        Check::new(
            "no-identity-without-a-login",
            "400 NotAuthorizedException",
            |world| Box::pin(no_identity_without_a_login(world)),
        ),
        Check::new(
            "an-access-token-is-no-login",
            "400 NotAuthorizedException",
            |world| Box::pin(an_access_token_is_no_login(world)),
        ),
        // UnlinkIdentity needs only the token. The functions forget the identity then.
        Check::new(
            "an-unlinked-login-goes-on",
            "200, another identity",
            |world| Box::pin(an_unlinked_login_goes_on(world)),
        ),
        // ServerSideTokenCheck.
        Check::new(
            "a-signed-out-token-gives-no-credentials",
            "400 NotAuthorizedException",
            |world| Box::pin(a_signed_out_token_gives_no_credentials(world)),
        ),
    ]
}

async fn sign_up_closed(world: &World) -> anyhow::Result<Found> {
    let email = format!("verify-{}@example.com", uuid::Uuid::new_v4().simple());
    let body = json!({
        "ClientId": world.target.outputs.user_pool_client_id,
        "Username": email,
        "Password": "Verify-this-12",
        "UserAttributes": [{ "Name": "email", "Value": email }],
    });
    let call = json(Service::CognitoPool, "SignUp", &body);
    Ok(summary(&world.anonymous(&call).await?))
}

async fn user_names_have_no_case(world: &World) -> anyhow::Result<Found> {
    let name = world.alice.name.to_uppercase();
    let tokens = world.target.users.sign_in(&name).await?;
    Ok(Found::Value(if tokens.id.is_empty() {
        "no token".to_owned()
    } else {
        "signed in".to_owned()
    }))
}

async fn one_identity_for_a_user(world: &World) -> anyhow::Result<Found> {
    let identity = identity_of(world, &world.alice).await?;
    let is_same = identity == world.alice.identity;
    Ok(Found::Value(if is_same {
        "the same".to_owned()
    } else {
        identity
    }))
}

async fn no_identity_without_a_login(world: &World) -> anyhow::Result<Found> {
    let pool = &world.target.outputs.identity_pool_id;
    let body = json!({ "IdentityPoolId": pool });
    let call = json(Service::CognitoIdentity, "GetId", &body);
    Ok(summary(&world.anonymous(&call).await?))
}

async fn an_access_token_is_no_login(world: &World) -> anyhow::Result<Found> {
    let pool = &world.target.outputs.identity_pool_id;
    let login = world.target.login_provider();
    let logins = json!({ login: world.alice.tokens.access });
    let body = json!({ "IdentityPoolId": pool, "Logins": logins });
    let call = json(Service::CognitoIdentity, "GetId", &body);
    Ok(summary(&world.anonymous(&call).await?))
}

async fn a_signed_out_token_gives_no_credentials(world: &World) -> anyhow::Result<Found> {
    let carol = Principal::new(&world.target, &world.wire).await?;
    let body = json!({ "AccessToken": carol.tokens.access });
    let out = json(Service::CognitoPool, "GlobalSignOut", &body);
    let reply = world.anonymous(&out).await?;
    anyhow::ensure!(reply.is_success(), "sign-out: {}", reply.text());
    let login = world.target.login_provider();
    let body = json!({
        "IdentityId": carol.identity,
        "Logins": { login: carol.tokens.id },
    });
    let get = "GetCredentialsForIdentity";
    let call = json(Service::CognitoIdentity, get, &body);
    let found = summary(&world.anonymous(&call).await?);
    world.target.users.delete(&carol.name).await?;
    Ok(found)
}

async fn an_unlinked_login_goes_on(world: &World) -> anyhow::Result<Found> {
    let mut dave = Principal::new(&world.target, &world.wire).await?;
    let listing = api("GET", "/images");
    let before = world.ask(&dave, &listing).await?;
    anyhow::ensure!(before.is_success(), "{}", before.text());
    let login = world.target.login_provider();
    let body = json!({
        "IdentityId": dave.identity,
        "Logins": { login.as_str(): dave.tokens.id },
        "LoginsToRemove": [login],
    });
    let unlink = json(Service::CognitoIdentity, "UnlinkIdentity", &body);
    let unlinked = world.anonymous(&unlink).await?;
    anyhow::ensure!(unlinked.is_success(), "unlink: {}", unlinked.text());
    // A new token, because the functions keep the credentials of the old one.
    dave.tokens = world.target.users.sign_in(&dave.name).await?;
    let after = world.ask(&dave, &listing).await?;
    let identity = identity_of(world, &dave).await?;
    world.target.users.delete(&dave.name).await?;
    let which = if identity == dave.identity {
        "the same identity"
    } else {
        "another identity"
    };
    Ok(format!("{}, {which}", after.status).into())
}

async fn identity_of(world: &World, user: &Principal) -> anyhow::Result<String> {
    let pool = &world.target.outputs.identity_pool_id;
    let logins = json!({ world.target.login_provider(): user.tokens.id });
    let body = json!({ "IdentityPoolId": pool, "Logins": logins });
    let call = json(Service::CognitoIdentity, "GetId", &body);
    text(&world.anonymous(&call).await?.json()?, "IdentityId")
}
