//! Benchmark of the thumbnail worker against a worker in Node that does the same, with S3 and
//! DynamoDB as far away as on AWS.
//!
//! Each subject is a process behind the Runtime API of this benchmark, on one processor, and gets
//! the same batches. The subjects take turns. Every batch ends with a check: a subject that made
//! other calls than it must, or returned a message, fails the run.

mod figures;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use serde_json::{Value, json};

use self::figures::{Figures, compare};
use super::{
    back_end::endpoints,
    fake_aws::IDENTITY,
    first_answer,
    program::Program,
    runtime_api::Lambda,
    slow_aws::{Latencies, SlowAws},
    subject,
    tls::Certificate,
};
use crate::{
    stats::millis,
    thumbnails::{inputs::Inputs, task::TASKS},
};
use local::{
    console::line,
    package::build::{self, Profile},
};

const PEER: &str = "tools/bench/peers/thumbnail-node";

/// The bucket of the functions' environment.
const BUCKET: &str = "hikidashi-dev-123456789012-eu-central-1";

/// The numbers of messages in a batch.
const BATCHES: [usize; 3] = [1, 5, 10];

/// Variants of an image.
const VARIANTS: usize = 3;

/// Images before the first that is counted: Node's compiler needs some.
const WARM_UP: usize = 20;

/// Size of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Rounds, in each of which every subject has a turn with each size of batches.
    pub rounds: usize,
    /// Images of a turn.
    pub block: usize,
    /// The stub's latencies.
    pub latencies: Latencies,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Ours,
    Node,
}

impl Subject {
    const ALL: [Self; 2] = [Self::Ours, Self::Node];

    const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Node => "node",
        }
    }
}

/// A subject's process, and its own stub.
struct Running {
    lambda: Lambda,
    aws: SlowAws,
    /// Images since the start.
    images: u64,
}

/// One batch.
struct Batch {
    took: Duration,
    cpu: Duration,
    /// From the delivery of the batch to the answer of each image's last write.
    ready: Vec<Duration>,
}

/// Measures and prints, then the ratios.
pub(crate) async fn worker(effort: Effort, inputs: &Inputs) -> anyhow::Result<()> {
    let (programs, original) = prepare(inputs).await?;
    line(format_args!("inputs={}", inputs.source()));
    line(format_args!("original_bytes={}", original.len()));
    let Latencies {
        get, put, table, ..
    } = effort.latencies;
    for (name, latency) in [("get", get), ("put", put), ("table", table)] {
        line(format_args!("{name}_latency_ms={:.0}", millis(latency)));
    }
    let mut medians = BTreeMap::new();
    for size in BATCHES {
        let mut batches: BTreeMap<Subject, Vec<Batch>> = BTreeMap::new();
        let mut running = Vec::new();
        for (subject, program) in &programs {
            running.push((*subject, start(program, &original, effort.latencies, None)?));
        }
        for (_, subject) in &mut running {
            turn(subject, size, WARM_UP, original.len())?;
        }
        for _ in 0..effort.rounds {
            for (subject, running) in &mut running {
                let turn = turn(running, size, effort.block, original.len())?;
                batches.entry(*subject).or_default().extend(turn);
            }
        }
        for (subject, running) in &running {
            let figures = Figures::of(size, &batches[subject], running.lambda.peak_rss_mb()?);
            figures.print(&format!("batch_{size}_{}", subject.name()));
            medians.insert((size, *subject), figures);
        }
        compare(size, &medians, effort.latencies);
    }
    Ok(())
}

fn program(subject: Subject, ours: &Path, node: &Path) -> Program {
    match subject {
        Subject::Ours => Program {
            executable: ours.to_owned(),
            arguments: Vec::new(),
            environment: BTreeMap::new(),
        },
        Subject::Node => Program {
            executable: node.to_owned(),
            arguments: vec![peer().join("src/thumbnail.mjs")],
            environment: BTreeMap::from([
                ("NODE_ENV".to_owned(), "production".to_owned()),
                (
                    "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED".to_owned(),
                    "true".to_owned(),
                ),
            ]),
        },
    }
}

fn peer() -> PathBuf {
    local::workspace::workspace().join(PEER)
}

