//! Listings without compression, and with the compression that browsers request.

use std::path::Path;

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::Value;

use super::{Effort, PAGE, endpoints, event, program};
use crate::stats::{median, millis};

use crate::functions::{fake_dynamodb::Table, runtime_api::Lambda};
use local::console::line;

/// Values of the `content-encoding` header.
const ENCODINGS: [&str; 2] = ["identity", "gzip"];

/// Measurements of a page in one encoding.
pub(super) struct Page {
    bytes: u32,
    p50_ms: f64,
}

/// Measures and prints.
pub(super) fn encodings(images: &Path, token: &str, effort: Effort) -> anyhow::Result<()> {
    let [identity, gzip] = measure(images, token, effort)?;
    for (name, page) in ENCODINGS.into_iter().zip([&identity, &gzip]) {
        line(format_args!("list_{name}_bytes={}", page.bytes));
        line(format_args!("list_{name}_p50_ms={:.2}", page.p50_ms));
    }
    let bytes = f64::from(identity.bytes) / f64::from(gzip.bytes);
    line(format_args!("list_bytes_ratio_identity_to_gzip={bytes:.1}"));
    let p50 = gzip.p50_ms / identity.p50_ms;
    line(format_args!("list_p50_ratio_gzip_to_identity={p50:.2}"));
    Ok(())
}

/// Measures both in alternation, against an ordered table.
pub(super) fn measure(images: &Path, token: &str, effort: Effort) -> anyhow::Result<[Page; 2]> {
    let table = Table::start(PAGE)?;
    let mut lambda = Lambda::start(&program(images, endpoints(&table.url())))?;
    let query = format!("limit={PAGE}");
    let events = [
        event::list(token, &query),
        event::list_gzipped(token, &query),
    ];
    let mut lengths = [0; 2];
    let mut times = [Vec::new(), Vec::new()];
    // The first round is not counted.
    for round in 0..=effort.rounds {
        for (at, event) in events.iter().enumerate() {
            let (length, took) = turn(&mut lambda, event, ENCODINGS[at], effort.block)?;
            lengths[at] = length;
            if round > 0 {
                times[at].extend(took);
            }
        }
    }
    let [identity, gzip] = times.map(median);
    Ok([
        Page {
            bytes: lengths[0],
            p50_ms: identity,
        },
        Page {
            bytes: lengths[1],
            p50_ms: gzip,
        },
    ])
}

/// Returns the length of the body that is sent, and the milliseconds of each request.
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

/// Fails if the response is not in the expected encoding.
fn body(answer: &Value, encoding: &str) -> anyhow::Result<u32> {
    ensure!(answer["statusCode"] == 200, "unexpected response: {answer}");
    let body = answer["body"].as_str().context("no body")?;
    let header = &answer["headers"]["content-encoding"];
    ensure!(
        header.as_str().unwrap_or("identity") == encoding,
        "unexpected content-encoding {header}"
    );
    let is_base64 = answer["isBase64Encoded"] == true;
    let length = if is_base64 {
        STANDARD.decode(body)?.len()
    } else {
        body.len()
    };
    Ok(u32::try_from(length)?)
}
