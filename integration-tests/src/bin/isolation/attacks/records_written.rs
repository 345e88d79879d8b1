//! Writes of other users' records, and forbidden writes of the attacker's own.

use serde_json::{Value, json};

use super::records_read::{own_key, their_key, with};
use crate::{
    attack::{Attack, DeniedBy},
    call::{Call, dynamodb},
    fixture::Fixture,
};

const WRITE_OWN: DeniedBy = DeniedBy::Statement(
    "WriteOwnPendingRecords",
    "`LeadingKeys` is another identity",
);
const HARMFUL: &str = "it would change the victim's record";

#[expect(
    clippy::needless_pass_by_value,
    reason = "`json!` borrows what it is given, and the call sites make the key on the spot"
)]
fn update(fixture: &Fixture, key: Value, more: Value) -> Call {
    dynamodb(
        "UpdateItem",
        with(json!({"TableName": fixture.table(), "Key": key}), more),
    )
}

fn rename() -> Value {
    json!({"UpdateExpression": "SET fileName = :n", "ExpressionAttributeValues": {":n": {"S": "renamed.jpg"}}})
}

/// Makes an attack: an update of the victim's record. The control is the same on the attacker's
/// own.
fn update_with(id: &str, tries: &str, more: Value) -> Attack {
    let again = more.clone();
    Attack::new(id, tries, WRITE_OWN, move |s| {
        update(s, their_key(s), more.clone())
    })
    .own(move |s| update(s, own_key(s), again.clone()))
}

#[expect(clippy::too_many_lines, reason = "a list, and no logic")]
pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = vec![
        update_with("ddb-update", "rename the victim's image", rename()),
        update_with(
            "ddb-update-add",
            "`ADD` to the victim's record",
            json!({"UpdateExpression": "ADD #s :n", "ExpressionAttributeNames": {"#s": "size"}, "ExpressionAttributeValues": {":n": {"N": "1"}}}),
        ),
        update_with(
            "ddb-update-remove",
            "`REMOVE` from the victim's record",
            json!({"UpdateExpression": "REMOVE expiresAt"}),
        ),
        update_with(
            "ddb-update-expire",
            "let the victim's record expire",
            json!({"UpdateExpression": "SET expiresAt = :n", "ExpressionAttributeValues": {":n": {"N": "4102444800"}}}),
        ),
        update_with(
            "ddb-update-legacy",
            "rename with the legacy `AttributeUpdates`",
            json!({
                "AttributeUpdates": {"fileName": {"Action": "PUT", "Value": {"S": "renamed.jpg"}}},
            }),
        ),
        update_with(
            "ddb-update-expected",
            "rename with the legacy `Expected`",
            json!({
                "AttributeUpdates": {"fileName": {"Action": "PUT", "Value": {"S": "renamed.jpg"}}},
                "Expected": {"imageId": {"Exists": true, "Value": {"S": "x"}}},
            }),
        )
        .uncontrolled("the expectation never holds; ddb-update-legacy is the control"),
    ];
    for returned in ["NONE", "UPDATED_OLD", "UPDATED_NEW"] {
        let more = with(rename(), json!({"ReturnValues": returned}));
        attacks.push(update_with(
            &format!(
                "ddb-update-returning-{}",
                returned.to_lowercase().replace('_', "-")
            ),
            &format!("rename, returning `{returned}`"),
            more,
        ));
    }
    for returned in ["ALL_OLD", "ALL_NEW"] {
        let more = with(rename(), json!({"ReturnValues": returned}));
        attacks.push(
            Attack::new(
                format!(
                    "ddb-update-returning-{}",
                    returned.to_lowercase().replace('_', "-")
                ),
                format!("have the victim's record returned: `{returned}`"),
                DeniedBy::Statement(
                    "WriteOwnPendingRecords",
                    "`LeadingKeys`, and `ReturnValues`",
                ),
                move |s| update(s, their_key(s), more.clone()),
            )
            .uncontrolled("not even of one's own"),
        );
        let more = with(rename(), json!({"ReturnValues": returned}));
        attacks.push(
            Attack::new(
                format!(
                    "ddb-own-returning-{}",
                    returned.to_lowercase().replace('_', "-")
                ),
                format!("have one's whole record returned by a write: `{returned}`"),
                DeniedBy::Statement("WriteOwnPendingRecords", "`ReturnValues`"),
                move |s| update(s, own_key(s), more.clone()),
            )
            .own(|s| update(s, own_key(s), rename())),
        );
    }
    attacks.push(
        Attack::new(
            "ddb-update-check-all-old",
            "have a failed condition return the victim's record",
            WRITE_OWN,
            |s| {
                update(
                    s,
                    their_key(s),
                    with(
                        rename(),
                        json!({
                            "ConditionExpression": "attribute_not_exists(imageId)",
                            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                        }),
                    ),
                )
            },
        )
        .uncontrolled("the condition never holds; ddb-update is the control"),
    );
    attacks.push(
        Attack::new(
            "ddb-update-condition",
            "learn of the victim's record by conditions",
            WRITE_OWN,
            |s| {
                update(
                    s,
                    their_key(s),
                    with(
                        rename(),
                        json!({"ConditionExpression": "attribute_exists(fileName)"}),
                    ),
                )
            },
        )
        .own(|s| {
            update(
                s,
                own_key(s),
                with(
                    rename(),
                    json!({"ConditionExpression": "attribute_exists(fileName)"}),
                ),
            )
        }),
    );
    attacks.push(
        Attack::new(
            "ddb-update-new",
            "plant a record in the victim's user store",
            WRITE_OWN,
            |s| {
                let key = json!({"identityId": {"S": s.victim.identity}, "imageId": {"S": s.own}});
                update(s, key, rename())
            },
        )
        .own(|s| update(s, own_key(s), rename())),
    );
    attacks.push(
        Attack::new("ddb-update-move", "move one's record into the victim's user store", DeniedBy::Statement("WriteOwnPendingRecords", "DynamoDB changes no key"), |s| {
            update(s, own_key(s), json!({
                "UpdateExpression": "SET identityId = :i", "ExpressionAttributeValues": {":i": {"S": s.victim.identity}},
            }))
        })
        .expecting(crate::attack::Expected::Code(&["ValidationException", "AccessDeniedException"]))
        .uncontrolled("no user can"),
    );
    attacks.extend(whole_items());
    attacks.extend(transactions());
    attacks
}

