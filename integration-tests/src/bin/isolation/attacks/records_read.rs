//! Reads of other users' records.

mod index;
mod ungranted;

use serde_json::{Value, json};

use crate::{
    attack::{Attack, DeniedBy, Expected},
    call::{Call, dynamodb},
    fixture::Fixture,
};

const READ_OWN: DeniedBy =
    DeniedBy::Statement("ReadOwnRecords", "`LeadingKeys` is another identity");
const NO_KEY: DeniedBy = DeniedBy::Statement("ReadOwnRecords", "`Null` demands a key");

fn key(identity: &str, image: &str) -> Value {
    json!({"identityId": {"S": identity}, "imageId": {"S": image}})
}

pub(super) fn their_key(fixture: &Fixture) -> Value {
    key(&fixture.victim.identity, &fixture.theirs)
}

pub(super) fn own_key(fixture: &Fixture) -> Value {
    key(&fixture.attacker.identity, &fixture.own)
}

/// Adds members to a request body.
pub(super) fn with(mut request: Value, more: Value) -> Value {
    if let (Some(request), Value::Object(more)) = (request.as_object_mut(), more) {
        request.extend(more);
    }
    request
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "`json!` borrows what it is given, and the call sites make the key on the spot"
)]
fn get(fixture: &Fixture, key: Value, more: Value) -> Call {
    dynamodb(
        "GetItem",
        with(json!({"TableName": fixture.table(), "Key": key}), more),
    )
}

fn query(fixture: &Fixture, identity: &str, more: Value) -> Call {
    let request = json!({
        "TableName": fixture.table(),
        "KeyConditionExpression": "identityId = :i",
        "ExpressionAttributeValues": {":i": {"S": identity}},
    });
    dynamodb("Query", with(request, more))
}

/// Makes an attack: a get of the victim's record, with options. The control is the same on the
/// attacker's own.
fn get_with(id: &str, tries: &str, more: Value) -> Attack {
    let again = more.clone();
    Attack::new(id, tries, READ_OWN, move |s| {
        get(s, their_key(s), more.clone())
    })
    .own(move |s| get(s, own_key(s), again.clone()))
}

/// Makes an attack: a query of the victim's partition, with options. The control is the same on the
/// attacker's own.
fn query_with(id: &str, tries: &str, more: Value) -> Attack {
    let again = more.clone();
    Attack::new(id, tries, READ_OWN, move |s| {
        query(s, &s.victim.identity, more.clone())
    })
    .own(move |s| query(s, &s.attacker.identity, again.clone()))
}

