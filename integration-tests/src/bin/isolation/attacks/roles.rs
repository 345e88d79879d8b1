//! Attacks that assume other roles, or widen the attacker's own.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use crate::{
    attack::{Attack, DeniedBy, Expected},
    call::{Call, Service, Signer, form},
    fixture::Fixture,
    target::Kind,
};

/// The root key of the emulator, whose signature is not checked. The emulator refuses unsigned STS
/// calls; SDKs do not sign this one.
const EMULATORS_ROOT: &str = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0";

const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// Requests the users' role with a web identity token, as an identity pool of the attacker's own
/// account would issue it.
fn web_identity(fixture: &Fixture, pool: &str, amr: &str) -> Call {
    let claims = json!({
        "aud": pool, "sub": fixture.victim.identity, "amr": [amr], "iat": 1_700_000_000, "exp": 4_102_444_800_u64,
    });
    let token = format!(
        "{}.{}.{}",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWS"}"#),
        URL_SAFE_NO_PAD.encode(claims.to_string()),
        URL_SAFE_NO_PAD.encode("signed by the attacker's pool"),
    );
    let role = fixture.target.role_arn("AuthenticatedRole");
    let call = form(
        Service::Sts,
        "AssumeRoleWithWebIdentity",
        &[
            ("RoleArn", &role),
            ("RoleSessionName", "attacker"),
            ("ProviderId", "cognito-identity.amazonaws.com"),
            ("WebIdentityToken", &token),
        ],
    )
    .by(Signer::Anonymous);
    match fixture.target.kind {
        Kind::Local => call.header("authorization", EMULATORS_ROOT),
        Kind::Aws => call,
    }
}

#[expect(clippy::too_many_lines, reason = "a list, and no logic")]
pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for role in [
        "AuthenticatedRole",
        "AuthorizerInvokeRole",
        "AuthorizerRole",
        "DeadLetterRole",
        "ImagesRole",
        "ReconcileRole",
        "ThumbnailRole",
        "UploadRole",
    ] {
        attacks.push(
            Attack::new(
                format!("sts-assume-{}", role.to_lowercase()),
                format!("assume `{role}`"),
                DeniedBy::NotGranted("sts:AssumeRole"),
                move |s| {
                    form(
                        Service::Sts,
                        "AssumeRole",
                        &[
                            ("RoleArn", &s.target.role_arn(role)),
                            ("RoleSessionName", "attacker"),
                        ],
                    )
                },
            )
            .uncontrolled("its trust policy names a service, and no operator either"),
        );
    }
    let refused = Expected::Code(&[
        "AccessDenied",
        "AccessDeniedException",
        "InvalidIdentityToken",
    ]);
    let forged = "on AWS, STS refuses the forged token before it looks at the role: docs/isolation.md says how to try it with a genuine one";
    attacks.extend([
        Attack::new(
            "sts-other-identity-pool",
            "take the users' role with a token of the attacker's own identity pool",
            DeniedBy::Trust("`aud` is our identity pool"),
            |s| {
                web_identity(
                    s,
                    "us-east-1:00000000-0000-0000-0000-000000000000",
                    "authenticated",
                )
            },
        )
        .expecting(refused)
        .uncontrolled(forged),
        Attack::new(
            "sts-unauthenticated",
            "take the users' role as an unauthenticated identity",
            DeniedBy::Trust("`amr` is `authenticated`"),
            |s| web_identity(s, &s.target.outputs.identity_pool_id, "unauthenticated"),
        )
        .expecting(refused)
        .uncontrolled(forged),
        Attack::new(
            "sts-forged-web-identity",
            "take the users' role with a token that has no valid signature",
            DeniedBy::Trust("the federated principal signs"),
            |s| web_identity(s, &s.target.outputs.identity_pool_id, "authenticated"),
        )
        .expecting(refused)
        .uncontrolled("there is no right way to forge")
        .only_on_aws("does not check the signatures of web identity tokens"),
        Attack::new(
            "sts-session-token",
            "get a longer session",
            DeniedBy::NotGranted("sts:GetSessionToken"),
            |_| form(Service::Sts, "GetSessionToken", &[]),
        )
        .uncontrolled("only users have sessions of this kind"),
        Attack::new(
            "sts-federation-token",
            "get a federated session",
            DeniedBy::NotGranted("sts:GetFederationToken"),
            |_| {
                form(
                    Service::Sts,
                    "GetFederationToken",
                    &[("Name", "attacker"), ("Policy", EVERYTHING)],
                )
            },
        )
        .uncontrolled("only users have sessions of this kind"),
        Attack::new(
            "sts-decode",
            "decode why one was denied",
            DeniedBy::NotGranted("sts:DecodeAuthorizationMessage"),
            |_| {
                form(
                    Service::Sts,
                    "DecodeAuthorizationMessage",
                    &[("EncodedMessage", "x")],
                )
            },
        )
        .uncontrolled("there is no message"),
        Attack::new(
            "sts-assume-root",
            "become root",
            DeniedBy::NotGranted("sts:AssumeRoot"),
            |s| {
                form(
                    Service::Sts,
                    "AssumeRoot",
                    &[
                        ("TargetPrincipal", &s.target.account),
                        (
                            "TaskPolicyArn.arn",
                            "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy",
                        ),
                    ],
                )
            },
        )
        .uncontrolled("only an organisation's root can"),
    ]);
    attacks.extend(iam());
    attacks
}

