//! Rules of the template that no linter checks.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use common::keys::Stage;
use local::{
    deploy::{conditions, template::Template, users_source::UsersSource},
    workspace::workspace,
};
use serde_json::{Value, json};

fn template() -> Template {
    Template::read().unwrap()
}

fn resource(logical_id: &str) -> Value {
    let resource = template().at(&["Resources", logical_id]).clone();
    assert!(resource.is_object(), "no resource {logical_id}");
    resource
}

fn property(logical_id: &str, path: &[&str]) -> Value {
    let properties = resource(logical_id)["Properties"].clone();
    path.iter()
        .fold(properties, |value, key| value[*key].clone())
}

/// Returns the statements of a role's policies, those that stand under a condition included.
fn statements(role: &str) -> Vec<Value> {
    let policies = property(role, &["Policies"]);
    let policies = policies.as_array().unwrap().iter().map(|policy| {
        let conditional = &policy["Fn::If"][1];
        if conditional.is_null() {
            policy
        } else {
            conditional
        }
    });
    policies
        .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap())
        .cloned()
        .collect()
}

fn actions(statement: &Value) -> Vec<&str> {
    match &statement["Action"] {
        Value::String(action) => vec![action],
        actions => actions
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect(),
    }
}

fn refers_to(value: &Value, logical_id: &str) -> bool {
    match value {
        Value::Object(entries) => entries.iter().any(|(key, inner)| {
            (key == "Ref" && inner == logical_id)
                || (key == "Fn::GetAtt" && inner[0] == logical_id)
                || refers_to(inner, logical_id)
        }),
        Value::Array(items) => items.iter().any(|item| refers_to(item, logical_id)),
        Value::String(text) => {
            text.contains(&format!("${{{logical_id}}}"))
                || text.contains(&format!("${{{logical_id}."))
        }
        _ => false,
    }
}

#[test]
fn the_bucket_waits_for_the_policy_that_lets_it_notify_the_queue() {
    assert_eq!(resource("Bucket")["DependsOn"], "EventsQueuePolicy");
    // A reference here would be a cycle.
    assert!(!refers_to(&resource("EventsQueuePolicy"), "Bucket"));
    assert!(refers_to(&resource("EventsQueuePolicy"), "EventsQueue"));
}

#[test]
fn a_message_stays_hidden_for_six_times_as_long_as_its_worker_may_run() {
    let seconds = |resource, name| property(resource, &[name]).as_u64().unwrap();
    for (queue, function) in [
        ("EventsQueue", "DispatchFunction"),
        ("Queue", "ThumbnailFunction"),
        ("RetryQueue", "ThumbnailFunction"),
        ("DeadLetterQueue", "DeadLetterFunction"),
    ] {
        let hidden = seconds(queue, "VisibilityTimeout");
        assert!(hidden >= 6 * seconds(function, "Timeout"), "{queue}");
    }
}

/// A message that fails with its batch delays its neighbours once: from then on each is received
/// alone.
#[test]
fn what_failed_in_a_batch_is_tried_alone() {
    assert_eq!(
        property("Queue", &["RedrivePolicy"]),
        json!({ "deadLetterTargetArn": { "Fn::GetAtt": ["RetryQueue", "Arn"] }, "maxReceiveCount": 1 })
    );
    let events = property("ThumbnailFunction", &["Events"]);
    let retries = events.as_object().unwrap().values().find(|event| {
        event["Properties"]["Queue"] == json!({ "Fn::GetAtt": ["RetryQueue", "Arn"] })
    });
    assert_eq!(retries.unwrap()["Properties"]["BatchSize"], 1);
    // The worker tells retries from first attempts by this name, for its metrics.
    assert_eq!(
        property("RetryQueue", &["QueueName"]),
        json!({ "Fn::Sub": "hikidashi-${Stage}-retry" })
    );
}

/// An event that the dispatcher can't send is not lost.
#[test]
fn what_can_t_be_dispatched_goes_to_the_worker_all_the_same() {
    let redrive = property("EventsQueue", &["RedrivePolicy", "deadLetterTargetArn"]);
    assert_eq!(redrive, json!({ "Fn::GetAtt": ["RetryQueue", "Arn"] }));
}

