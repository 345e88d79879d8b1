//! Cold starts: the time until a function is ready for its first event, and the memory that it
//! needs for that.
//!
//! The time is measured from just before the process is created to the first byte of its first
//! request for an event. It excludes what Lambda adds on AWS (download of the code, start of the
//! machine); init on AWS has about as much CPU as here, regardless of the function's memory size.
//! No AWS call is made: the environment names resources that do not exist. The first *answer* has
//! calls in it, over TLS and as slow as AWS's.
//!
//! The Runtime API of the local container emulation is not used: it answers polls, and here the
//! process must stay in the state in which it polled.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpStream},
    process::Command,
};

use super::{
    baselines,
    environment::{ENVIRONMENT, INIT_LIMIT},
    runtime_api::Lambda,
    slow_aws::Latencies,
    upload, worker,
};
use crate::process::{in_mib, peak_rss_kib};
use crate::stats::{median, millis};
use crate::thumbnails::inputs::Inputs;
use local::{
    console::line,
    package::build::{self, Profile},
};

/// The functions, in the order in which they are started and reported.
const FUNCTIONS: [&str; 4] = ["authorizer", "upload", "images", "thumbnail"];

/// Latencies of the services during the first answers: those of `bench-worker`.
const LATENCIES: Latencies = Latencies {
    get: Duration::from_millis(20),
    put: Duration::from_millis(30),
    table: Duration::from_millis(5),
    has_tail: false,
};

/// Request of a function for its first event.
const FIRST_POLL: &str = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n";

/// Baselines that are started, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peers {
    /// The same functions in Node, in alternation with those of this project.
    Node,
    /// No baselines.
    None,
}

/// One start of one function.
#[derive(Clone, Copy, Debug)]
struct Sample {
    millis: f64,
    /// Peak memory in units of 1024 × 1024 bytes, as Lambda counts it.
    peak_rss_mb: f64,
}

/// Builds the functions in release mode, starts each `runs` times in alternation, and prints the
/// medians.
///
/// The first start of each, which reads the executable from the disk, is not counted.
///
/// Beside Node, the first answers of upload and worker are measured as well.
pub(crate) async fn cold_start(runs: usize, peers: Peers, inputs: &Inputs) -> anyhow::Result<()> {
    to_first_poll(runs, peers).await?;
    if peers == Peers::Node {
        upload::first_answers(runs, LATENCIES).await?;
        worker::first_answers(runs, LATENCIES, inputs).await?;
    }
    Ok(())
}

async fn to_first_poll(runs: usize, peers: Peers) -> anyhow::Result<()> {
    let executables = build::build(&FUNCTIONS, Profile::Release).await?;
    let programs = match peers {
        Peers::Node => baselines::programs().await?,
        Peers::None => Vec::new(),
    };
    let mut inits: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut samples: BTreeMap<&str, Vec<Sample>> = BTreeMap::new();
    for run in 0..=runs {
        for function in FUNCTIONS {
            let sample = start(function, &executables[function])
                .await
                .with_context(|| format!("{function} did not start"))?;
            if run > 0 {
                samples.entry(function).or_default().push(sample);
            }
        }
        for (name, program) in &programs {
            let lambda = Lambda::start(program).with_context(|| format!("{name} did not start"))?;
            if run > 0 {
                inits.entry(name).or_default().push(millis(lambda.init));
            }
        }
    }
    let mut ours = BTreeMap::new();
    for function in FUNCTIONS {
        let of_function = samples.get(function).map_or(&[][..], Vec::as_slice);
        let millis = median(of_function.iter().map(|sample| sample.millis));
        let peak_rss_mb = median(of_function.iter().map(|sample| sample.peak_rss_mb));
        line(format_args!("cold_start_{function}_ms={millis:.1}"));
        line(format_args!("peak_rss_{function}_mb={peak_rss_mb:.1}"));
        ours.insert(function, millis);
    }
    for (name, of_peer) in inits {
        let theirs = median(of_peer);
        line(format_args!("cold_start_{name}_ms={theirs:.1}"));
        let function = baselines::compared_with(name);
        if let Some(ours) = ours.get(function) {
            let ratio = theirs / ours;
            line(format_args!(
                "cold_start_ratio_of_{name}_to_{function}={ratio:.1}"
            ));
        }
    }
    Ok(())
}

/// Starts a function, waits for its first poll, measures its memory and kills it.
async fn start(function: &str, executable: &Path) -> anyhow::Result<Sample> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut command = command(function, executable, listener.local_addr()?);
    let started = Instant::now();
    let mut process = command.spawn()?;
    let pid = process.id().context("the process has no id")?;
    let (mut connection, ready) = tokio::select! {
        polled = polled(&listener) => polled?,
        status = process.wait() => bail!("the process ended with {}", status?),
        () = tokio::time::sleep(INIT_LIMIT) => bail!("no poll within {INIT_LIMIT:?}"),
    };
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    expect_first_poll(&mut connection).await?;
    process.kill().await?;
    Ok(Sample {
        millis: (ready - started).as_secs_f64() * 1e3,
        peak_rss_mb: in_mib(peak_rss_kib(&status).context("the kernel reports no VmHWM")?),
    })
}

/// Accepts the connection of the function's first poll, with the time of its first byte.
async fn polled(listener: &TcpListener) -> std::io::Result<(TcpStream, Instant)> {
    let (connection, _) = listener.accept().await?;
    connection.readable().await?;
    Ok((connection, Instant::now()))
}

/// Fails if the function's first request is not a poll, for example a report that init failed.
async fn expect_first_poll(connection: &mut TcpStream) -> anyhow::Result<()> {
    let mut words = [0; FIRST_POLL.len()];
    connection.read_exact(&mut words).await?;
    if words != FIRST_POLL.as_bytes() {
        bail!(
            "unexpected first request {:?}",
            String::from_utf8_lossy(&words)
        );
    }
    Ok(())
}

fn command(function: &str, executable: &Path, runtime_api: SocketAddr) -> Command {
    let folder: PathBuf = executable.parent().map(Path::to_owned).unwrap_or_default();
    let mut command = Command::new(executable);
    command
        .env_clear()
        .envs(ENVIRONMENT)
        .env(
            "AWS_LAMBDA_FUNCTION_NAME",
            format!("hikidashi-dev-{function}"),
        )
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string())
        .env("LAMBDA_TASK_ROOT", &folder)
        .current_dir(folder)
        .stdin(Stdio::null())
        // A function that can't start logs the reason. Standard output is for the results.
        .stdout(std::io::stderr())
        .kill_on_drop(true);
    command
}
