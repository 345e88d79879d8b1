//! Listings against the emulator: one user store grows from size to size, and the emulator reports
//! the capacity of each page.

use std::path::Path;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::{
    Effort, Events, PAGE, Place, SIZES, Times, event, medians, print, program, ratios, turn,
};
use crate::stats::millis;

use crate::functions::{
    back_end::LocalStack,
    capacity_proxy::{Asked, CapacityProxy},
    records,
    runtime_api::Lambda,
};
use local::{console::line, deploy::root};

/// Records of a `BatchWriteItem`.
const BATCH: usize = 25;

/// Measures one user store at every size.
pub(super) async fn emulator(images: &Path, effort: Effort) -> anyhow::Result<()> {
    let local = LocalStack::start().await?;
    let capacity_proxy = CapacityProxy::start(local.stack.fakecloud_url())?;
    let mut environment = local.environment_of("-images")?;
    environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), capacity_proxy.url());
    let mut lambda = Lambda::start(&program(images, environment))?;
    // The first listing, which is empty, reveals the identity id of the partition.
    lambda.invoke(&event::list(&local.token, ""))?;
    let identity = capacity_proxy
        .take()
        .pop()
        .context("the function sent no query")?
        .identity;
    seed(&local, &identity, records::positions(PAGE + 1)).await?;
    let events = Events::to_the_middle(&mut lambda, local.token.clone())?;
    let mut there = records::positions(PAGE + 1);
    let (mut total, mut emulated, mut rest) = (Times::new(), Times::new(), Times::new());
    for size in SIZES {
        let positions = records::positions(size);
        let began = std::time::Instant::now();
        seed(&local, &identity, positions.start..there.start).await?;
        seed(&local, &identity, there.end..positions.end).await?;
        there = positions;
        let seconds = began.elapsed().as_secs_f64();
        line(format_args!("list_{size}_seeded_s={seconds:.1}"));
        for place in Place::ALL {
            capacity_proxy.take();
            // The emulator needs a considerable part of a second for a page of the largest user
            // store.
            let requests = effort.block.min(20);
            let took = turn(&mut lambda, &events, place, size, requests)?;
            let asked = capacity_proxy.take();
            ensure!(asked.len() == requests, "a page took more than one query");
            line(format_args!(
                "list_{}_{size}_capacity_units={}",
                place.name(),
                capacity_units(&asked)?
            ));
            for (took, asked) in took.into_iter().zip(asked) {
                let emulator = millis(asked.took);
                total.entry((place, size)).or_default().push(took);
                emulated.entry((place, size)).or_default().push(emulator);
                rest.entry((place, size)).or_default().push(took - emulator);
            }
        }
    }
    let rest = medians(rest);
    print("emulator_total_p50_ms", &medians(total));
    print("emulator_query_p50_ms", &medians(emulated));
    print("emulator_without_query_p50_ms", &rest);
    ratios("emulator_without_query_", &rest);
    drop(lambda);
    local.stop().await
}

/// Writes records with the emulator's root credentials, two batches at a time: while one is
/// applied, the next is parsed.
async fn seed(
    local: &LocalStack,
    identity: &str,
    positions: std::ops::Range<i64>,
) -> anyhow::Result<()> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let positions: Vec<i64> = positions.collect();
    let (one, other) = positions.split_at(positions.len() / 2);
    tokio::try_join!(
        write(local, &http, identity, one),
        write(local, &http, identity, other)
    )?;
    Ok(())
}

async fn write(
    local: &LocalStack,
    http: &reqwest::Client,
    identity: &str,
    positions: &[i64],
) -> anyhow::Result<()> {
    let table = &local.stack.outputs().table_name;
    for batch in positions.chunks(BATCH) {
        let puts: Vec<Value> = batch
            .iter()
            .map(|place| json!({ "PutRequest": { "Item": records::item(identity, *place) } }))
            .collect();
        let answer: Value = http
            .post(local.stack.fakecloud_url())
            .header("authorization", root::authorization("dynamodb"))
            .header("x-amz-target", "DynamoDB_20120810.BatchWriteItem")
            .header("content-type", "application/x-amz-json-1.0")
            .body(json!({ "RequestItems": { table: puts } }).to_string())
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        ensure!(
            answer["UnprocessedItems"] == json!({}),
            "unprocessed items: {answer}"
        );
    }
    Ok(())
}

fn capacity_units(asked: &[Asked]) -> anyhow::Result<f64> {
    let first = asked
        .first()
        .context("the function sent no query")?
        .capacity_units;
    ensure!(
        asked
            .iter()
            .all(|it| (it.capacity_units - first).abs() < f64::EPSILON),
        "equal pages consumed different capacity"
    );
    Ok(first)
}
