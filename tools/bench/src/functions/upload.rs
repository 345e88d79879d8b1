//! Benchmark of the upload function against two equivalent Node functions, one request at a time,
//! as on Lambda.
//!
//! Each subject is a process behind the Runtime API of this benchmark, and gets the same events.
//! The subjects alternate in blocks; the results are medians over the rounds, except for the
//! percentiles, which are of all requests. Every block ends with a check of the back end: an upload
//! that did not store exactly the file's bytes fails the run.

use std::{collections::BTreeMap, time::Instant};

use anyhow::{Context as _, ensure};
use bytes::Bytes;

use super::{
    back_end::{BackEnd, LocalStack, Stubbed},
    event, first_answer,
    program::Program,
    runtime_api::Lambda,
    sized_jpeg,
    slow_aws::Latencies,
    subject::{Built, Subject},
    tls::Certificate,
};
use crate::stats::{median, millis, percentile};
use local::console::line;

/// Size of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Rounds, in each of which every subject has a turn, for each body and back end.
    pub rounds: usize,
    /// Requests of a turn against the stub.
    pub block: usize,
    /// Starts of each subject.
    pub starts: usize,
}

/// Divisor of the requests against the emulator, which takes ten times as long as all subjects.
const LOCAL_SHARE: usize = 5;

/// Requests before the first that is counted: Node's compiler needs some.
const WARM_UP: usize = 60;

const BODIES: [(&str, usize); 2] = [("100kb", 100_000), ("4mb", 4_000_000)];

#[derive(Default)]
struct Measured {
    requests_per_s: Vec<f64>,
    cpu_ms: Vec<f64>,
    latencies_ms: Vec<f64>,
    peak_rss_mb: f64,
}

/// The results of a subject, by name.
type Figures = BTreeMap<&'static str, f64>;

/// Measures everything and prints it, then the ratios to this project's function.
pub(crate) async fn upload(effort: Effort) -> anyhow::Result<()> {
    let built = Built::build().await?;
    line(format_args!("node_version={}", built.node_version().await?));
    cold_starts(&built, effort.starts)?;
    for (name, size_bytes) in BODIES {
        let file = sized_jpeg::jpeg(size_bytes)?;
        let mut back_end = Stubbed::start(file.clone())?;
        let effort = Effort {
            // Requests with 4 MB take ten times as long, and vary less.
            block: (effort.block * 100_000).div_ceil(size_bytes).max(10),
            ..effort
        };
        compare(
            &format!("stub_{name}"),
            &built,
            &mut back_end,
            &file,
            effort,
        )
        .await?;
    }
    let stack = LocalStack::start().await?;
    for (name, size_bytes) in BODIES {
        let file = sized_jpeg::jpeg(size_bytes)?;
        let effort = Effort {
            block: effort.block.div_ceil(LOCAL_SHARE).min(10),
            rounds: effort.rounds.div_ceil(2),
            ..effort
        };
        let mut back_end = stack.expecting(file.clone())?;
        compare(
            &format!("local_{name}"),
            &built,
            &mut back_end,
            &file,
            effort,
        )
        .await?;
    }
    stack.stop().await
}

/// Measures the time from the spawn to the first poll, and to the first response, against the stub.
fn cold_starts(built: &Built, starts: usize) -> anyhow::Result<()> {
    let file = sized_jpeg::jpeg(BODIES[0].1)?;
    let stub = Stubbed::start(file.clone())?;
    let event = event::upload(stub.token(), &file);
    let mut programs: Vec<(String, Program)> = Subject::ALL
        .map(|it| (it.name().to_owned(), built.program(it, stub.environment())))
        .into();
    programs.push((
        "node_cached_unbundled".to_owned(),
        built.unbundled(stub.environment()),
    ));
    let mut times: BTreeMap<&str, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    // The first start of each reads its files from the disk, and is not counted.
    for start in 0..=starts {
        for (name, program) in &programs {
            let began = Instant::now();
            let mut lambda =
                Lambda::start(program).with_context(|| format!("no start of {name}"))?;
            let invoked = lambda.invoke(&event).with_context(|| name.clone())?;
            let answered = began.elapsed();
            created(&invoked.answer)?;
            if start > 0 {
                let (init, first) = times.entry(name).or_default();
                init.push(millis(lambda.init));
                first.push(millis(answered));
            }
        }
    }
    let mut medians = BTreeMap::new();
    for (name, (init, first)) in times {
        let of_name = (median(init), median(first));
        line(format_args!("{name}_cold_start_ms={:.1}", of_name.0));
        line(format_args!("{name}_first_answer_ms={:.1}", of_name.1));
        medians.insert(name, of_name);
    }
    for peer in ["node_cached", "node_classic"] {
        let (ours, theirs) = (medians["ours"], medians[peer]);
        line(format_args!(
            "cold_start_ratio_to_{peer}={:.1}",
            theirs.0 / ours.0
        ));
        line(format_args!(
            "first_answer_ratio_to_{peer}={:.1}",
            theirs.1 / ours.1
        ));
    }
    Ok(())
}

