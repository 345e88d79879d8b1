//! Attacks on the identity pool, which any client with a token can call without the API.

use serde_json::{Value, json};

use crate::{
    attack::{Attack, DeniedBy, Expected},
    call::{Call, Service, Signer, json as json_call},
    fixture::Fixture,
};

const NOT_AUTHORIZED: Expected = Expected::Code(&["NotAuthorizedException"]);
const OWN_LOGIN_NEEDED: &str = "the attacker would lose their own identity";
const NOT_HERE: &str = "the local identity service has no such operation";

fn ask(operation: &str, body: &Value) -> Call {
    json_call(Service::CognitoIdentity, operation, body).by(Signer::Anonymous)
}

fn logins(fixture: &Fixture, token: &str) -> Value {
    json!({ fixture.target.login_provider(): token })
}

fn credentials(identity: &str, logins: &Value) -> Call {
    json_call(
        Service::CognitoIdentity,
        "GetCredentialsForIdentity",
        &json!({"IdentityId": identity, "Logins": logins}),
    )
    .by(Signer::Anonymous)
}

fn identity(fixture: &Fixture, logins: &Value) -> Call {
    ask(
        "GetId",
        &json!({"IdentityPoolId": fixture.target.outputs.identity_pool_id, "Logins": logins}),
    )
}

fn unlink(fixture: &Fixture, token: &str) -> Call {
    let body = json!({
        "IdentityId": fixture.victim.identity,
        "Logins": logins(fixture, token),
        "LoginsToRemove": [fixture.target.login_provider()],
    });
    ask("UnlinkIdentity", &body)
}

fn own_credentials(fixture: &Fixture) -> Call {
    credentials(
        &fixture.attacker.identity,
        &logins(fixture, &fixture.attacker.tokens.id),
    )
}

fn own_identity(fixture: &Fixture) -> Call {
    identity(fixture, &logins(fixture, &fixture.attacker.tokens.id))
}

/// A token that the identity pool must refuse: for an identity id, and for its credentials.
type Token = (&'static str, &'static str, fn(&Fixture) -> &str);

const BAD_TOKENS: [Token; 10] = [
    ("access-token", "an access token", |s| {
        &s.attacker.tokens.access
    }),
    ("refresh-token", "a refresh token", |s| {
        &s.attacker.tokens.refresh
    }),
    (
        "victims-claims",
        "the victim's claims under one's own signature",
        |s| &s.forged.victims_claims,
    ),
    ("alg-none", "the victim's claims under `alg: none`", |s| {
        &s.forged.unsigned
    }),
    (
        "alg-hs256",
        "the victim's claims, declared symmetric",
        |s| &s.forged.symmetric,
    ),
    (
        "own-keys",
        "the victim's claims, with a header that names the attacker's keys",
        |s| &s.forged.own_keys,
    ),
    ("prolonged", "one's own token with a later expiry", |s| {
        &s.forged.prolonged
    }),
    ("expired", "a token whose expiry has passed", |s| {
        &s.forged.expired
    }),
    (
        "other-pool",
        "a genuine token of another user pool, for the victim's address",
        |s| &s.forged.other_pool,
    ),
    (
        "other-client",
        "a genuine token for another app client",
        |s| &s.forged.other_client,
    ),
];

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for (id, what, token) in BAD_TOKENS {
        let denied_by =
            DeniedBy::IdentityPool("takes id tokens of its own user pool and client only");
        attacks.push(
            Attack::new(
                format!("pool-id-{id}"),
                format!("get an identity for {what}"),
                denied_by,
                move |s| identity(s, &logins(s, token(s))),
            )
            .expecting(NOT_AUTHORIZED)
            .own(own_identity),
        );
        attacks.push(
            Attack::new(
                format!("pool-credentials-{id}"),
                format!("get the victim's credentials for {what}"),
                denied_by,
                move |s| credentials(&s.victim.identity, &logins(s, token(s))),
            )
            .expecting(NOT_AUTHORIZED)
            .own(own_credentials),
        );
    }
    attacks.extend(by_the_book());
    attacks.extend(administration());
    attacks
}

