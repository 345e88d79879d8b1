//! Reads of records through the index by capture time.

use serde_json::{Value, json};

use super::with;
use crate::{
    attack::{Attack, DeniedBy, Expected},
    call::{Call, dynamodb},
    fixture::Fixture,
};

const STATEMENT: &str = "ListOwnRecordsByCaptureTime";
const OWN_ONLY: DeniedBy = DeniedBy::Statement(STATEMENT, "`LeadingKeys` is another identity");

fn query(fixture: &Fixture, identity: &str, more: Value) -> Call {
    let request = json!({
        "TableName": fixture.table(),
        "IndexName": "taken",
        "KeyConditionExpression": "identityId = :i",
        "ExpressionAttributeValues": {":i": {"S": identity}},
    });
    dynamodb("Query", with(request, more))
}

/// Makes an attack: a query of the victim's partition of the index. The control is the same on the
/// attacker's own.
fn query_with(id: &str, tries: &str, more: Value) -> Attack {
    let again = more.clone();
    Attack::new(id, tries, OWN_ONLY, move |s| {
        query(s, &s.victim.identity, more.clone())
    })
    .own(move |s| query(s, &s.attacker.identity, again.clone()))
}

fn between(fixture: &Fixture, identity: &str) -> Call {
    dynamodb(
        "Query",
        json!({
            "TableName": fixture.table(), "IndexName": "taken",
            "KeyConditionExpression": "#i = :i AND takenKey BETWEEN :a AND :b",
            "ExpressionAttributeNames": {"#i": "identityId"},
            "ExpressionAttributeValues": {":i": {"S": identity}, ":a": {"S": "0"}, ":b": {"S": "~"}},
        }),
    )
}

fn legacy(fixture: &Fixture, identity: &str) -> Call {
    dynamodb(
        "Query",
        json!({
            "TableName": fixture.table(), "IndexName": "taken",
            "KeyConditions": {"identityId": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": identity}]}},
        }),
    )
}

fn partiql(fixture: &Fixture, identity: &str) -> Call {
    let statement = format!(
        "SELECT * FROM \"{}\".\"taken\" WHERE identityId = '{identity}'",
        fixture.table()
    );
    dynamodb("ExecuteStatement", json!({"Statement": statement}))
}

pub(super) fn attacks() -> Vec<Attack> {
    vec![
        query_with("index-query", "query the victim's partition of the index", json!({})),
        query_with("index-query-count", "count it", json!({"Select": "COUNT"})),
        query_with(
            "index-query-projected",
            "query all projected attributes",
            json!({"Select": "ALL_PROJECTED_ATTRIBUTES"}),
        ),
        query_with(
            "index-query-backwards",
            "query the photo that was taken last",
            json!({"ScanIndexForward": false, "Limit": 1}),
        ),
        Attack::new("index-query-between", "query a range of capture times", OWN_ONLY, |s| {
            between(s, &s.victim.identity)
        })
        .own(|s| between(s, &s.attacker.identity)),
        Attack::new("index-query-legacy", "query with the legacy `KeyConditions`", OWN_ONLY, |s| {
            legacy(s, &s.victim.identity)
        })
        .own(|s| legacy(s, &s.attacker.identity)),
        Attack::new("index-query-decoy", "query with one's own identity as a decoy", OWN_ONLY, |s| {
            dynamodb("Query", json!({
                "TableName": s.table(), "IndexName": "taken",
                "KeyConditionExpression": "identityId = :v", "FilterExpression": "fileName <> :i",
                "ExpressionAttributeValues": {":v": {"S": s.victim.identity}, ":i": {"S": s.attacker.identity}},
            }))
        }),
        Attack::new(
            "index-query-no-key",
            "query by the capture time alone",
            DeniedBy::Statement(STATEMENT, "`Null` demands a key"),
            |s| {
                dynamodb("Query", json!({
                    "TableName": s.table(), "IndexName": "taken", "KeyConditionExpression": "takenKey > :t",
                    "ExpressionAttributeValues": {":t": {"S": "0"}},
                }))
            },
        )
        .uncontrolled("DynamoDB itself refuses such a query"),
        Attack::new(
            "index-query-start-key",
            "go on from the victim's photo",
            DeniedBy::Statement(STATEMENT, "a start key opens no other partition"),
            |s| {
                let key = json!({
                    "identityId": {"S": s.victim.identity}, "imageId": {"S": s.theirs},
                    "takenKey": {"S": format!("2026-01-31T12:00:00.000Z#{}", s.theirs)},
                });
                query(s, &s.attacker.identity, json!({"ExclusiveStartKey": key}))
            },
        )
        .expecting(Expected::Nothing)
        .uncontrolled("DynamoDB refuses the key, or goes on in one's own partition"),
        Attack::new(
            "index-query-other",
            "query another index",
            DeniedBy::Statement(STATEMENT, "the index `taken` and no other"),
            |s| query(s, &s.attacker.identity, json!({"IndexName": "byStatus"})),
        )
        .uncontrolled("there is no such index"),
        Attack::new("index-scan", "scan the index", DeniedBy::NotGranted("dynamodb:Scan"), |s| {
            dynamodb("Scan", json!({"TableName": s.table(), "IndexName": "taken"}))
        }),
        Attack::new("index-scan-own", "scan the index for one's own records", DeniedBy::NotGranted("dynamodb:Scan"), |s| {
            dynamodb("Scan", json!({
                "TableName": s.table(), "IndexName": "taken", "FilterExpression": "identityId = :i",
                "ExpressionAttributeValues": {":i": {"S": s.attacker.identity}},
            }))
        }),
        Attack::new(
            "index-partiql-select",
            "select the victim's records from the index",
            DeniedBy::NotGranted("dynamodb:PartiQLSelect"),
            |s| partiql(s, &s.victim.identity),
        ),
    ]
}
