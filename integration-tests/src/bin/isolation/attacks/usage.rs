//! Attacks on usage items: a user's own, which would lift their quota, and those of others.

use serde_json::{Value, json};

use super::records_read::own_key;
use crate::{
    attack::{Attack, DeniedBy},
    call::{Call, dynamodb},
    fixture::Fixture,
};

const READ_ONLY: DeniedBy = DeniedBy::Statement(
    "WriteOwnPendingRecords",
    "`LeadingKeys` is the identity, and a usage item's is not",
);
const OTHERS: DeniedBy = DeniedBy::Statement("ReadOwnUsage", "`LeadingKeys` has the own identity");

fn usage_key(identity: &str) -> Value {
    json!({"identityId": {"S": format!("usage#{identity}")}, "imageId": {"S": "usage"}})
}

fn own_usage(fixture: &Fixture) -> Value {
    usage_key(&fixture.attacker.identity)
}

fn their_usage(fixture: &Fixture) -> Value {
    usage_key(&fixture.victim.identity)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "`json!` borrows what it is given, and the call sites make the values on the spot"
)]
fn set(fixture: &Fixture, key: Value, attribute: &str, value: Value) -> Value {
    json!({
        "TableName": fixture.table(), "Key": key, "UpdateExpression": "SET #a = :v",
        "ExpressionAttributeNames": {"#a": attribute}, "ExpressionAttributeValues": {":v": value},
    })
}

/// The same write of an own record.
fn own_record(fixture: &Fixture) -> Value {
    set(
        fixture,
        own_key(fixture),
        "fileName",
        json!({"S": "own.jpg"}),
    )
}

fn writes_own_record(fixture: &Fixture) -> Call {
    dynamodb("UpdateItem", own_record(fixture))
}

fn reads_own_usage(fixture: &Fixture) -> Call {
    let get = json!({"TableName": fixture.table(), "Key": own_usage(fixture)});
    dynamodb("GetItem", get)
}

/// A write of the own usage item.
fn written(
    id: &str,
    tries: &str,
    denied_by: DeniedBy,
    call: impl Fn(&Fixture) -> Call + Send + Sync + 'static,
) -> Attack {
    Attack::new(format!("usage-{id}"), tries, denied_by, call).own(writes_own_record)
}

/// A read of the usage of another, or of a whole partition.
fn read(
    id: &str,
    tries: &str,
    denied_by: DeniedBy,
    call: impl Fn(&Fixture) -> Call + Send + Sync + 'static,
) -> Attack {
    Attack::new(format!("usage-{id}"), tries, denied_by, call).own(reads_own_usage)
}

fn updates() -> Vec<Attack> {
    let values: [(&str, &str, &str, Value); 7] = [
        (
            "reset-bytes",
            "set `bytes` of the own usage to 0",
            "bytes",
            json!({"N": "0"}),
        ),
        (
            "negative",
            "set `images` of the own usage below 0",
            "images",
            json!({"N": "-99"}),
        ),
        (
            "wrong-type",
            "set `bytes` of the own usage to a text",
            "bytes",
            json!({"S": "none"}),
        ),
        (
            "expire",
            "let the own usage expire by the table's TTL",
            "expiresAt",
            json!({"N": "1"}),
        ),
        (
            "max-bytes",
            "override the own quota of bytes",
            "maxBytes",
            json!({"N": "0"}),
        ),
        (
            "max-images",
            "override the own quota of images",
            "maxImages",
            json!({"N": "0"}),
        ),
        (
            "caption",
            "write a user's attribute into the own usage",
            "caption",
            json!({"S": "x"}),
        ),
    ];
    values
        .into_iter()
        .map(|(id, tries, attribute, value)| {
            written(id, tries, READ_ONLY, move |s| {
                dynamodb("UpdateItem", set(s, own_usage(s), attribute, value.clone()))
            })
        })
        .collect()
}