fn by_the_book() -> Vec<Attack> {
    vec![
        Attack::new("pool-theirs-own-token", "get the victim's credentials for one's own token", DeniedBy::IdentityPool("the login is not this identity's"), |s| {
            credentials(&s.victim.identity, &logins(s, &s.attacker.tokens.id))
        })
        .expecting(NOT_AUTHORIZED)
        .own(own_credentials),
        Attack::new("pool-theirs-no-token", "get the victim's credentials without a token", DeniedBy::IdentityPool("no login, no credentials"), |s| {
            credentials(&s.victim.identity, &json!({}))
        })
        .expecting(NOT_AUTHORIZED)
        .own(own_credentials),
        Attack::new("pool-own-no-token", "get one's own credentials without a token", DeniedBy::IdentityPool("no login, no credentials"), |s| {
            credentials(&s.attacker.identity, &json!({}))
        })
        .expecting(NOT_AUTHORIZED)
        .own(own_credentials),
        Attack::new("pool-unauthenticated", "get an unauthenticated identity", DeniedBy::IdentityPool("`AllowUnauthenticatedIdentities: false`"), |s| {
            identity(s, &json!({}))
        })
        .expecting(NOT_AUTHORIZED)
        .own(own_identity),
        Attack::new("pool-other-provider", "log in through another user pool", DeniedBy::IdentityPool("one provider"), |s| {
            identity(s, &json!({ s.forged.other_provider.as_str(): s.forged.other_pool }))
        })
        .expecting(Expected::Code(&["NotAuthorizedException", "InvalidParameterException"]))
        .own(own_identity),
        Attack::new("pool-two-logins", "log in through two user pools at once", DeniedBy::IdentityPool("one provider"), |s| {
            let logins = json!({s.target.login_provider(): s.attacker.tokens.id, s.forged.other_provider.as_str(): s.forged.other_pool});
            credentials(&s.victim.identity, &logins)
        })
        .expecting(Expected::Code(&["NotAuthorizedException", "InvalidParameterException"]))
        .own(own_credentials),
        Attack::new("pool-facebook", "log in as a Facebook user", DeniedBy::IdentityPool("one provider"), |s| {
            identity(s, &json!({"graph.facebook.com": s.attacker.tokens.id}))
        })
        .expecting(Expected::Code(&["NotAuthorizedException", "InvalidParameterException"]))
        .own(own_identity),
        Attack::new("pool-custom-role", "choose the worker's role", DeniedBy::IdentityPool("no role mapping, so no choice"), |s| {
            ask("GetCredentialsForIdentity", &json!({
                "IdentityId": s.attacker.identity, "Logins": logins(s, &s.attacker.tokens.id),
                "CustomRoleArn": s.target.role_arn("ThumbnailRole"),
            }))
        })
        .expecting(Expected::Code(&["InvalidParameterException", "NotAuthorizedException"]))
        .own(own_credentials),
        Attack::new("pool-unlink", "unlink the victim's login with one's own token", DeniedBy::IdentityPool("the login is not this identity's"), |s| {
            unlink(s, &s.attacker.tokens.id)
        })
        .expecting(NOT_AUTHORIZED)
        .uncontrolled(OWN_LOGIN_NEEDED),
        Attack::new("pool-unlink-forged", "unlink the victim's login with the victim's claims under one's own signature", DeniedBy::IdentityPool("takes id tokens of its own user pool and client only"), |s| {
            unlink(s, &s.forged.victims_claims)
        })
        .expecting(NOT_AUTHORIZED)
        .uncontrolled(OWN_LOGIN_NEEDED),
        Attack::new("pool-wrong-pool", "ask another identity pool", DeniedBy::IdentityPool("an identity belongs to one pool"), |s| {
            ask("GetId", &json!({
                "IdentityPoolId": format!("{}:00000000-0000-0000-0000-000000000000", s.target.outputs.region),
                "Logins": logins(s, &s.attacker.tokens.id),
            }))
        })
        .expecting(Expected::Code(&["ResourceNotFoundException", "NotAuthorizedException"]))
        .own(own_identity),
        Attack::new("pool-unknown-identity", "invent an identity", DeniedBy::IdentityPool("there is no such identity"), |s| {
            let invented = format!("{}:00000000-0000-4000-8000-000000000000", s.target.outputs.region);
            credentials(&invented, &logins(s, &s.attacker.tokens.id))
        })
        .expecting(Expected::Code(&["ResourceNotFoundException", "NotAuthorizedException"]))
        .own(own_credentials),
    ]
}

