//! Rules of the template that no linter checks.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod queues;
mod roles;
mod users;

use common::keys::Stage;
use local::{deploy::template::Template, workspace::workspace};
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
fn only_the_schedule_s_own_order_mends() {
    let events = property("ReconcileFunction", &["Events"]);
    let [event] = events.as_object().unwrap().values().collect::<Vec<_>>()[..] else {
        panic!("{events}");
    };
    assert_eq!(event["Properties"]["Input"], "{\"apply\": true}");
}
