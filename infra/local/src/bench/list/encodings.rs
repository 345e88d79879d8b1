//! A page as it is, and as a browser asks for it: compressed.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::Value;

use super::{Effort, PAGE, endpoints, event, program};
use crate::{
    bench::{
        figures::{median, millis},
        lambda::Lambda,
        table::Table,
    },
    say::line,
};

/// Measures both in turns, against an ordered table.
pub(super) fn encodings(images: &Path, token: &str, effort: Effort) -> anyhow::Result<()> {
    let table = Table::start(PAGE)?;
    let mut lambda = Lambda::start(&program(images, endpoints(&table.url())))?;
    let query = format!("limit={PAGE}");
    let contenders = [
        ("identity", event::list(token, &query)),
        ("gzip", event::list_gzipped(token, &query)),
    ];
    let mut bytes = BTreeMap::new();
    let mut times = BTreeMap::<_, Vec<f64>>::new();
    for (name, event) in &contenders {
        bytes.insert(*name, turn(&mut lambda, event, name, effort.block)?.0);
    }
    for _ in 0..effort.rounds {
        for (name, event) in &contenders {
            let (_, took) = turn(&mut lambda, event, name, effort.block)?;
            times.entry(*name).or_default().extend(took);
        }
    }
    for (name, size) in &bytes {
        line(format_args!("list_{name}_bytes={size}"));
    }
    let times: BTreeMap<_, f64> = times
        .into_iter()
        .map(|(name, took)| (name, median(took)))
        .collect();
    for (name, p50) in &times {
        line(format_args!("list_{name}_p50_ms={p50:.2}"));
    }
    line(format_args!(
        "list_ratio_bytes_identity_to_gzip={:.1}",
        f64::from(bytes["identity"]) / f64::from(bytes["gzip"])
    ));
    line(format_args!(
        "list_ratio_p50_gzip_to_identity={:.2}",
        times["gzip"] / times["identity"]
    ));
    Ok(())
}

/// The length of the body that goes over the wire, and the milliseconds of each request.
fn turn(
    lambda: &mut Lambda,
    event: &Bytes,
    encoding: &str,
    requests: usize,
) -> anyhow::Result<(u32, Vec<f64>)> {
    let mut bytes = 0;
    let mut took = Vec::with_capacity(requests);
    for _ in 0..requests {
        let invoked = lambda.invoke(event)?;
        bytes = body(&serde_json::from_slice(&invoked.answer)?, encoding)?;
        took.push(millis(invoked.took));
    }
    Ok((bytes, took))
}

/// Fails where the answer is not in the encoding that it should be in.
fn body(answer: &Value, encoding: &str) -> anyhow::Result<u32> {
    ensure!(answer["statusCode"] == 200, "refused: {answer}");
    let body = answer["body"].as_str().context("no body")?;
    let header = &answer["headers"]["content-encoding"];
    ensure!(
        header.as_str().unwrap_or("identity") == encoding,
        "in {header}"
    );
    let is_base64 = answer["isBase64Encoded"] == true;
    let length = if is_base64 {
        STANDARD.decode(body)?.len()
    } else {
        body.len()
    };
    Ok(u32::try_from(length)?)
}
