//! Ceilings of what a user's requests may cost.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use local::deploy::template::Template;
use media::media_type::MediaType;
use serde_json::Value;

/// What IAM counts of all inline policies of a role together, without white space.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const ROLE_POLICIES: usize = 10_240;

/// What has to be left for the list of blocked users.
const FOR_BLOCKED_USERS: usize = 6_140;

fn statements() -> Vec<Value> {
    let template = Template::read().unwrap();
    let policies = template.at(&["Resources", "AuthenticatedRole", "Properties", "Policies"]);
    let policies = policies.as_array().unwrap().iter();
    policies
        .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap())
        .cloned()
        .collect()
}

/// Replaces references by the longest values that they can have.
fn longest(value: &Value) -> Value {
    const STAGE: &str = "abcdefghijklmnop";
    const REGION: &str = "ap-southeast-4";
    let table = format!("arn:aws-us-gov:dynamodb:{REGION}:123456789012:table/hikidashi-{STAGE}");
    match value {
        Value::Object(entries) if entries.contains_key("Fn::GetAtt") => table.into(),
        Value::Object(entries) if entries.contains_key("Fn::Sub") => {
            let text = entries["Fn::Sub"].as_str().unwrap();
            text.replace("${Table.Arn}", &table)
                .replace("${Stage}", STAGE)
                .replace("${AWS::Region}", REGION)
                .replace("${AWS::AccountId}", "123456789012")
                .replace("${AWS::Partition}", "aws-us-gov")
                .replace("${!", "${")
                .into()
        }
        Value::Object(entries) => {
            let entries = entries.iter();
            entries.map(|(k, v)| (k.clone(), longest(v))).collect()
        }
        Value::Array(items) => items.iter().map(longest).collect(),
        plain => plain.clone(),
    }
}

#[test]
fn the_users_policy_leaves_room_for_blocked_users() {
    let size: usize = statements()
        .iter()
        .map(|statement| longest(statement).to_string().len() + 1)
        .sum();
    assert!(size + FOR_BLOCKED_USERS <= ROLE_POLICIES, "{size}");
}

#[test]
fn users_put_images_of_every_format_and_nothing_else() {
    let statements = statements();
    let puts: Vec<_> = statements
        .iter()
        .filter(|statement| statement["Action"].to_string().contains("s3:PutObject"))
        .collect();
    let [put] = puts.as_slice() else {
        panic!("{puts:?}");
    };
    let names = put["Resource"].as_array().unwrap().iter();
    let forms: Vec<_> = names
        .map(|name| {
            name["Fn::Sub"]
                .as_str()
                .unwrap()
                .rsplit_once('/')
                .unwrap()
                .1
        })
        .collect();
    let expected: Vec<_> = MediaType::ALL
        .into_iter()
        .map(|format| {
            format!(
                "????????-????-7???-????-????????????.{}",
                format.extension()
            )
        })
        .collect();
    assert_eq!(forms, expected);
}