fn whole_items() -> Vec<Attack> {
    let put = || DeniedBy::NotGranted("dynamodb:PutItem");
    let delete = || DeniedBy::NotGranted("dynamodb:DeleteItem");
    let item = |key: Value| with(key, json!({"status": {"S": "ready"}}));
    vec![
        Attack::new("ddb-put", "replace the victim's record", put(), move |s| {
            dynamodb("PutItem", json!({"TableName": s.table(), "Item": item(their_key(s))}))
        })
        .uncontrolled(HARMFUL),
        Attack::new("ddb-put-returning", "replace it, and have it returned", put(), move |s| {
            dynamodb("PutItem", json!({"TableName": s.table(), "Item": item(their_key(s)), "ReturnValues": "ALL_OLD"}))
        })
        .uncontrolled(HARMFUL),
        Attack::new("ddb-put-own", "replace one's own record, a forged result included", put(), move |s| {
            dynamodb("PutItem", json!({"TableName": s.table(), "Item": item(own_key(s))}))
        })
        .uncontrolled("it would forge a result"),
        Attack::new("ddb-put-own-plain", "replace one's own record, with nothing forged", put(), |s| {
            dynamodb("PutItem", json!({"TableName": s.table(), "Item": own_key(s)}))
        })
        .uncontrolled("it would remove the worker's half"),
        Attack::new("ddb-delete", "delete the victim's record", delete(), |s| {
            dynamodb("DeleteItem", json!({"TableName": s.table(), "Key": their_key(s)}))
        })
        .uncontrolled(HARMFUL),
        Attack::new("ddb-delete-returning", "delete it, and have it returned", delete(), |s| {
            dynamodb("DeleteItem", json!({"TableName": s.table(), "Key": their_key(s), "ReturnValues": "ALL_OLD"}))
        })
        .uncontrolled(HARMFUL),
        Attack::new("ddb-delete-own", "delete one's own record", delete(), |s| {
            dynamodb("DeleteItem", json!({"TableName": s.table(), "Key": own_key(s)}))
        })
        .uncontrolled("records are the worker's to delete"),
        Attack::new("ddb-batch-put", "put in a batch", DeniedBy::NotGranted("dynamodb:BatchWriteItem"), move |s| {
            dynamodb("BatchWriteItem", json!({"RequestItems": {s.table(): [{"PutRequest": {"Item": item(their_key(s))}}]}}))
        })
        .uncontrolled(HARMFUL),
        Attack::new("ddb-batch-delete", "delete in a batch", DeniedBy::NotGranted("dynamodb:BatchWriteItem"), |s| {
            dynamodb("BatchWriteItem", json!({"RequestItems": {s.table(): [{"DeleteRequest": {"Key": their_key(s)}}]}}))
        })
        .uncontrolled(HARMFUL),
        partiql("insert", "PartiQLInsert", |s| format!("INSERT INTO \"{}\" VALUE {{'identityId': '{}', 'imageId': 'x'}}", s.table(), s.victim.identity)),
        partiql("update", "PartiQLUpdate", |s| {
            format!("UPDATE \"{}\" SET fileName = 'x' WHERE identityId = '{}' AND imageId = '{}'", s.table(), s.victim.identity, s.theirs)
        }),
        partiql("delete", "PartiQLDelete", |s| {
            format!("DELETE FROM \"{}\" WHERE identityId = '{}' AND imageId = '{}'", s.table(), s.victim.identity, s.theirs)
        }),
        partiql("update-own", "PartiQLUpdate", |s| {
            format!("UPDATE \"{}\" SET \"status\" = 'ready' WHERE identityId = '{}' AND imageId = '{}'", s.table(), s.attacker.identity, s.own)
        }),
    ]
}

