//! Snapshots of the victim's data and of the stack's configuration, which no attack may change.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};

use crate::{
    call::{Call, Service, Signer, dynamodb, form, json as json_call, lambda, s3},
    fixture::Fixture,
    signed_client::Reply,
    target::Kind,
    user::succeed,
};

/// Number of concurrent requests.
const AT_ONCE: usize = 6;

/// The operator's view, by the name of the request.
pub(crate) type Snapshot = BTreeMap<String, String>;

/// Takes a snapshot.
pub(crate) async fn take(fixture: &Fixture) -> anyhow::Result<Snapshot> {
    stream::iter(questions(fixture))
        .map(|(name, call)| async move {
            let reply = fixture.send(&call.by(Signer::Operator)).await?;
            Ok((name, stable(&reply)?))
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// Names the differences between two snapshots.
pub(crate) fn differences(before: &Snapshot, after: &Snapshot) -> Vec<String> {
    before
        .iter()
        .filter(|(name, seen)| after.get(*name) != Some(*seen))
        .map(|(name, _)| name.clone())
        .collect()
}

#[expect(clippy::too_many_lines, reason = "a list, and no logic")]
fn questions(fixture: &Fixture) -> Vec<(String, Call)> {
    let (bucket, table) = (fixture.bucket(), fixture.table());
    let identity = &fixture.victim.identity;
    let mut questions = vec![
        (
            "the victim's records".to_owned(),
            dynamodb(
                "Query",
                json!({
                    "TableName": table, "ConsistentRead": true, "KeyConditionExpression": "identityId = :i",
                    "ExpressionAttributeValues": {":i": {"S": identity}},
                }),
            ),
        ),
        (
            "the table".to_owned(),
            dynamodb("DescribeTable", json!({"TableName": table})),
        ),
        (
            "the table's expiry".to_owned(),
            dynamodb("DescribeTimeToLive", json!({"TableName": table})),
        ),
        (
            "the table's names".to_owned(),
            dynamodb("ListTables", json!({})),
        ),
        (
            "the victim's multipart uploads".to_owned(),
            s3(
                "GET",
                &format!(
                    "/{bucket}?prefix={}&uploads=",
                    crate::call::encoded(&fixture.their_multipart()).replace('/', "%2F")
                ),
            ),
        ),
        (
            "the parts of the victim's upload".to_owned(),
            crate::call::object("GET", bucket, &fixture.their_multipart())
                .query(&format!("uploadId={}", fixture.their_upload)),
        ),
    ];
    for top in ["original-files", "thumbnails"] {
        let prefix = format!("{top}/{}/{identity}/", fixture.target.stage);
        let prefix = crate::call::encoded(&prefix).replace('/', "%2F");
        questions.push((
            format!("the victim's objects in {top}"),
            s3("GET", &format!("/{bucket}?list-type=2&prefix={prefix}")),
        ));
    }
    for part in [
        "acl",
        "cors",
        "encryption",
        "lifecycle",
        "notification",
        "ownershipControls",
        "policy",
        "publicAccessBlock",
        "versioning",
        "website",
    ] {
        questions.push((
            format!("the bucket's {part}"),
            s3("GET", &format!("/{bucket}?{part}=")),
        ));
    }
    for (name, url) in [
        ("queue of events", &fixture.target.outputs.events_queue_url),
        ("queue", &fixture.target.outputs.queue_url),
        ("queue of retries", &fixture.target.outputs.retry_queue_url),
        (
            "dead-letter queue",
            &fixture.target.outputs.dead_letter_queue_url,
        ),
        (
            "queue of unreadable messages",
            &fixture.target.outputs.unreadable_queue_url,
        ),
    ] {
        let attributes = [
            "Policy",
            "RedrivePolicy",
            "VisibilityTimeout",
            "MessageRetentionPeriod",
        ];
        let body = json!({"QueueUrl": url, "AttributeNames": attributes});
        questions.push((
            format!("the {name}"),
            json_call(Service::Sqs, "GetQueueAttributes", &body),
        ));
    }
    for function in [
        "authorizer",
        "dead-letter",
        "dispatch",
        "images",
        "reconcile",
        "thumbnail",
        "upload",
    ] {
        let name = fixture.target.function(function);
        questions.push((
            format!("the function {function}"),
            lambda(
                "GET",
                &format!("/2015-03-31/functions/{name}/configuration"),
            ),
        ));
    }
    let role = &fixture.target.outputs.authenticated_role_name;
    questions.push((
        "the user's role".to_owned(),
        form(Service::Iam, "GetRole", &[("RoleName", role)]),
    ));
    questions.push((
        "the user's policy".to_owned(),
        form(
            Service::Iam,
            "GetRolePolicy",
            &[
                ("RoleName", role),
                ("PolicyName", "own-objects-and-records"),
            ],
        ),
    ));
    // Other deployments of the account have roles of their own, which may change at any time.
    if fixture.target.kind == Kind::Local {
        questions.push((
            "the policies' names".to_owned(),
            form(Service::Iam, "ListRolePolicies", &[("RoleName", role)]),
        ));
    }
    questions
}

/// Returns a response without its volatile parts. A refusal is a valid response: the bucket has no
/// website configuration, and must not get one.
fn stable(reply: &Reply) -> anyhow::Result<String> {
    let text = reply.text();
    if text.starts_with('{') && reply.is_success() {
        let mut value = succeed(reply)?;
        forget(&mut value);
        return Ok(value.to_string());
    }
    Ok(format!(
        "{} {}",
        reply.status,
        strip(&text, &["RequestId", "HostId", "RoleLastUsed"])
    ))
}

/// Removes counters and dates of last use.
fn forget(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for counter in [
                "ItemCount",
                "TableSizeBytes",
                "ConsumedCapacity",
                "ScannedCount",
                "LastModified",
            ] {
                members.remove(counter);
            }
            members.values_mut().for_each(forget);
        }
        Value::Array(items) => items.iter_mut().for_each(forget),
        _ => {}
    }
}

fn strip(text: &str, elements: &[&str]) -> String {
    let mut text = text.to_owned();
    for element in elements {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        if let (Some(start), Some(end)) = (text.find(&open), text.find(&close)) {
            text.replace_range(start..end + close.len(), "");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Snapshot, differences, strip};

    #[test]
    fn changed_and_removed_entries_are_named() {
        let before = Snapshot::from([
            ("a".into(), "1".into()),
            ("b".into(), "2".into()),
            ("c".into(), "3".into()),
        ]);
        let after = Snapshot::from([("a".into(), "1".into()), ("b".into(), "9".into())]);
        assert_eq!(differences(&before, &after), ["b", "c"]);
    }

    #[test]
    fn a_request_id_is_no_difference() {
        assert_eq!(
            strip("<R><RequestId>1</RequestId><x/></R>", &["RequestId"]),
            "<R><x/></R>"
        );
    }
}