/// The body of a request.
type Body = fn(&Fixture) -> Value;

/// Operations that need an administrator, or the classic flow, which is off.
fn administration() -> Vec<Attack> {
    let public: [(&str, &'static str, &str, Body); 2] = [
        (
            "pool-open-id-token",
            "GetOpenIdToken",
            "get the victim's OpenID token for one's own token",
            |s| json!({"IdentityId": s.victim.identity, "Logins": logins(s, &s.attacker.tokens.id)}),
        ),
        (
            "pool-open-id-token-own",
            "GetOpenIdToken",
            "get one's own OpenID token, for a session with another policy",
            |s| json!({"IdentityId": s.attacker.identity, "Logins": logins(s, &s.attacker.tokens.id)}),
        ),
    ];
    let signed: [(&str, &'static str, &'static str, &str, Body); 7] = [
        (
            "pool-developer-token",
            "GetOpenIdTokenForDeveloperIdentity",
            "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
            "vouch for the victim as a developer",
            |s| json!({"IdentityPoolId": s.target.outputs.identity_pool_id, "IdentityId": s.victim.identity, "Logins": {"attacker": "victim"}}),
        ),
        (
            "pool-merge",
            "MergeDeveloperIdentities",
            "cognito-identity:MergeDeveloperIdentities",
            "merge the victim's identity into one's own",
            |s| {
                json!({"IdentityPoolId": s.target.outputs.identity_pool_id, "DeveloperProviderName": "attacker",
                   "SourceUserIdentifier": "victim", "DestinationUserIdentifier": "attacker"})
            },
        ),
        (
            "pool-lookup",
            "LookupDeveloperIdentity",
            "cognito-identity:LookupDeveloperIdentity",
            "look the victim up",
            |s| json!({"IdentityPoolId": s.target.outputs.identity_pool_id, "IdentityId": s.victim.identity}),
        ),
        (
            "pool-list",
            "ListIdentities",
            "cognito-identity:ListIdentities",
            "list identities",
            |s| json!({"IdentityPoolId": s.target.outputs.identity_pool_id, "MaxResults": 60}),
        ),
        (
            "pool-roles",
            "SetIdentityPoolRoles",
            "cognito-identity:SetIdentityPoolRoles",
            "give users the worker's role",
            |s| json!({"IdentityPoolId": s.target.outputs.identity_pool_id, "Roles": {"authenticated": s.target.role_arn("ThumbnailRole")}}),
        ),
        (
            "pool-update",
            "UpdateIdentityPool",
            "cognito-identity:UpdateIdentityPool",
            "allow unauthenticated identities",
            |s| json!({"IdentityPoolId": s.target.outputs.identity_pool_id, "IdentityPoolName": "x", "AllowUnauthenticatedIdentities": true}),
        ),
        (
            "pool-delete-identities",
            "DeleteIdentities",
            "cognito-identity:DeleteIdentities",
            "delete the victim's identity",
            |s| json!({"IdentityIdsToDelete": [s.victim.identity]}),
        ),
    ];
    let mut attacks = Vec::new();
    for (id, operation, tries, body) in public {
        let denied_by = DeniedBy::IdentityPool(
            "the login is not this identity's, and `AllowClassicFlow: false`",
        );
        attacks.push(
            Attack::new(id, tries, denied_by, move |s| ask(operation, &body(s)))
                .expecting(Expected::Code(&[
                    "NotAuthorizedException",
                    "InvalidParameterException",
                ]))
                .uncontrolled("the classic flow is off")
                .only_on_aws(NOT_HERE),
        );
    }
    for (id, operation, action, tries, body) in signed {
        attacks.push(
            Attack::new(id, tries, DeniedBy::NotGranted(action), move |s| {
                json_call(Service::CognitoIdentity, operation, &body(s))
            })
            .uncontrolled("it would change the pool")
            .only_on_aws(NOT_HERE),
        );
    }
    attacks
}