#[test]
fn only_originals_of_the_stage_are_notified_of() {
    let notifications = property("Bucket", &["NotificationConfiguration"]);
    let notifications = notifications["QueueConfigurations"].as_array().unwrap();
    assert_eq!(notifications.len(), 2);
    for notification in notifications {
        assert_eq!(
            notification["Queue"],
            json!({ "Fn::GetAtt": ["EventsQueue", "Arn"] })
        );
        assert_eq!(
            notification["Filter"]["S3Key"]["Rules"],
            json!([{ "Name": "prefix", "Value": { "Fn::Sub": "original-files/${Stage}/" } }])
        );
    }
}

#[test]
fn a_stage_s_name_is_what_the_code_takes_for_one() {
    let template = template();
    let pattern = template.at(&["Parameters", "Stage", "AllowedPattern"]);
    // The same rule as `Stage::parse`, so that it is valid in object keys and bucket names.
    assert_eq!(pattern, "^[a-z][a-z0-9-]{0,15}$");
    for good in ["d", "dev", "pr-12", "a234567890123456"] {
        assert!(Stage::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "Dev",
        "1dev",
        "-dev",
        "de/v",
        "dev ",
        "dev\n",
        "dév",
        "a2345678901234567",
    ] {
        assert!(Stage::parse(bad).is_err(), "{bad:?}");
    }
}

/// A deployment that has to replace one of these resources must not delete its content.
#[test]
fn what_holds_data_is_kept_when_it_is_replaced_and_deleted_only_when_asked_for() {
    for name in ["Bucket", "Table", "UserPool"] {
        let resource = resource(name);
        assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{name}");
        assert_eq!(
            resource["DeletionPolicy"],
            json!({ "Fn::If": ["KeepsData", "RetainExceptOnCreate", "Delete"] }),
            "{name}"
        );
    }
    assert_eq!(template().default_of("Data").as_deref(), Some("keep"));
}

#[test]
fn the_readers_of_queues_may_fail_single_messages() {
    let functions = [
        "DispatchFunction",
        "ThumbnailFunction",
        "DeadLetterFunction",
    ];
    let events = functions.map(|name| property(name, &["Events"]));
    let events = events.iter().flat_map(|events| events.as_object().unwrap());
    let events: Vec<_> = events.map(|(_, event)| event).collect();
    assert_eq!(events.len(), 4);
    for event in events {
        let responses = &event["Properties"]["FunctionResponseTypes"];
        assert_eq!(responses, &json!(["ReportBatchItemFailures"]));
    }
}

#[test]
fn the_user_s_role_is_for_our_identity_pool_and_for_signed_in_users_only() {
    let trust = property(
        "AuthenticatedRole",
        &["AssumeRolePolicyDocument", "Statement"],
    );
    let [statement] = trust.as_array().unwrap().as_slice() else {
        panic!("{trust}");
    };
    assert_eq!(
        statement["Condition"],
        json!({
            "StringEquals": { "cognito-identity.amazonaws.com:aud": { "Ref": "IdentityPool" } },
            "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
        })
    );
}

/// With a mapping of roles, the groups of a token would choose (`cognito:preferred_role`), or a
/// token of two groups would get no role at all.
#[test]
fn every_signed_in_user_has_the_one_role_whatever_their_groups() {
    let attachment = property("IdentityPoolRoles", &[]);
    assert_eq!(attachment["RoleMappings"], Value::Null);
    assert_eq!(
        attachment["Roles"],
        json!({ "authenticated": { "Fn::GetAtt": ["AuthenticatedRole", "Arn"] } })
    );
}

const GIVEN_POOL: [(&str, &str); 2] = [
    ("UserPoolId", "eu-west-1_a"),
    ("UserPoolClientIds", "one,two,three"),
];
const OIDC: [(&str, &str); 2] = [
    ("OidcIssuer", "https://login.example/a"),
    ("OidcAudience", "web,phone"),
];

fn parameters(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

#[test]
fn the_stack_makes_only_what_its_users_need() {
    let template = template();
    let of_users = [
        "UserPool",
        "UserPoolClient",
        "UserPoolDomain",
        "OidcProvider",
    ];
    for (given, made, outputs) in [
        (&[][..], &of_users[..2], true),
        (&[("HostedUiDomain", "x")], &of_users[..3], true),
        (&GIVEN_POOL, &[], true),
        (&OIDC, &of_users[3..], false),
        (
            &[GIVEN_POOL[0], GIVEN_POOL[1], ("HostedUiDomain", "x")],
            &[],
            true,
        ),
        (
            &[OIDC[0], OIDC[1], ("HostedUiDomain", "x")],
            &of_users[3..],
            false,
        ),
    ] {
        let conditions = conditions::evaluate(&template, &parameters(given)).unwrap();
        let is_made = |section: &str, name: &str| {
            let condition = &template.at(&[section, name])["Condition"];
            conditions[condition.as_str().unwrap()]
        };
        let found: Vec<_> = of_users
            .into_iter()
            .filter(|name| is_made("Resources", name))
            .collect();
        assert_eq!(found, made, "{given:?}");
        for output in ["UserPoolId", "UserPoolClientId"] {
            assert_eq!(is_made("Outputs", output), outputs, "{given:?}");
        }
    }
}

#[test]
fn the_identity_pool_trusts_exactly_the_given_clients() {
    let template = template();
    let providers = property("IdentityPool", &["CognitoIdentityProviders"]);
    let arns = property("IdentityPool", &["OpenIdConnectProviderARNs"]);
    let no_value = json!({ "Ref": "AWS::NoValue" });
    let two = [GIVEN_POOL[0], ("UserPoolClientIds", "one,two")];
    let four = [GIVEN_POOL[0], ("UserPoolClientIds", "one,two,three,four")];
    for (given, clients) in [(&[][..], 1), (&two, 2), (&GIVEN_POOL, 3), (&four, 4)] {
        let conditions = conditions::evaluate(&template, &parameters(given)).unwrap();
        let list = conditions::decided(&providers, &conditions)
            .as_array()
            .unwrap();
        let decided = list.iter().map(|one| conditions::decided(one, &conditions));
        let trusted: Vec<_> = decided.filter(|one| **one != no_value).collect();
        assert_eq!(trusted.len(), clients, "{given:?}");
        for (index, provider) in trusted.into_iter().enumerate() {
            assert_eq!(provider["ServerSideTokenCheck"], true, "{given:?}");
            let client = conditions::decided(&provider["ClientId"], &conditions);
            if given.is_empty() {
                assert_eq!(client, &json!({ "Ref": "UserPoolClient" }));
            } else {
                assert_eq!(client["Fn::Select"][0], index, "{given:?}");
            }
        }
        assert_eq!(conditions::decided(&arns, &conditions), &no_value);
    }

    let conditions = conditions::evaluate(&template, &parameters(&OIDC)).unwrap();
    assert_eq!(conditions::decided(&providers, &conditions), &no_value);
    assert_eq!(
        conditions::decided(&arns, &conditions),
        &json!([{ "Ref": "OidcProvider" }])
    );
}

/// The local stack has no `Rules`, and refuses by itself.
#[test]
fn the_template_and_the_local_stack_refuse_parameters_in_the_same_words() {
    let template = template();
    let assertions = template.section("Rules").flat_map(|(_, rule)| {
        let assertions = rule["Assertions"].as_array().unwrap();
        assertions
            .iter()
            .map(|one| one["AssertDescription"].as_str().unwrap().to_owned())
    });
    let all = [GIVEN_POOL[0], GIVEN_POOL[1], OIDC[0], OIDC[1]];
    // Every combination of the four parameters.
    let refusals = (0..16).filter_map(|bits| {
        let chosen = (0..4).filter(|bit| bits >> bit & 1 == 1);
        let given: Vec<_> = chosen.map(|bit| all[bit]).collect();
        let refusal = UsersSource::of(&parameters(&given)).err()?;
        Some(refusal.to_string())
    });
    let refusals: Vec<_> = refusals.collect();
    assert_eq!(refusals.len(), 13, "three combinations are accepted");
    assert_eq!(
        refusals.into_iter().collect::<BTreeSet<_>>(),
        assertions.collect::<BTreeSet<_>>()
    );
}

#[test]
fn every_statement_on_the_table_confines_its_user_to_their_partition() {
    let statements = statements("AuthenticatedRole");
    let on_table: Vec<_> = statements
        .iter()
        .filter(|statement| statement.to_string().contains("dynamodb:"))
        .collect();
    assert_eq!(on_table.len(), 4);
    for statement in on_table {
        let condition = &statement["Condition"];
        // The usage item has a partition of its own, which the user may only read.
        let partition = match statement["Sid"].as_str() {
            Some("ReadOwnUsage") => {
                assert_eq!(actions(statement), ["dynamodb:GetItem"]);
                "usage#${cognito-identity.amazonaws.com:sub}"
            }
            _ => "${cognito-identity.amazonaws.com:sub}",
        };
        assert_eq!(
            condition["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"],
            json!([partition])
        );
        assert_eq!(condition["Null"]["dynamodb:LeadingKeys"], "false");
    }
}

#[test]
fn the_functions_that_face_the_user_may_only_write_their_log_and_their_trace() {
    for role in ["AuthorizerRole", "UploadRole", "ImagesRole"] {
        assert_eq!(
            property(role, &["ManagedPolicyArns"]),
            Value::Null,
            "{role}"
        );
        let statements = statements(role);
        let granted: Vec<Vec<&str>> = statements.iter().map(actions).collect();
        assert_eq!(
            granted,
            [
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
            ],
            "{role}"
        );
    }
}

/// CloudFormation refuses a misspelt parameter only after the functions have been built and
/// uploaded.
#[test]
fn the_stages_are_deployed_with_parameters_that_the_template_has() {
    let config = std::fs::read_to_string(workspace().join("infra/samconfig.toml")).unwrap();
    let template = template();
    let mut stages = Vec::new();
    for section in config.split("\n[").skip(1) {
        let Some(stage) = section
            .split_once(".deploy.parameters]")
            .map(|(stage, _)| stage)
        else {
            continue;
        };
        stages.push(stage.to_owned());
        let texts = section.split('"').skip(1).step_by(2);
        let overrides: Vec<(&str, &str)> = texts
            .filter_map(|text| text.split_once('='))
            .filter(|(name, _)| name.starts_with(|first: char| first.is_ascii_uppercase()))
            .collect();
        assert!(
            overrides.contains(&("Stage", stage)),
            "{stage}: {overrides:?}"
        );
        for (name, _) in overrides {
            assert!(
                template.at(&["Parameters", name, "Type"]).is_string(),
                "{stage}: {name}"
            );
        }
        for tag in ["application=hikidashi", &format!("stage={stage}")] {
            assert!(
                section.contains(&format!("\"{tag}\"")),
                "{stage} has no tag {tag}"
            );
        }
    }
    assert_eq!(stages, ["dev", "prod"]);
}

#[test]
fn the_reconciliation_reads_no_image_and_nothing_that_users_enter() {
    let mut scans = 0;
    for statement in statements("ReconcileRole") {
        let actions = actions(&statement);
        if actions.contains(&"s3:GetObject") || actions.contains(&"s3:PutObject") {
            let object = statement["Resource"]["Fn::Sub"].as_str().unwrap();
            assert!(
                object.ends_with("/reconcile/${Stage}/checkpoint"),
                "{object}"
            );
        }
        if statement["Resource"]
            .to_string()
            .contains("original-files/")
        {
            assert_eq!(actions, ["s3:DeleteObject"]);
        }
        if actions.contains(&"dynamodb:Scan") {
            scans += 1;
            let condition = &statement["Condition"];
            assert_eq!(
                condition["StringEqualsIfExists"]["dynamodb:Select"],
                "SPECIFIC_ATTRIBUTES"
            );
            assert_eq!(condition["Null"]["dynamodb:Attributes"], "false");
        }
    }
    assert_eq!(scans, 1);
    let role = resource("ReconcileRole").to_string();
    for attribute in ["fileName", "caption", "contentType", "uploadedAt"] {
        assert!(!role.contains(attribute), "{attribute}");
    }
}

#[test]
fn only_the_schedule_s_own_order_mends() {
    let events = property("ReconcileFunction", &["Events"]);
    let [event] = events.as_object().unwrap().values().collect::<Vec<_>>()[..] else {
        panic!("{events}");
    };
    assert_eq!(event["Properties"]["Input"], "{\"apply\": true}");
}