/// Measures from the creation of the process to the answer to its first upload of 100 kB, with TLS
/// and at these latencies.
pub(super) async fn first_answers(starts: usize, latencies: Latencies) -> anyhow::Result<()> {
    let built = Built::build().await?;
    let certificate = Certificate::create()?;
    let file = sized_jpeg::jpeg(BODIES[0].1)?;
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for start in 0..=starts {
        for subject in [Subject::Ours, Subject::NodeCached] {
            let stub = Stubbed::start_far_away(file.clone(), latencies, &certificate)?;
            let event = event::upload(stub.token(), &file);
            let program = built.program(subject, stub.environment());
            let began = Instant::now();
            let mut lambda = Lambda::start(&program)?;
            lambda.keep_to_one_processor()?;
            created(&lambda.invoke(&event)?.answer)?;
            if start > 0 {
                let times = times.entry(subject.name()).or_default();
                times.push(millis(began.elapsed()));
            }
        }
    }
    // Cognito's two calls, the record, the object.
    let calls = latencies.get * 2 + latencies.table + latencies.put;
    let [ours, node] = [Subject::Ours, Subject::NodeCached]
        .map(|subject| times.remove(subject.name()).unwrap_or_default());
    first_answer::report("upload", calls, ours, node);
    Ok(())
}

async fn compare(
    title: &str,
    built: &Built,
    back_end: &mut impl BackEnd,
    file: &Bytes,
    effort: Effort,
) -> anyhow::Result<()> {
    let event = event::upload(back_end.token(), file);
    let mut lambdas = Vec::new();
    for subject in Subject::ALL {
        let mut lambda = Lambda::start(&built.program(subject, back_end.environment()))?;
        turn(&mut lambda, &event, WARM_UP.min(effort.block * 3)).with_context(|| subject.name())?;
        back_end.clear().await?;
        lambdas.push((subject, lambda, Measured::default()));
    }
    for _ in 0..effort.rounds {
        for (subject, lambda, measured) in &mut lambdas {
            let cpu_before = lambda.cpu()?;
            let began = Instant::now();
            let latencies = turn(lambda, &event, effort.block).with_context(|| subject.name())?;
            let took = began.elapsed();
            let cpu = lambda.cpu()?.saturating_sub(cpu_before);
            let requests = count(effort.block);
            measured.requests_per_s.push(requests / took.as_secs_f64());
            measured.cpu_ms.push(millis(cpu) / requests);
            measured.latencies_ms.extend(latencies);
            back_end
                .verify(*subject, effort.block)
                .await
                .with_context(|| format!("{title}, {}", subject.name()))?;
        }
    }
    let mut all = BTreeMap::new();
    for (subject, lambda, mut measured) in lambdas {
        measured.peak_rss_mb = lambda.peak_rss_mb()?;
        all.insert(subject, report(title, subject, &measured));
    }
    ratios(title, &all);
    Ok(())
}

/// Sends requests one after the other; returns the milliseconds of each.
fn turn(lambda: &mut Lambda, event: &Bytes, requests: usize) -> anyhow::Result<Vec<f64>> {
    let mut latencies = Vec::with_capacity(requests);
    for _ in 0..requests {
        let invoked = lambda.invoke(event)?;
        created(&invoked.answer)?;
        latencies.push(millis(invoked.took));
    }
    Ok(latencies)
}

fn created(answer: &[u8]) -> anyhow::Result<()> {
    let text = std::str::from_utf8(answer)?;
    ensure!(
        text.contains("\"statusCode\":201"),
        "unexpected response: {text}"
    );
    Ok(())
}

fn report(title: &str, subject: Subject, measured: &Measured) -> Figures {
    let Measured {
        requests_per_s,
        cpu_ms,
        latencies_ms,
        peak_rss_mb,
    } = measured;
    let figures = Figures::from([
        ("requests_per_s", median(requests_per_s.iter().copied())),
        ("p50_ms", percentile(50, latencies_ms.iter().copied())),
        ("p99_ms", percentile(99, latencies_ms.iter().copied())),
        ("cpu_ms_per_request", median(cpu_ms.iter().copied())),
        ("peak_rss_mb", *peak_rss_mb),
    ]);
    for (figure, value) in &figures {
        line(format_args!(
            "{title}_{}_{figure}={value:.2}",
            subject.name()
        ));
    }
    figures
}

/// Prints ratios. A value above 1 is in favour of this project's function.
fn ratios(title: &str, all: &BTreeMap<Subject, Figures>) {
    let ours = &all[&Subject::Ours];
    for peer in [Subject::NodeCached, Subject::NodeClassic] {
        let theirs = &all[&peer];
        for (figure, ratio) in [
            (
                "requests_per_s",
                ours["requests_per_s"] / theirs["requests_per_s"],
            ),
            ("p50", theirs["p50_ms"] / ours["p50_ms"]),
            ("p99", theirs["p99_ms"] / ours["p99_ms"]),
            (
                "cpu",
                theirs["cpu_ms_per_request"] / ours["cpu_ms_per_request"],
            ),
            ("peak_rss", theirs["peak_rss_mb"] / ours["peak_rss_mb"]),
        ] {
            line(format_args!(
                "{title}_{figure}_ratio_to_{}={ratio:.2}",
                peer.name()
            ));
        }
    }
}

fn count(requests: usize) -> f64 {
    u32::try_from(requests).map_or(f64::NAN, f64::from)
}
