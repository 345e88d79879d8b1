//! Forged worker attributes in the attacker's own record, which would show false results.

use common::attribute::{Attribute, Writer};
use serde_json::{Value, json};

use super::records_read::{own_key, with};
use crate::{
    attack::{Attack, DeniedBy},
    call::{Call, dynamodb},
    fixture::Fixture,
};

const ATTRIBUTES: DeniedBy = DeniedBy::Statement(
    "WriteOwnPendingRecords",
    "`Attributes` has the user's half only",
);

/// Returns the names of the attributes that only the worker writes.
pub(crate) fn worker_attributes() -> impl Iterator<Item = &'static str> {
    Attribute::all()
        .filter(|attribute| attribute.writer() == Writer::Worker)
        .map(Attribute::name)
}

fn update(fixture: &Fixture, more: Value) -> Call {
    dynamodb(
        "UpdateItem",
        with(
            json!({"TableName": fixture.table(), "Key": own_key(fixture)}),
            more,
        ),
    )
}

fn set(name: &str) -> Value {
    json!({
        "UpdateExpression": "SET #a = :v",
        "ExpressionAttributeNames": {"#a": name},
        "ExpressionAttributeValues": {":v": {"S": "forged"}},
    })
}

fn control(fixture: &Fixture) -> Call {
    update(fixture, set("fileName"))
}

fn forged(id: &str, tries: &str, more: Value) -> Attack {
    Attack::new(id, tries, ATTRIBUTES, move |s| update(s, more.clone())).own(control)
}

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks: Vec<Attack> = worker_attributes()
        .map(|name| {
            forged(
                &format!("forge-{}", name.to_lowercase()),
                &format!("set `{name}`"),
                set(name),
            )
        })
        .collect();
    let value = json!({":v": {"S": "forged"}});
    attacks.extend([
        forged("forge-unknown", "set an unknown attribute", set("isAdmin")),
        forged("forge-mixed", "set `status` behind a permitted attribute", json!({
            "UpdateExpression": "SET fileName = :v, #s = :v",
            "ExpressionAttributeNames": {"#s": "status"}, "ExpressionAttributeValues": value,
        })),
        forged("forge-nested", "set a path inside `original`", json!({
            "UpdateExpression": "SET original.extension = :v", "ExpressionAttributeValues": value,
        })),
        forged("forge-list", "set a path inside `thumbnails`", json!({
            "UpdateExpression": "SET thumbnails[0].#n = :v",
            "ExpressionAttributeNames": {"#n": "name"}, "ExpressionAttributeValues": value,
        })),
        forged("forge-remove", "remove `failure`", json!({"UpdateExpression": "REMOVE failure"})),
        forged("forge-remove-sequencer", "remove `sequencer`, so that an old event counts again", json!({"UpdateExpression": "REMOVE sequencer"})),
        forged("forge-add", "add to `width`", json!({
            "UpdateExpression": "ADD width :n", "ExpressionAttributeValues": {":n": {"N": "1"}},
        })),
        forged("forge-delete", "delete from a set in `thumbnails`", json!({
            "UpdateExpression": "DELETE thumbnails :s", "ExpressionAttributeValues": {":s": {"SS": ["x"]}},
        })),
        forged("forge-if-not-exists", "set `status` by `if_not_exists`", json!({
            "UpdateExpression": "SET #s = if_not_exists(#s, :v)",
            "ExpressionAttributeNames": {"#s": "status"}, "ExpressionAttributeValues": value,
        })),
        forged("forge-copy", "copy `sha256` into `fileName`", json!({"UpdateExpression": "SET fileName = sha256"})),
        forged("forge-legacy", "set `status` by the legacy `AttributeUpdates`", json!({
            "AttributeUpdates": {"status": {"Action": "PUT", "Value": {"S": "ready"}}},
        })),
        forged("forge-legacy-delete", "remove `status` by the legacy `AttributeUpdates`", json!({
            "AttributeUpdates": {"status": {"Action": "DELETE"}},
        })),
        forged("forge-condition", "read `status` by a condition", json!({
            "UpdateExpression": "SET fileName = :v", "ConditionExpression": "#s = :v",
            "ExpressionAttributeNames": {"#s": "status"}, "ExpressionAttributeValues": value,
        })),
        forged("forge-expected", "read `status` by the legacy `Expected`", json!({
            "AttributeUpdates": {"fileName": {"Action": "PUT", "Value": {"S": "x"}}},
            "Expected": {"status": {"Value": {"S": "ready"}}},
        })),
        Attack::new("forge-transaction", "set `status` in a transaction", ATTRIBUTES, |s| {
            let update = with(json!({"TableName": s.table(), "Key": own_key(s)}), set("status"));
            dynamodb("TransactWriteItems", json!({"TransactItems": [{"Update": update}]}))
        })
        .own(control),
        Attack::new("forge-nothing", "write a record with no attribute at all", ATTRIBUTES, |s| {
            dynamodb("UpdateItem", json!({"TableName": s.table(), "Key": {}}))
        })
        .uncontrolled("DynamoDB itself refuses an empty key"),
    ]);
    attacks
}