fn partiql(verb: &'static str, action: &'static str, statement: fn(&Fixture) -> String) -> Attack {
    let denied_by = match action {
        "PartiQLInsert" => DeniedBy::NotGranted("dynamodb:PartiQLInsert"),
        "PartiQLUpdate" => DeniedBy::NotGranted("dynamodb:PartiQLUpdate"),
        _ => DeniedBy::NotGranted("dynamodb:PartiQLDelete"),
    };
    Attack::new(
        format!("ddb-partiql-{verb}"),
        format!("PartiQL: {}", verb.replace('-', " ")),
        denied_by,
        move |s| dynamodb("ExecuteStatement", json!({"Statement": statement(s)})),
    )
    .uncontrolled(HARMFUL)
}

fn transactions() -> Vec<Attack> {
    let transact = |items: Value| dynamodb("TransactWriteItems", json!({"TransactItems": items}));
    let transact_update =
        |s: &Fixture, key: Value| with(json!({"TableName": s.table(), "Key": key}), rename());
    vec![
        Attack::new("ddb-transact-update", "update in a transaction", WRITE_OWN, move |s| {
            transact(json!([{"Update": transact_update(s, their_key(s))}]))
        })
        .own(move |s| dynamodb("TransactWriteItems", json!({"TransactItems": [{"Update": transact_update(s, own_key(s))}]}))),
        Attack::new("ddb-transact-update-mixed", "update in a transaction, behind one's own", WRITE_OWN, move |s| {
            let second = json!({"identityId": {"S": s.attacker.identity}, "imageId": {"S": "x"}});
            transact(json!([{"Update": transact_update(s, second)}, {"Update": transact_update(s, their_key(s))}]))
        })
        .own(move |s| dynamodb("TransactWriteItems", json!({"TransactItems": [{"Update": transact_update(s, own_key(s))}]}))),
        Attack::new("ddb-transact-update-all-old", "have a failed transaction return the record", WRITE_OWN, move |s| {
            let update = with(transact_update(s, their_key(s)), json!({
                "ConditionExpression": "attribute_not_exists(imageId)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }));
            transact(json!([{"Update": update}]))
        })
        .uncontrolled("the condition never holds; ddb-transact-update is the control"),
        Attack::new("ddb-transact-put", "put in a transaction", DeniedBy::NotGranted("dynamodb:PutItem"), move |s| {
            transact(json!([{"Put": {"TableName": s.table(), "Item": their_key(s)}}]))
        })
        .uncontrolled(HARMFUL),
        Attack::new("ddb-transact-delete", "delete in a transaction", DeniedBy::NotGranted("dynamodb:DeleteItem"), move |s| {
            transact(json!([{"Delete": {"TableName": s.table(), "Key": their_key(s)}}]))
        })
        .uncontrolled(HARMFUL),
    ]
}