/// The fields of a form-encoded request.
type Fields = fn(&Fixture) -> Vec<(&'static str, String)>;

#[expect(clippy::too_many_lines, reason = "a list, and no logic")]
fn iam() -> Vec<Attack> {
    let reads: [(&str, &'static str, &str, Fields); 5] = [
        ("ListRoles", "iam:ListRoles", "list roles", |_| vec![]),
        ("ListUsers", "iam:ListUsers", "list users", |_| vec![]),
        ("GetRole", "iam:GetRole", "read one's role", |s| {
            vec![("RoleName", s.target.outputs.authenticated_role_name.clone())]
        }),
        (
            "GetRolePolicy",
            "iam:GetRolePolicy",
            "read one's policy",
            |s| {
                vec![
                    ("RoleName", s.target.outputs.authenticated_role_name.clone()),
                    ("PolicyName", "own-objects-and-records".to_owned()),
                ]
            },
        ),
        (
            "ListRolePolicies",
            "iam:ListRolePolicies",
            "list one's policies",
            |s| vec![("RoleName", s.target.outputs.authenticated_role_name.clone())],
        ),
    ];
    let writes: [(&str, &'static str, &str, Fields); 8] = [
        (
            "PutRolePolicy",
            "iam:PutRolePolicy",
            "give one's role everything",
            |s| {
                vec![
                    ("RoleName", s.target.outputs.authenticated_role_name.clone()),
                    ("PolicyName", "own-objects-and-records".to_owned()),
                    ("PolicyDocument", EVERYTHING.to_owned()),
                ]
            },
        ),
        (
            "AttachRolePolicy",
            "iam:AttachRolePolicy",
            "attach the administrators' policy",
            |s| {
                vec![
                    ("RoleName", s.target.outputs.authenticated_role_name.clone()),
                    (
                        "PolicyArn",
                        "arn:aws:iam::aws:policy/AdministratorAccess".to_owned(),
                    ),
                ]
            },
        ),
        (
            "DeleteRolePolicy",
            "iam:DeleteRolePolicy",
            "take all users' permissions away",
            |s| {
                vec![
                    ("RoleName", s.target.outputs.authenticated_role_name.clone()),
                    ("PolicyName", "own-objects-and-records".to_owned()),
                ]
            },
        ),
        (
            "UpdateAssumeRolePolicy",
            "iam:UpdateAssumeRolePolicy",
            "let any principal assume the users' role",
            |s| {
                vec![
                    ("RoleName", s.target.outputs.authenticated_role_name.clone()),
                    ("PolicyDocument", EVERYTHING.to_owned()),
                ]
            },
        ),
        ("CreateRole", "iam:CreateRole", "create a role", |_| {
            vec![
                ("RoleName", "attacker".to_owned()),
                ("AssumeRolePolicyDocument", EVERYTHING.to_owned()),
            ]
        }),
        ("CreateUser", "iam:CreateUser", "create a user", |_| {
            vec![("UserName", "attacker".to_owned())]
        }),
        (
            "CreateAccessKey",
            "iam:CreateAccessKey",
            "create an access key",
            |_| vec![("UserName", "admin".to_owned())],
        ),
        (
            "DeleteRole",
            "iam:DeleteRole",
            "delete the users' role",
            |s| vec![("RoleName", s.target.outputs.authenticated_role_name.clone())],
        ),
    ];
    let call = |operation: &'static str, fields: Fields| {
        move |s: &Fixture| {
            let fields = fields(s);
            let fields: Vec<(&str, &str)> = fields
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            form(Service::Iam, operation, &fields)
        }
    };
    let id = |operation: &str| format!("iam-{}", operation.to_lowercase());
    let mut attacks = Vec::new();
    for (operation, action, tries, fields) in reads {
        attacks.push(Attack::new(
            id(operation),
            tries,
            DeniedBy::NotGranted(action),
            call(operation, fields),
        ));
    }
    for (operation, action, tries, fields) in writes {
        attacks.push(
            Attack::new(
                id(operation),
                tries,
                DeniedBy::NotGranted(action),
                call(operation, fields),
            )
            .uncontrolled("it would change the roles"),
        );
    }
    attacks
}
