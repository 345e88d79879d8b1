//! The table, with a user's own credentials.

use integration_tests::call::dynamodb;
use serde_json::json;

use crate::{
    check::Check,
    found::Found,
    world::{DENIED, World, summary},
};

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::new("a-query-of-one-s-own-partition", "200", |world| {
            Box::pin(query(world, true))
        }),
        Check::new("a-query-of-another-partition", DENIED, |world| {
            Box::pin(query(world, false))
        }),
        Check::new("a-scan", DENIED, |world| Box::pin(a_scan(world))),
        Check::new("a-forged-result", DENIED, |world| {
            Box::pin(a_forged_result(world))
        }),
    ]
}

async fn a_scan(world: &World) -> anyhow::Result<Found> {
    let body = json!({ "TableName": world.target.outputs.table_name });
    let call = dynamodb("Scan", body);
    Ok(summary(&world.as_user(&world.alice, &call).await?))
}

async fn a_forged_result(world: &World) -> anyhow::Result<Found> {
    let (image, _) = world.new_key(&world.alice);
    let body = json!({
        "TableName": world.target.outputs.table_name,
        "Key": {
            "identityId": { "S": world.alice.identity },
            "imageId": { "S": image },
        },
        "UpdateExpression": "SET #s = :s",
        "ExpressionAttributeNames": { "#s": "status" },
        "ExpressionAttributeValues": { ":s": { "S": "ready" } },
    });
    let call = dynamodb("UpdateItem", body);
    Ok(summary(&world.as_user(&world.alice, &call).await?))
}

async fn query(world: &World, is_own: bool) -> anyhow::Result<Found> {
    let owner = if is_own { &world.alice } else { &world.bob };
    let body = json!({
        "TableName": world.target.outputs.table_name,
        "KeyConditionExpression": "identityId = :i",
        "ExpressionAttributeValues": { ":i": { "S": owner.identity } },
    });
    let call = dynamodb("Query", body);
    Ok(summary(&world.as_user(&world.alice, &call).await?))
}