/// Measures from the creation of the process to the answer to its first batch, of one message, with
/// TLS and at these latencies.
pub(super) async fn first_answers(
    starts: usize,
    latencies: Latencies,
    inputs: &Inputs,
) -> anyhow::Result<()> {
    let (programs, original) = prepare(inputs).await?;
    let certificate = Certificate::create()?;
    let mut times: BTreeMap<Subject, Vec<f64>> = BTreeMap::new();
    // The first start of each reads its files from the disk, and is not counted.
    for start_number in 0..=starts {
        for (subject, program) in &programs {
            let began = Instant::now();
            let mut running = start(program, &original, latencies, Some(&certificate))?;
            batch(&mut running, 1, original.len())?;
            if start_number > 0 {
                let times = times.entry(*subject).or_default();
                times.push(millis(began.elapsed()));
            }
        }
    }
    let calls = latencies.get + latencies.put + latencies.table;
    let [ours, node] = Subject::ALL.map(|subject| times.remove(&subject).unwrap_or_default());
    first_answer::report("thumbnail", calls, ours, node);
    Ok(())
}

/// Builds the worker and its peer, and reads the original.
async fn prepare(inputs: &Inputs) -> anyhow::Result<([(Subject, Program); 2], Bytes)> {
    let mut built = build::build(&["thumbnail"], Profile::Release).await?;
    let ours = built.remove("thumbnail").context("cargo built no worker")?;
    subject::install(PEER).await?;
    let node = subject::node().await?;
    // The image of sharp's own benchmark.
    let original = Bytes::from(std::fs::read(inputs.find(&TASKS[0])?)?);
    let programs = Subject::ALL.map(|subject| (subject, program(subject, &ours, &node)));
    Ok((programs, original))
}

fn start(
    program: &Program,
    original: &Bytes,
    latencies: Latencies,
    certificate: Option<&Certificate>,
) -> anyhow::Result<Running> {
    let aws = SlowAws::start(original.clone(), latencies, certificate)?;
    let mut program = program.clone();
    program.environment.extend(endpoints(&aws.url()));
    let trusted = certificate.map(Certificate::environment);
    program.environment.extend(trusted.unwrap_or_default());
    let lambda = Lambda::start(&program)?;
    lambda.keep_to_one_processor()?;
    Ok(Running {
        lambda,
        aws,
        images: 0,
    })
}

/// Processes at least this number of images in batches.
fn turn(
    running: &mut Running,
    size: usize,
    images: usize,
    original_bytes: usize,
) -> anyhow::Result<Vec<Batch>> {
    let batches = images.div_ceil(size);
    (0..batches)
        .map(|_| batch(running, size, original_bytes))
        .collect()
}

fn batch(running: &mut Running, size: usize, original_bytes: usize) -> anyhow::Result<Batch> {
    let messages: Vec<Value> = (0..size)
        .map(|_| {
            running.images += 1;
            message(running.images, original_bytes)
        })
        .collect();
    let event = Bytes::from(json!({ "Records": messages }).to_string());
    let cpu_before = running.lambda.cpu()?;
    let began = Instant::now();
    let invoked = running.lambda.invoke(&event)?;
    let cpu = running.lambda.cpu()?.saturating_sub(cpu_before);
    let answer: Value = serde_json::from_slice(&invoked.answer)?;
    ensure!(
        answer == json!({ "batchItemFailures": [] }),
        "messages were returned: {answer}"
    );
    let seen = running.aws.take();
    ensure!(
        (seen.gets, seen.puts, seen.updates, seen.strange) == (size, VARIANTS * size, size, 0)
            && seen.ready.len() == size,
        "unexpected calls for {size} images: {seen:?}"
    );
    let ready = seen.ready.values().map(|at| *at - began).collect();
    Ok(Batch {
        took: invoked.took,
        cpu,
        ready,
    })
}

/// Builds a message as SQS delivers it, with the event of an upload.
fn message(number: u64, original_bytes: usize) -> Value {
    let key = format!(
        "original-files/dev/{}/0190a5d0-7bcd-7abc-8def-{number:012x}.jpg",
        IDENTITY.replace(':', "%3A")
    );
    let event = json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-central-1",
        "eventTime": "2026-11-23T07:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": { "name": BUCKET },
            "object": {
                "key": key,
                "size": original_bytes,
                "eTag": "0123456789abcdef0123456789abcdef",
                "sequencer": format!("{number:016X}"),
            },
        },
    }] });
    json!({
        "messageId": format!("{number:032x}"),
        "receiptHandle": "AQEB",
        "body": event.to_string(),
        "attributes": { "ApproximateReceiveCount": "1", "MessageGroupId": IDENTITY },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:hikidashi-dev-jobs",
        "awsRegion": "eu-central-1",
    })
}

#[cfg(test)]
mod tests;
