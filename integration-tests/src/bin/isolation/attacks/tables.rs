//! Attacks on the table itself, its stream and its backups.

use serde_json::{Value, json};

use crate::{
    attack::{Attack, DeniedBy},
    call::{Service, dynamodb, json as json_call},
    fixture::Fixture,
};

type Body = fn(&Fixture) -> Value;

const BACKUP: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/x/backup/01";

fn table(s: &Fixture) -> Value {
    json!({"TableName": s.table()})
}

fn arn(s: &Fixture) -> Value {
    json!({"ResourceArn": s.target.table_arn()})
}

/// Reads of the table's configuration, which the operator may make.
const READS: [(&str, &str, &str, Body); 8] = [
    (
        "DescribeTable",
        "dynamodb:DescribeTable",
        "describe the table",
        table,
    ),
    ("ListTables", "dynamodb:ListTables", "list tables", |_| {
        json!({})
    }),
    (
        "DescribeTimeToLive",
        "dynamodb:DescribeTimeToLive",
        "ask for the table's expiry",
        table,
    ),
    (
        "DescribeContinuousBackups",
        "dynamodb:DescribeContinuousBackups",
        "ask for the table's backups",
        table,
    ),
    (
        "ListBackups",
        "dynamodb:ListBackups",
        "list backups",
        |_| json!({}),
    ),
    (
        "ListTagsOfResource",
        "dynamodb:ListTagsOfResource",
        "read the table's tags",
        arn,
    ),
    (
        "ListExports",
        "dynamodb:ListExports",
        "list exports",
        |s| json!({"TableArn": s.target.table_arn()}),
    ),
    (
        "DescribeLimits",
        "dynamodb:DescribeLimits",
        "ask for the account's limits",
        |_| json!({}),
    ),
];

/// Changes of the table, and reads of features that the table does not use.
const WRITES: [(&str, &str, &str, Body); 17] = [
    (
        "DeleteTable",
        "dynamodb:DeleteTable",
        "delete the table",
        table,
    ),
    (
        "UpdateTable",
        "dynamodb:UpdateTable",
        "switch a stream on",
        |s| json!({"TableName": s.table(), "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}}),
    ),
    (
        "CreateTable",
        "dynamodb:CreateTable",
        "create a table",
        |_| {
            json!({
                "TableName": "attacker", "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
            })
        },
    ),
    (
        "UpdateTimeToLive",
        "dynamodb:UpdateTimeToLive",
        "let records expire by another attribute",
        |s| json!({"TableName": s.table(), "TimeToLiveSpecification": {"AttributeName": "size", "Enabled": true}}),
    ),
    (
        "CreateBackup",
        "dynamodb:CreateBackup",
        "back the table up",
        |s| json!({"TableName": s.table(), "BackupName": "mine"}),
    ),
    (
        "DeleteBackup",
        "dynamodb:DeleteBackup",
        "delete a backup",
        |_| json!({"BackupArn": BACKUP}),
    ),
    (
        "DescribeBackup",
        "dynamodb:DescribeBackup",
        "describe a backup",
        |_| json!({"BackupArn": BACKUP}),
    ),
    (
        "RestoreTableFromBackup",
        "dynamodb:RestoreTableFromBackup",
        "restore a backup as another table",
        |_| json!({"TargetTableName": "mine", "BackupArn": BACKUP}),
    ),
    (
        "RestoreTableToPointInTime",
        "dynamodb:RestoreTableToPointInTime",
        "restore the table as another",
        |s| json!({"SourceTableName": s.table(), "TargetTableName": "mine", "UseLatestRestorableTime": true}),
    ),
    (
        "UpdateContinuousBackups",
        "dynamodb:UpdateContinuousBackups",
        "switch backups off",
        |s| json!({"TableName": s.table(), "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": false}}),
    ),
    (
        "ExportTableToPointInTime",
        "dynamodb:ExportTableToPointInTime",
        "export the table to the attacker's bucket",
        |s| json!({"TableArn": s.target.table_arn(), "S3Bucket": "attacker"}),
    ),
    (
        "ImportTable",
        "dynamodb:ImportTable",
        "import a table",
        |_| {
            json!({
                "InputFormat": "CSV", "S3BucketSource": {"S3Bucket": "attacker"}, "TableCreationParameters": {
                    "TableName": "mine", "AttributeDefinitions": [], "KeySchema": []},
            })
        },
    ),
    (
        "TagResource",
        "dynamodb:TagResource",
        "tag the table",
        |s| json!({"ResourceArn": s.target.table_arn(), "Tags": [{"Key": "a", "Value": "b"}]}),
    ),
    (
        "PutResourcePolicy",
        "dynamodb:PutResourcePolicy",
        "open the table by a policy",
        |s| json!({"ResourceArn": s.target.table_arn(), "Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"}),
    ),
    (
        "GetResourcePolicy",
        "dynamodb:GetResourcePolicy",
        "read the table's policy",
        arn,
    ),
    (
        "EnableKinesisStreamingDestination",
        "dynamodb:EnableKinesisStreamingDestination",
        "stream the table to the attacker",
        |s| json!({"TableName": s.table(), "StreamArn": "arn:aws:kinesis:us-east-1:123456789012:stream/attacker"}),
    ),
    (
        "CreateGlobalTable",
        "dynamodb:CreateGlobalTable",
        "replicate the table to another region",
        |s| json!({"GlobalTableName": s.table(), "ReplicationGroup": [{"RegionName": "eu-west-1"}]}),
    ),
];

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for (operation, action, tries, body) in READS {
        attacks.push(Attack::new(
            id(operation),
            tries,
            DeniedBy::NotGranted(action),
            move |s| dynamodb(operation, body(s)),
        ));
    }
    for (operation, action, tries, body) in WRITES {
        attacks.push(
            Attack::new(
                id(operation),
                tries,
                DeniedBy::NotGranted(action),
                move |s| dynamodb(operation, body(s)),
            )
            .uncontrolled("it would change the table, or there is no such thing"),
        );
    }
    attacks.push(Attack::new(
        "stream-list",
        "list streams",
        DeniedBy::NotGranted("dynamodb:ListStreams"),
        |s| {
            json_call(
                Service::DynamoDbStreams,
                "ListStreams",
                &json!({"TableName": s.table()}),
            )
        },
    ));
    for (operation, action) in [
        ("DescribeStream", "dynamodb:DescribeStream"),
        ("GetShardIterator", "dynamodb:GetShardIterator"),
    ] {
        attacks.push(
            Attack::new(format!("stream-{}", id(operation)), "read the table's stream", DeniedBy::NotGranted(action), move |s| {
                let stream = format!("{}/stream/2026-01-01T00:00:00.000", s.target.table_arn());
                json_call(Service::DynamoDbStreams, operation, &json!({
                    "StreamArn": stream, "ShardId": "shardId-00000000000000000000-00000000", "ShardIteratorType": "TRIM_HORIZON",
                }))
            })
            .uncontrolled("the table has no stream"),
        );
    }
    attacks
}

/// Formats the id of an attack: `DescribeTable` becomes `table-describe-table`.
fn id(operation: &str) -> String {
    operation
        .chars()
        .fold("table".to_owned(), |mut id, letter| {
            if letter.is_uppercase() {
                id.push('-');
            }
            id.extend(letter.to_lowercase());
            id
        })
}
