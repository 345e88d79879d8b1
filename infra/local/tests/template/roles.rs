//! Who may take a role, and what it grants.

use serde_json::{Value, json};

use crate::{actions, property, resource, statements};

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
