//! IAM actions that the emulator names differently from AWS.
//!
//! The emulator checks the permission named after the operation, where AWS checks another. At
//! deployment, each AWS action in a policy gets the emulator's names beside it, so that what AWS
//! allows is allowed here, and what is denied here is denied for lack of a permission that exists
//! on AWS.
//!
//! AWS authorises all parts of a multipart upload as `s3:PutObject`, and tells them apart by the
//! condition key `s3:ObjectCreationOperation`, which the emulator lacks. A statement that demands
//! that key gets no names for these operations, and loses the condition.

use serde_json::{Map, Value, json};

use super::template::{Template, for_each_mapping, scalar};

/// AWS actions, each with the emulator's names for the operations that it allows.
const NAMES: [(&str, &[&str]); 4] = [
    ("s3:GetObject", &["s3:HeadObject"]),
    (
        "s3:ListBucket",
        &["s3:ListObjectsV2", "s3:ListObjects", "s3:HeadBucket"],
    ),
    (
        "s3:PutObject",
        &[
            "s3:CreateMultipartUpload",
            "s3:UploadPart",
            "s3:CompleteMultipartUpload",
        ],
    ),
    ("sqs:SendMessage", &["sqs:SendMessageBatch"]),
];

/// The condition key that is false for [`PARTS`], and true for every other put.
const CREATES_OBJECT: &str = "s3:ObjectCreationOperation";

/// The emulator's names for the operations that begin a multipart upload or add to it.
const PARTS: [&str; 2] = ["s3:CreateMultipartUpload", "s3:UploadPart"];

/// Returns the emulator's names for an action of AWS, beside its own.
pub fn emulators_names(action: &str) -> &'static [&'static str] {
    NAMES
        .iter()
        .find(|(name, _)| *name == action)
        .map_or(&[], |(_, names)| names)
}

/// Returns whether only the emulator has an action.
pub fn is_emulators(action: &str) -> bool {
    NAMES.iter().any(|(_, names)| names.contains(&action))
}

/// Adds the emulator's names beside AWS's in every statement of the template that grants one of
/// these.
pub fn place(template: &mut Template) {
    for_each_mapping(template.value_mut(), &mut |mapping| {
        let is_whole = takes_whole_objects_only(mapping);
        let Some(granted) = mapping.get_mut("Action") else {
            return;
        };
        let mut actions: Vec<String> = match &*granted {
            Value::String(action) => vec![action.clone()],
            Value::Array(actions) => actions.iter().filter_map(scalar).collect(),
            _ => return,
        };
        let names: Vec<String> = actions
            .iter()
            .flat_map(|action| emulators_names(action))
            .filter(|name| !(is_whole && PARTS.contains(name)))
            .map(|name| (*name).to_owned())
            .collect();
        if !names.is_empty() {
            actions.extend(names);
            *granted = json!(actions);
        }
    });
}

/// Returns whether a statement refuses multipart uploads, and removes the condition by which it
/// does.
fn takes_whole_objects_only(statement: &mut Map<String, Value>) -> bool {
    let Some(conditions) = statement
        .get_mut("Condition")
        .and_then(Value::as_object_mut)
    else {
        return false;
    };
    let demanded = json!({ CREATES_OBJECT: "true" });
    let is_whole = conditions.get("Bool") == Some(&demanded);
    if is_whole {
        conditions.remove("Bool");
    }
    is_whole
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Template, place};

    #[test]
    fn parts_are_not_granted_where_whole_objects_are_demanded() {
        let class = json!({ "StringEqualsIfExists": { "s3:x-amz-storage-class": "STANDARD" } });
        let mut condition = class.clone();
        condition["Bool"] = json!({ "s3:ObjectCreationOperation": "true" });
        let statement = json!({ "Action": "s3:PutObject", "Condition": condition });
        assert_eq!(
            placed(&json!({ "Statement": statement }).to_string()),
            json!({ "Action": ["s3:PutObject", "s3:CompleteMultipartUpload"], "Condition": class })
        );
    }

    #[test]
    fn a_condition_that_demands_something_else_stays() {
        for value in ["false", "maybe"] {
            let condition = json!({ "Bool": { "s3:ObjectCreationOperation": value } });
            let statement = json!({ "Action": "s3:DeleteObject", "Condition": condition });
            assert_eq!(
                placed(&json!({ "Statement": statement }).to_string()),
                statement
            );
        }
    }

    fn placed(text: &str) -> Value {
        let mut template = Template::parse(text).unwrap();
        place(&mut template);
        template.at(&["Statement"]).clone()
    }

    #[test]
    fn a_right_has_the_emulator_s_names_too_however_it_is_written() {
        assert_eq!(
            placed("Statement:\n  Action: s3:GetObject\n"),
            json!({ "Action": ["s3:GetObject", "s3:HeadObject"] })
        );
        let both = json!({ "Action": ["s3:GetObject", "s3:DeleteObject", "s3:HeadObject"] });
        assert_eq!(
            placed("Statement: { Action: [s3:GetObject, s3:DeleteObject] }\n"),
            both
        );
        assert_eq!(
            placed("Statement:\n  Action:\n    - s3:GetObject\n    - s3:DeleteObject\n"),
            both
        );
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for statement in [
            json!({ "Action": "s3:*", "NotAction": "s3:GetObject" }),
            json!({ "Action": ["sts:AssumeRole", "s3:DeleteObject"] }),
            json!(["s3:GetObject"]),
        ] {
            assert_eq!(
                placed(&json!({ "Statement": statement }).to_string()),
                statement
            );
        }
    }
}
