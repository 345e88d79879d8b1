//! Rules of the template that no linter checks.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use common::keys::Stage;
use local::{deploy::template::resources, workspace::workspace};

/// Returns the lines of one resource, without comments.
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
    for queue in ["Queue", "RetryQueue"] {
        assert!(number(queue, "VisibilityTimeout:") >= 6 * number("ThumbnailFunction", "Timeout:"));
    }
}

/// A message that fails with its batch delays its neighbours once: from then on each is received
/// alone.
#[test]
fn what_failed_in_a_batch_is_tried_alone() {
    let queue = block("Queue");
    assert!(queue.contains("deadLetterTargetArn: !GetAtt RetryQueue.Arn"));
    assert_eq!(number("Queue", "maxReceiveCount:"), 1);
    let worker = block("ThumbnailFunction");
    let (_, retries) = worker
        .split_once("Queue: !GetAtt RetryQueue.Arn\n")
        .unwrap();
    assert_eq!(retries.lines().next().map(str::trim), Some("BatchSize: 1"));
    // The worker tells retries from first attempts by this name, for its metrics.
    assert!(block("RetryQueue").contains("QueueName: !Sub \"hikidashi-${Stage}-retry\""));
}

#[test]
fn only_originals_of_the_stage_are_notified_of() {
    let bucket = block("Bucket");
    let (_, notifications) = bucket.split_once("NotificationConfiguration:").unwrap();
    let count = |text: &str| notifications.matches(text).count();
    assert_eq!(count("- Event: "), 2);
    assert_eq!(count("Value: !Sub \"original-files/${Stage}/\""), 2);
    assert_eq!(count("Queue: !GetAtt Queue.Arn"), 2);
}

#[test]
fn a_stage_s_name_is_what_the_code_takes_for_one() {
    let text = std::fs::read_to_string(workspace().join("infra/template.yaml")).unwrap();
    let (_, stage) = text.split_once("\n  Stage:\n").unwrap();
    let pattern = stage
        .lines()
        .find_map(|line| line.trim().strip_prefix("AllowedPattern: "));
    // The same rule as `Stage::parse`, so that it is valid in object keys and bucket names.
    assert_eq!(pattern, Some("\"^[a-z][a-z0-9-]{0,15}$\""));
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
    for resource in ["Bucket", "Table", "UserPool"] {
        let block = block(resource);
        assert!(block.contains("UpdateReplacePolicy: Retain"), "{resource}");
        assert!(
            block.contains("DeletionPolicy: !If [KeepsData, Retain, Delete]"),
            "{resource}"
        );
    }
    let text = std::fs::read_to_string(workspace().join("infra/template.yaml")).unwrap();
    assert!(text.contains("  Data:\n    Type: String\n    Default: keep\n"));
}

#[test]
fn the_worker_may_fail_single_messages() {
    let worker = block("ThumbnailFunction");
    let responses = worker.matches("FunctionResponseTypes: [ReportBatchItemFailures]");
    assert_eq!(responses.count(), 2);
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
fn the_functions_that_face_the_user_may_only_write_their_log_and_their_trace() {
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
                "Action: [logs:CreateLogStream, logs:PutLogEvents]",
                "Action: [xray:PutTraceSegments, xray:PutTelemetryRecords]",
            ],
            "{role}"
        );
    }
}

/// CloudFormation refuses a misspelt parameter only after the functions have been built and
/// uploaded.
#[test]
fn the_stages_are_deployed_with_parameters_that_the_template_has() {
    let read = |path: &str| std::fs::read_to_string(workspace().join(path)).unwrap();
    let (template, config) = (read("infra/template.yaml"), read("infra/samconfig.toml"));
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
                template.contains(&format!("\n  {name}:\n    Type: ")),
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
    let role = block("ReconcileRole");
    let statements: Vec<&str> = role.split("- Sid:").collect();
    for statement in &statements {
        if statement.contains("s3:GetObject") || statement.contains("s3:PutObject") {
            assert!(
                statement.contains("/reconcile/${Stage}/checkpoint"),
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
