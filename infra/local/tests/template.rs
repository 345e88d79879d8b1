//! What no linter sees in the template.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use local::{deploy::template::resources, package::build::workspace};

/// The lines of one resource, without comments.
fn block(logical_id: &str) -> String {
    let text = std::fs::read_to_string(workspace().join("infra/template.yaml")).unwrap();
    let resource = resources(&text)
        .unwrap()
        .into_iter()
        .find(|resource| resource.logical_id == logical_id)
        .unwrap_or_else(|| panic!("no resource {logical_id}"));
    text.lines()
        .skip(resource.lines.start)
        .take(resource.lines.len())
        .filter(|line| !line.trim_start().starts_with('#'))
        .collect::<Vec<_>>()
        .join("\n")
}

fn number(logical_id: &str, property: &str) -> u32 {
    block(logical_id)
        .lines()
        .find_map(|line| line.trim().strip_prefix(property)?.trim().parse().ok())
        .unwrap_or_else(|| panic!("{logical_id} has no number {property}"))
}

#[test]
fn the_bucket_waits_for_the_policy_that_lets_it_notify_the_queue() {
    assert!(block("Bucket").contains("DependsOn: QueuePolicy"));
    // A reference here would be a cycle.
    assert!(!block("QueuePolicy").contains("!Ref Bucket"));
    assert!(!block("QueuePolicy").contains("!GetAtt Bucket"));
}

#[test]
fn a_message_stays_hidden_for_six_times_as_long_as_its_worker_may_run() {
    assert!(number("Queue", "VisibilityTimeout:") >= 6 * number("ThumbnailFunction", "Timeout:"));
}

#[test]
fn the_worker_may_fail_single_messages() {
    assert!(
        block("ThumbnailFunction").contains("FunctionResponseTypes: [ReportBatchItemFailures]")
    );
}

#[test]
fn the_user_s_role_is_for_our_identity_pool_and_for_signed_in_users_only() {
    let role = block("AuthenticatedRole");
    assert!(role.contains("cognito-identity.amazonaws.com:aud: !Ref IdentityPool"));
    assert!(role.contains("cognito-identity.amazonaws.com:amr: authenticated"));
}

#[test]
fn every_statement_on_the_table_confines_its_user_to_their_partition() {
    let role = block("AuthenticatedRole");
    let statements: Vec<&str> = role
        .split("- Sid:")
        .filter(|part| part.contains("dynamodb:"))
        .collect();
    assert_eq!(statements.len(), 2);
    for statement in statements {
        assert!(
            statement.contains("dynamodb:LeadingKeys: [\"${cognito-identity.amazonaws.com:sub}\"]")
        );
        assert!(statement.contains("dynamodb:LeadingKeys: \"false\""));
    }
}

#[test]
fn the_functions_that_face_the_user_may_only_write_their_log() {
    for role in ["AuthorizerRole", "UploadRole", "ImagesRole"] {
        let actions: Vec<String> = block(role)
            .lines()
            .filter(|line| line.trim_start().starts_with("Action:"))
            .map(|line| line.trim().to_owned())
            .collect();
        assert_eq!(
            actions,
            [
                "Action: sts:AssumeRole",
                "Action: [logs:CreateLogStream, logs:PutLogEvents]"
            ],
            "{role}"
        );
    }
}

#[test]
fn the_reconciliation_reads_no_picture_and_nothing_that_users_say() {
    let role = block("ReconcileRole");
    let statements: Vec<&str> = role.split("- Sid:").collect();
    for statement in &statements {
        if statement.contains("s3:GetObject") || statement.contains("s3:PutObject") {
            assert!(
                statement.contains("/reconcile/${Stage}/bookmark"),
                "{statement}"
            );
        }
        if statement.contains("dynamodb:Scan") {
            assert!(
                statement.contains("dynamodb:Select: SPECIFIC_ATTRIBUTES"),
                "{statement}"
            );
            assert!(
                statement.contains("dynamodb:Attributes: \"false\""),
                "{statement}"
            );
        }
    }
    assert!(!role.contains("original-files/"));
    for attribute in ["fileName", "caption", "contentType", "uploadedAt"] {
        assert!(!role.contains(attribute), "{attribute}");
    }
}

#[test]
fn only_the_schedule_s_own_order_mends() {
    assert!(block("ReconcileFunction").contains("Input: '{\"apply\": true}'"));
}
