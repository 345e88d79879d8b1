//! Denials of plain HTTP on a machine that has no TLS.
//!
//! `proxy::s3` tells the emulator that requests to S3 came over TLS. The other services are called
//! directly, so the denials of queues, topic and table are deployed with a condition that never
//! holds here.

use serde_json::{Map, Value, json};

use super::template::{Template, for_each_mapping};

const KEY: &str = "aws:SecureTransport";

/// The types whose denials of plain HTTP are disabled.
const DIRECT: [&str; 3] = [
    "AWS::DynamoDB::Table",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
];

/// Disables the denials of plain HTTP of resources that are called directly.
pub fn allow_plain_http(template: &mut Template) {
    let resources = template.value_mut()["Resources"].as_object_mut();
    for resource in resources.into_iter().flat_map(Map::values_mut) {
        let is_direct = resource["Type"]
            .as_str()
            .is_some_and(|kind| DIRECT.contains(&kind));
        if is_direct {
            for_each_mapping(resource, &mut disable);
        }
    }
}

/// Disables a statement that denies plain HTTP. The emulator knows of every request whether it came
/// over TLS, so a condition that the key is absent never holds.
fn disable(statement: &mut Map<String, Value>) {
    let denied = json!({ "Bool": { KEY: "false" } });
    if statement.get("Effect") == Some(&json!("Deny"))
        && statement.get("Condition") == Some(&denied)
    {
        statement.insert("Condition".to_owned(), json!({ "Null": { KEY: "true" } }));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Template, allow_plain_http};

    fn deployed(kind: &str, effect: &str) -> serde_json::Value {
        let statement = json!({ "Effect": effect, "Condition": { "Bool": { "aws:SecureTransport": "false" } } });
        let resource = json!({ "Type": kind, "Properties": { "Statement": [statement] } });
        let document = json!({ "Resources": { "One": resource } });
        let mut template = Template::parse(&document.to_string()).unwrap();
        allow_plain_http(&mut template);
        template.at(&["Resources", "One", "Properties"])["Statement"][0]["Condition"].clone()
    }

    #[test]
    fn queues_topics_and_tables_take_plain_http_here() {
        let never = json!({ "Null": { "aws:SecureTransport": "true" } });
        for kind in [
            "AWS::SQS::QueuePolicy",
            "AWS::SNS::TopicPolicy",
            "AWS::DynamoDB::Table",
        ] {
            assert_eq!(deployed(kind, "Deny"), never, "{kind}");
        }
    }

    #[test]
    fn the_bucket_s_denial_and_every_permission_stay() {
        let kept = json!({ "Bool": { "aws:SecureTransport": "false" } });
        assert_eq!(deployed("AWS::S3::BucketPolicy", "Deny"), kept);
        assert_eq!(deployed("AWS::SQS::QueuePolicy", "Allow"), kept);
    }
}
