//! The fairness run: how long a quiet user waits while another has a thousand images to process,
//! and what the dispatcher adds to the way of an event. The functions' calls take as long as AWS's.

use std::time::{Duration, Instant};

use anyhow::ensure;
use aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages as Number;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use integration_tests::{images, stack::dynamodb};
use local::{
    console::{Verbosity, line},
    package::build::Profile,
    proxy::faults::Faults,
    stack::{Stack, StackOptions, recording::Calls},
};
use uuid::Uuid;

use crate::{queue_poller::WORKER, uploader::Uploader};

/// Images of the quiet user, one after the other, in each phase.
const TURNS: usize = 21;

/// The noisy user's concurrent puts.
const AT_ONCE: usize = 4;

/// Batches of the worker at once, a tenth of the template's `WorkerConcurrency`: what the emulator
/// can serve on two cores without becoming slower itself.
const BATCHES_AT_ONCE: usize = 2;

/// The least number of the noisy user's jobs that wait while the quiet user's image is measured.
const BACKLOG: u32 = 30;

/// The latency of AWS's calls, in milliseconds.
const LATENCY_MS: std::ops::Range<u32> = 20..40;

const EVERY: Duration = Duration::from_millis(5);

/// Runs the phases and prints `name=value` lines. Returns whether all was processed.
pub(crate) async fn fairness(originals: u32) -> anyhow::Result<bool> {
    let faults = Faults::new(1);
    let stack = &Stack::start(StackOptions {
        verbosity: Verbosity::Verbose,
        profile: Profile::Release,
        calls: Calls::Recorded,
        faults: faults.clone(),
        batches_at_once: Some(BATCHES_AT_ONCE),
        ..StackOptions::default()
    })
    .await?;
    let jobs = &Jobs::of(stack);
    let quiet = &Uploader::new(stack).await?;
    let noisy = &Uploader::new(stack).await?;

    // Without it, the CPUs of this machine would be what the users share. On AWS, each batch has
    // one of its own.
    faults.set_latency_ms(LATENCY_MS);
    line("one user, alone");
    let mut alone = Vec::new();
    let image = images::jpeg(800, 600);
    for _ in 0..TURNS {
        alone.push(time_to_ready(stack, quiet, &image).await?);
    }

    line(format_args!("the same beside one with {originals} images"));
    stack.set_event_source_enabled(WORKER, false).await?;
    stream::iter(0..originals)
        .map(|_| put(stack, noisy, &image))
        .buffer_unordered(AT_ONCE)
        .try_fold((), |(), _| async { Ok(()) })
        .await?;
    jobs.wait_for(originals).await?;
    stack.set_event_source_enabled(WORKER, true).await?;
    let mut beside = Vec::new();
    while beside.len() < TURNS && jobs.count().await? >= BACKLOG {
        beside.push(time_to_ready(stack, quiet, &image).await?);
    }
    ensure!(beside.len() >= 5, "the backlog was too short to measure");

    line("the dispatcher");
    jobs.wait_for(0).await?;
    stack.set_event_source_enabled(WORKER, false).await?;
    let mut dispatch = Vec::new();
    let cpu_before = dispatch_cpu(stack)?;
    for sent in 1..=u32::try_from(TURNS)? {
        put(stack, quiet, &image).await?;
        let start = Instant::now();
        jobs.wait_for(sent).await?;
        dispatch.push(start.elapsed());
    }

    let cpu = dispatch_cpu(stack)?.saturating_sub(cpu_before) / u32::try_from(TURNS)?;
    let [alone, slowest_alone] = median_and_most(&mut alone);
    let turns_beside = beside.len();
    let [beside, slowest_beside] = median_and_most(&mut { beside });
    let [dispatch, _] = median_and_most(&mut dispatch);
    line(format_args!("originals={originals}"));
    line(format_args!("turns_alone={TURNS}"));
    line(format_args!("turns_beside={turns_beside}"));
    line(format_args!("ready_ms_alone={alone:.0}"));
    line(format_args!("ready_ms_alone_most={slowest_alone:.0}"));
    line(format_args!("ready_ms_beside={beside:.0}"));
    line(format_args!("ready_ms_beside_most={slowest_beside:.0}"));
    line(format_args!("ready_ratio={:.2}", beside / alone));
    line(format_args!("dispatch_ms={dispatch:.0}"));
    line(format_args!(
        "dispatch_cpu_ms={:.2}",
        cpu.as_secs_f64() * 1e3
    ));
    Ok(true)
}