#[expect(clippy::too_many_lines, reason = "a list, and no logic")]
pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = vec![
        get_with("ddb-get", "get the victim's record", json!({})),
        get_with(
            "ddb-get-consistent",
            "get it consistently",
            json!({"ConsistentRead": true}),
        ),
        get_with(
            "ddb-get-projection",
            "get one attribute of it",
            json!({"ProjectionExpression": "fileName"}),
        ),
        get_with(
            "ddb-get-projection-path",
            "get a nested path of it",
            json!({"ProjectionExpression": "thumbnails[0].#n", "ExpressionAttributeNames": {"#n": "name"}}),
        ),
        get_with(
            "ddb-get-legacy",
            "get it with the legacy `AttributesToGet`",
            json!({"AttributesToGet": ["fileName"]}),
        ),
        get_with(
            "ddb-get-capacity",
            "learn of it from the consumed capacity",
            json!({"ReturnConsumedCapacity": "TOTAL"}),
        ),
        query_with("ddb-query", "query the victim's partition", json!({})),
        query_with(
            "ddb-query-count",
            "count the victim's records",
            json!({"Select": "COUNT"}),
        ),
        query_with(
            "ddb-query-specific",
            "query single attributes",
            json!({"Select": "SPECIFIC_ATTRIBUTES", "ProjectionExpression": "imageId"}),
        ),
        query_with(
            "ddb-query-all-attributes",
            "query with all attributes named",
            json!({"Select": "ALL_ATTRIBUTES"}),
        ),
        query_with(
            "ddb-query-filter",
            "query with a filter",
            json!({"FilterExpression": "attribute_exists(imageId)"}),
        ),
        query_with(
            "ddb-query-backwards",
            "query from the end",
            json!({"ScanIndexForward": false, "Limit": 1}),
        ),
        Attack::new(
            "ddb-query-projected",
            "query all projected attributes",
            READ_OWN,
            |s| {
                query(
                    s,
                    &s.victim.identity,
                    json!({"Select": "ALL_PROJECTED_ATTRIBUTES"}),
                )
            },
        )
        .uncontrolled(
            "only an index has projected attributes; index-query-projected has the control",
        ),
        Attack::new(
            "ddb-query-start-key",
            "go on from the victim's record",
            DeniedBy::Statement("ReadOwnRecords", "a start key opens no other partition"),
            |s| {
                query(
                    s,
                    &s.attacker.identity,
                    json!({"ExclusiveStartKey": their_key(s)}),
                )
            },
        )
        .expecting(Expected::Nothing)
        .uncontrolled("DynamoDB refuses the key, or goes on in one's own partition"),
        Attack::new(
            "ddb-query-name-alias",
            "query with the key's name in an alias",
            READ_OWN,
            |s| {
                dynamodb(
                    "Query",
                    json!({
                        "TableName": s.table(),
                        "KeyConditionExpression": "#i = :i",
                        "ExpressionAttributeNames": {"#i": "identityId"},
                        "ExpressionAttributeValues": {":i": {"S": s.victim.identity}},
                    }),
                )
            },
        )
        .own(|s| {
            dynamodb(
                "Query",
                json!({
                    "TableName": s.table(),
                    "KeyConditionExpression": "#i = :i",
                    "ExpressionAttributeNames": {"#i": "identityId"},
                    "ExpressionAttributeValues": {":i": {"S": s.attacker.identity}},
                }),
            )
        }),
        Attack::new(
            "ddb-query-decoy",
            "query with one's own identity as a decoy",
            READ_OWN,
            |s| {
                dynamodb(
                    "Query",
                    json!({
                        "TableName": s.table(),
                        "KeyConditionExpression": "identityId = :v",
                        "FilterExpression": "fileName <> :i",
                        "ExpressionAttributeValues": {":v": {"S": s.victim.identity}, ":i": {"S": s.attacker.identity}},
                    }),
                )
            },
        ),
        Attack::new(
            "ddb-query-legacy",
            "query with the legacy `KeyConditions`",
            READ_OWN,
            |s| legacy_query(s, &s.victim.identity),
        )
        .own(|s| legacy_query(s, &s.attacker.identity)),
        Attack::new(
            "ddb-query-table-arn",
            "name the table by its ARN",
            READ_OWN,
            |s| {
                dynamodb(
                    "GetItem",
                    json!({"TableName": s.target.table_arn(), "Key": their_key(s)}),
                )
            },
        )
        .own(|s| {
            dynamodb(
                "GetItem",
                json!({"TableName": s.target.table_arn(), "Key": own_key(s)}),
            )
        }),
        Attack::new(
            "ddb-query-no-key",
            "query without a partition",
            NO_KEY,
            |s| {
                dynamodb(
                    "Query",
                    json!({
                        "TableName": s.table(), "KeyConditionExpression": "imageId = :m",
                        "ExpressionAttributeValues": {":m": {"S": s.theirs}},
                    }),
                )
            },
        )
        .uncontrolled("DynamoDB itself refuses such a query"),
        Attack::new("ddb-get-no-key", "get by the image alone", NO_KEY, |s| {
            dynamodb(
                "GetItem",
                json!({"TableName": s.table(), "Key": {"imageId": {"S": s.theirs}}}),
            )
        })
        .uncontrolled("DynamoDB itself refuses such a key"),
    ];
    attacks.extend(index::attacks());
    attacks.extend(ungranted::attacks());
    attacks.extend(many_at_once());
    attacks
}

fn legacy_query(fixture: &Fixture, identity: &str) -> Call {
    dynamodb(
        "Query",
        json!({
            "TableName": fixture.table(),
            "KeyConditions": {"identityId": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": identity}]}},
        }),
    )
}

fn many_at_once() -> Vec<Attack> {
    vec![
        Attack::new("ddb-transact-get", "get in a transaction", READ_OWN, |s| transact_get(s, &[their_key(s)]))
            .own(|s| transact_get(s, &[own_key(s)])),
        Attack::new("ddb-transact-get-mixed", "get in a transaction, behind one's own", READ_OWN, |s| {
            transact_get(s, &[own_key(s), their_key(s)])
        })
        .own(|s| transact_get(s, &[own_key(s)])),
        Attack::new("ddb-transact-check", "ask about the victim's record by a condition", DeniedBy::NotGranted("dynamodb:ConditionCheckItem"), |s| {
            dynamodb("TransactWriteItems", json!({"TransactItems": [{"ConditionCheck": {
                "TableName": s.table(), "Key": their_key(s), "ConditionExpression": "attribute_exists(imageId)",
            }}]}))
        }),
        Attack::new("ddb-transact-check-all-old", "have the failed condition return the record", DeniedBy::NotGranted("dynamodb:ConditionCheckItem"), |s| {
            dynamodb("TransactWriteItems", json!({"TransactItems": [{"ConditionCheck": {
                "TableName": s.table(), "Key": their_key(s), "ConditionExpression": "attribute_not_exists(imageId)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }}]}))
        })
        .uncontrolled("the condition never holds; ddb-transact-check is the control"),
    ]
}

fn transact_get(fixture: &Fixture, keys: &[Value]) -> Call {
    let items: Vec<Value> = keys
        .iter()
        .map(|key| json!({"Get": {"TableName": fixture.table(), "Key": key}}))
        .collect();
    dynamodb("TransactGetItems", json!({"TransactItems": items}))
}
