//! Reads of records by operations that no user may call.

use serde_json::json;

use super::{own_key, their_key};
use crate::{
    attack::{Attack, DeniedBy},
    call::dynamodb,
    fixture::Fixture,
};

fn partiql(fixture: &Fixture, condition: &str) -> String {
    format!("SELECT * FROM \"{}\"{condition}", fixture.table())
}

#[expect(clippy::too_many_lines, reason = "a list, and no logic")]
pub(super) fn attacks() -> Vec<Attack> {
    let scan = || DeniedBy::NotGranted("dynamodb:Scan");
    let select = || DeniedBy::NotGranted("dynamodb:PartiQLSelect");
    vec![
        Attack::new("ddb-scan", "scan the table", scan(), |s| {
            dynamodb("Scan", json!({"TableName": s.table()}))
        }),
        Attack::new("ddb-scan-count", "count the table", scan(), |s| {
            dynamodb("Scan", json!({"TableName": s.table(), "Select": "COUNT"}))
        }),
        Attack::new("ddb-scan-own", "scan for one's own records", scan(), |s| {
            dynamodb(
                "Scan",
                json!({
                    "TableName": s.table(), "FilterExpression": "identityId = :i",
                    "ExpressionAttributeValues": {":i": {"S": s.attacker.identity}},
                }),
            )
        }),
        Attack::new("ddb-scan-segment", "scan a segment", scan(), |s| {
            dynamodb(
                "Scan",
                json!({"TableName": s.table(), "Segment": 0, "TotalSegments": 2}),
            )
        }),
        Attack::new(
            "ddb-partiql-select",
            "select the victim's records",
            select(),
            |s| {
                let condition = format!(" WHERE identityId = '{}'", s.victim.identity);
                dynamodb(
                    "ExecuteStatement",
                    json!({"Statement": partiql(s, &condition)}),
                )
            },
        ),
        Attack::new(
            "ddb-partiql-select-all",
            "select everything",
            select(),
            |s| dynamodb("ExecuteStatement", json!({"Statement": partiql(s, "")})),
        ),
        Attack::new(
            "ddb-partiql-select-own",
            "select one's own records",
            select(),
            |s| {
                let condition = format!(" WHERE identityId = '{}'", s.attacker.identity);
                dynamodb(
                    "ExecuteStatement",
                    json!({"Statement": partiql(s, &condition)}),
                )
            },
        ),
        Attack::new(
            "ddb-partiql-parameters",
            "select with the identity as a parameter",
            select(),
            |s| {
                dynamodb(
                    "ExecuteStatement",
                    json!({
                        "Statement": partiql(s, " WHERE identityId = ?"),
                        "Parameters": [{"S": s.victim.identity}],
                    }),
                )
            },
        ),
        Attack::new("ddb-partiql-batch", "select in a batch", select(), |s| {
            let condition = format!(
                " WHERE identityId = '{}' AND imageId = '{}'",
                s.victim.identity, s.theirs
            );
            dynamodb(
                "BatchExecuteStatement",
                json!({"Statements": [{"Statement": partiql(s, &condition)}]}),
            )
        }),
        Attack::new(
            "ddb-partiql-transaction",
            "select in a transaction",
            select(),
            |s| {
                let condition = format!(
                    " WHERE identityId = '{}' AND imageId = '{}'",
                    s.victim.identity, s.theirs
                );
                dynamodb(
                    "ExecuteTransaction",
                    json!({"TransactStatements": [{"Statement": partiql(s, &condition)}]}),
                )
            },
        ),
        Attack::new(
            "ddb-batch-get",
            "get in a batch",
            DeniedBy::NotGranted("dynamodb:BatchGetItem"),
            |s| {
                dynamodb(
                    "BatchGetItem",
                    json!({"RequestItems": {s.table(): {"Keys": [their_key(s)]}}}),
                )
            },
        ),
        Attack::new(
            "ddb-batch-get-mixed",
            "get in a batch, behind one's own",
            DeniedBy::NotGranted("dynamodb:BatchGetItem"),
            |s| {
                dynamodb(
                    "BatchGetItem",
                    json!({"RequestItems": {s.table(): {"Keys": [own_key(s), their_key(s)]}}}),
                )
            },
        ),
    ]
}