#[expect(clippy::too_many_lines, reason = "a list, and no logic")]
pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = updates();
    attacks.extend([
        written("remove-bytes", "remove `bytes` of the own usage", READ_ONLY, |s| {
            dynamodb("UpdateItem", json!({
                "TableName": s.table(), "Key": own_usage(s), "UpdateExpression": "REMOVE bytes",
            }))
        }),
        written("subtract", "subtract from `bytes` of the own usage", READ_ONLY, |s| {
            dynamodb("UpdateItem", json!({
                "TableName": s.table(), "Key": own_usage(s), "UpdateExpression": "ADD images :n",
                "ExpressionAttributeValues": {":n": {"N": "-1"}},
            }))
        }),
        written("put", "put the own usage", DeniedBy::NotGranted("dynamodb:PutItem"), |s| {
            dynamodb("PutItem", json!({"TableName": s.table(), "Item": own_usage(s)}))
        }),
        written("delete", "delete the own usage", DeniedBy::NotGranted("dynamodb:DeleteItem"), |s| {
            dynamodb("DeleteItem", json!({"TableName": s.table(), "Key": own_usage(s)}))
        }),
        written(
            "batch-put",
            "put the own usage in a batch",
            DeniedBy::NotGranted("dynamodb:BatchWriteItem"),
            |s| {
                let put = json!({"PutRequest": {"Item": own_usage(s)}});
                dynamodb("BatchWriteItem", json!({"RequestItems": {s.table(): [put]}}))
            },
        ),
        written(
            "batch-delete",
            "delete the own usage in a batch",
            DeniedBy::NotGranted("dynamodb:BatchWriteItem"),
            |s| {
                let delete = json!({"DeleteRequest": {"Key": own_usage(s)}});
                dynamodb("BatchWriteItem", json!({"RequestItems": {s.table(): [delete]}}))
            },
        ),
        written("transaction", "write the own usage and an own record in a transaction", READ_ONLY, |s| {
            let usage = set(s, own_usage(s), "fileName", json!({"S": "x"}));
            dynamodb("TransactWriteItems", json!({
                "TransactItems": [{"Update": own_record(s)}, {"Update": usage}],
            }))
        }),
        written(
            "transaction-delete",
            "delete the own usage in a transaction with an own record",
            DeniedBy::NotGranted("dynamodb:DeleteItem"),
            |s| {
                let delete = json!({"TableName": s.table(), "Key": own_usage(s)});
                dynamodb("TransactWriteItems", json!({
                    "TransactItems": [{"Update": own_record(s)}, {"Delete": delete}],
                }))
            },
        ),
        written(
            "transaction-check",
            "ask about the own usage in a transaction",
            DeniedBy::NotGranted("dynamodb:ConditionCheckItem"),
            |s| {
                let check = json!({
                    "TableName": s.table(), "Key": own_usage(s), "ConditionExpression": "attribute_exists(bytes)",
                });
                dynamodb("TransactWriteItems", json!({"TransactItems": [{"ConditionCheck": check}]}))
            },
        ),
        written(
            "partiql-update",
            "set the own usage by PartiQL",
            DeniedBy::NotGranted("dynamodb:PartiQLUpdate"),
            |s| partiql(s, "UPDATE", "SET bytes = 0", &s.attacker.identity),
        ),
        written(
            "partiql-delete",
            "delete the own usage by PartiQL",
            DeniedBy::NotGranted("dynamodb:PartiQLDelete"),
            |s| partiql(s, "DELETE FROM", "", &s.attacker.identity),
        ),
        read("of-another", "get another's usage", OTHERS, |s| {
            dynamodb("GetItem", json!({"TableName": s.table(), "Key": their_usage(s)}))
        }),
        read("of-another-projected", "get the quota of another", OTHERS, |s| {
            dynamodb("GetItem", json!({
                "TableName": s.table(), "Key": their_usage(s), "ProjectionExpression": "maxBytes",
            }))
        }),
        read(
            "of-two",
            "get another's usage in a batch with the own",
            DeniedBy::NotGranted("dynamodb:BatchGetItem"),
            |s| {
                let keys = [own_usage(s), their_usage(s)];
                dynamodb("BatchGetItem", json!({"RequestItems": {s.table(): {"Keys": keys}}}))
            },
        ),
        read("of-another-transaction", "get another's usage in a transaction", OTHERS, |s| {
            let get = |key| json!({"Get": {"TableName": s.table(), "Key": key}});
            dynamodb("TransactGetItems", json!({
                "TransactItems": [get(own_usage(s)), get(their_usage(s))],
            }))
        }),
        read(
            "of-another-partiql",
            "select another's usage by PartiQL",
            DeniedBy::NotGranted("dynamodb:PartiQLSelect"),
            |s| partiql(s, "SELECT * FROM", "", &s.victim.identity),
        ),
        read(
            "query",
            "query another's usage partition",
            DeniedBy::Statement("ReadOwnRecords", "`LeadingKeys` is the identity"),
            |s| {
                let partition = format!("usage#{}", s.victim.identity);
                dynamodb("Query", json!({
                    "TableName": s.table(), "KeyConditionExpression": "identityId = :i",
                    "ExpressionAttributeValues": {":i": {"S": partition}},
                }))
            },
        ),
        written("of-another-reset", "set another's usage", READ_ONLY, |s| {
            dynamodb("UpdateItem", set(s, their_usage(s), "bytes", json!({"N": "99999999999"})))
        }),
        written("look-alike", "write under a partition that looks like the own usage", READ_ONLY, |s| {
            let mut key = own_usage(s);
            key["imageId"] = json!({"S": "usage2"});
            dynamodb("UpdateItem", set(s, key, "fileName", json!({"S": "x"})))
        }),
    ]);
    attacks
}

/// A statement on the usage item of an identity.
fn partiql(fixture: &Fixture, verb: &str, clause: &str, identity: &str) -> Call {
    let statement = format!(
        "{verb} \"{}\" {clause} WHERE identityId = 'usage#{identity}' AND imageId = 'usage'",
        fixture.table()
    );
    dynamodb("ExecuteStatement", json!({"Statement": statement}))
}
