//! Attacks on other services of the account.

use serde_json::{Value, json};

use crate::{
    attack::{Attack, DeniedBy},
    call::{Service, form, json as json_call},
    fixture::Fixture,
};

/// The id, the service, the operation, the action, the description, and the parameters.
type NotAsked = (
    &'static str,
    Service,
    &'static str,
    &'static str,
    &'static str,
    fn(&Fixture) -> Value,
);

const NOT_ASKED: &str = "does not ask IAM about this service";

#[expect(clippy::too_many_lines, reason = "a list, and no logic")]
pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    let asked: [(&str, Service, &'static str, &'static str, &str); 3] = [
        (
            "kms-list",
            Service::Kms,
            "ListKeys",
            "kms:ListKeys",
            "list keys",
        ),
        (
            "kms-list-aliases",
            Service::Kms,
            "ListAliases",
            "kms:ListAliases",
            "list the names of keys",
        ),
        (
            "kms-create",
            Service::Kms,
            "CreateKey",
            "kms:CreateKey",
            "create a key",
        ),
    ];
    for (id, service, operation, action, tries) in asked {
        let attack = Attack::new(id, tries, DeniedBy::NotGranted(action), move |_| {
            json_call(service, operation, &json!({}))
        });
        attacks.push(if id == "kms-create" {
            attack.uncontrolled("it would leave a key")
        } else {
            attack
        });
    }
    attacks.push(
        Attack::new(
            "kms-decrypt",
            "decrypt",
            DeniedBy::NotGranted("kms:Decrypt"),
            |_| {
                json_call(
                    Service::Kms,
                    "Decrypt",
                    &json!({"CiphertextBlob": "AAAA", "KeyId": "alias/aws/s3"}),
                )
            },
        )
        .uncontrolled("there is nothing to decrypt"),
    );
    attacks.push(Attack::new(
        "sns-list",
        "list topics",
        DeniedBy::NotGranted("sns:ListTopics"),
        |_| form(Service::Sns, "ListTopics", &[]),
    ));
    let not_asked: [NotAsked; 11] = [
        (
            "logs-groups",
            Service::Logs,
            "DescribeLogGroups",
            "logs:DescribeLogGroups",
            "list log groups",
            |_| json!({}),
        ),
        (
            "logs-filter",
            Service::Logs,
            "FilterLogEvents",
            "logs:FilterLogEvents",
            "read the functions' logs",
            |s| json!({"logGroupName": format!("/aws/lambda/{}", s.target.function("upload"))}),
        ),
        (
            "logs-put",
            Service::Logs,
            "PutLogEvents",
            "logs:PutLogEvents",
            "write into the functions' logs",
            |s| {
                json!({"logGroupName": format!("/aws/lambda/{}", s.target.function("upload")), "logStreamName": "x",
                   "logEvents": [{"timestamp": 1, "message": "forged"}]})
            },
        ),
        (
            "logs-delete",
            Service::Logs,
            "DeleteLogGroup",
            "logs:DeleteLogGroup",
            "delete the functions' logs",
            |s| json!({"logGroupName": format!("/aws/lambda/{}", s.target.function("upload"))}),
        ),
        (
            "logs-query",
            Service::Logs,
            "StartQuery",
            "logs:StartQuery",
            "query the functions' logs",
            |s| json!({"logGroupName": format!("/aws/lambda/{}", s.target.function("upload")), "startTime": 0, "endTime": 1, "queryString": "fields @message"}),
        ),
        (
            "secrets-list",
            Service::SecretsManager,
            "ListSecrets",
            "secretsmanager:ListSecrets",
            "list secrets",
            |_| json!({}),
        ),
        (
            "parameters-get",
            Service::Ssm,
            "GetParameter",
            "ssm:GetParameter",
            "read a parameter",
            |_| json!({"Name": "/hikidashi"}),
        ),
        (
            "users-list",
            Service::CognitoPool,
            "ListUsers",
            "cognito-idp:ListUsers",
            "list the pool's users",
            |s| json!({"UserPoolId": s.target.outputs.user_pool_id}),
        ),
        (
            "users-get",
            Service::CognitoPool,
            "AdminGetUser",
            "cognito-idp:AdminGetUser",
            "read the victim's attributes",
            |s| json!({"UserPoolId": s.target.outputs.user_pool_id, "Username": format!("{}@example.com", s.victim.name)}),
        ),
        (
            "users-password",
            Service::CognitoPool,
            "AdminSetUserPassword",
            "cognito-idp:AdminSetUserPassword",
            "set the victim's password",
            |s| {
                json!({"UserPoolId": s.target.outputs.user_pool_id, "Username": format!("{}@example.com", s.victim.name),
                   "Password": "Attacker-owns-1", "Permanent": true})
            },
        ),
        (
            "users-delete",
            Service::CognitoPool,
            "AdminDeleteUser",
            "cognito-idp:AdminDeleteUser",
            "delete the victim",
            |s| json!({"UserPoolId": s.target.outputs.user_pool_id, "Username": format!("{}@example.com", s.victim.name)}),
        ),
    ];
    for (id, service, operation, action, tries, body) in not_asked {
        attacks.push(
            Attack::new(id, tries, DeniedBy::NotGranted(action), move |s| {
                json_call(service, operation, &body(s))
            })
            .uncontrolled("the operator need not have the right")
            .only_on_aws(NOT_ASKED),
        );
    }
    attacks.push(
        Attack::new(
            "stack-describe",
            "read the stack's outputs",
            DeniedBy::NotGranted("cloudformation:DescribeStacks"),
            |_| form(Service::CloudFormation, "DescribeStacks", &[]),
        )
        .only_on_aws(NOT_ASKED),
    );
    attacks
}