/// Puts an image, and returns its id.
async fn put(stack: &Stack, uploader: &Uploader<'_>, bytes: &[u8]) -> anyhow::Result<String> {
    let image = Uuid::now_v7().to_string();
    let key = format!("original-files/dev/{}/{image}.jpg", uploader.own.identity);
    let request = uploader.own.s3.put_object().key(key);
    request
        .bucket(&stack.outputs().bucket_name)
        .body(bytes.to_vec().into())
        .send()
        .await?;
    Ok(image)
}

/// Puts an image, and waits until its record says `ready`.
async fn time_to_ready(
    stack: &Stack,
    uploader: &Uploader<'_>,
    bytes: &[u8],
) -> anyhow::Result<Duration> {
    let client = dynamodb(stack);
    let image = put(stack, uploader, bytes).await?;
    let start = Instant::now();
    loop {
        let item = client
            .get_item()
            .table_name(&stack.outputs().table_name)
            .key("identityId", text(&uploader.own.identity))
            .key("imageId", text(&image))
            .send()
            .await?;
        let status = item.item().and_then(|item| item.get("status"));
        if status == Some(&text("ready")) {
            return Ok(start.elapsed());
        }
        ensure!(start.elapsed() < Duration::from_mins(2), "{image} is late");
        tokio::time::sleep(EVERY).await;
    }
}

fn text(value: &str) -> aws_sdk_dynamodb::types::AttributeValue {
    integration_tests::denial::text(value)
}

/// The worker's queue, from outside.
struct Jobs<'a> {
    sqs: aws_sdk_sqs::Client,
    url: &'a str,
}

impl<'a> Jobs<'a> {
    fn of(stack: &'a Stack) -> Self {
        Self {
            sqs: aws_sdk_sqs::Client::new(stack.sdk_config()),
            url: &stack.outputs().queue_url,
        }
    }

    /// Returns the number of jobs that wait.
    async fn count(&self) -> anyhow::Result<u32> {
        let asked = self.sqs.get_queue_attributes().queue_url(self.url);
        let asked = asked.attribute_names(Number).send().await?;
        let count = asked.attributes.unwrap_or_default();
        Ok(count
            .get(&Number)
            .and_then(|count| count.parse().ok())
            .unwrap_or_default())
    }

    /// Waits until this number of jobs waits.
    async fn wait_for(&self, wanted: u32) -> anyhow::Result<()> {
        let start = Instant::now();
        while self.count().await? != wanted {
            ensure!(
                start.elapsed() < Duration::from_mins(10),
                "not {wanted} jobs"
            );
            tokio::time::sleep(EVERY).await;
        }
        Ok(())
    }
}

/// Returns the CPU time of the dispatcher's processes, each of which has one thread.
fn dispatch_cpu(stack: &Stack) -> anyhow::Result<Duration> {
    let mut nanos = 0;
    for container in stack.containers()? {
        if let (true, Some(pid)) = (container.function.ends_with("dispatch"), container.pid) {
            let times = std::fs::read_to_string(format!("/proc/{pid}/schedstat"))?;
            let on_cpu = times.split_whitespace().next().unwrap_or_default();
            nanos += on_cpu.parse::<u64>()?;
        }
    }
    Ok(Duration::from_nanos(nanos))
}

/// The median and the greatest of some times, in milliseconds.
fn median_and_most(times: &mut [Duration]) -> [f64; 2] {
    times.sort_unstable();
    let at = |index: usize| {
        times
            .get(index)
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    };
    [at(times.len() / 2), at(times.len().saturating_sub(1))]
}
