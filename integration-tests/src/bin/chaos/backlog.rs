//! The backlog run: the worker's throughput and memory with a thousand originals at once.

use std::time::{Duration, Instant};

use fastrand::Rng;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use local::{
    console::{Verbosity, line},
    stack::{Stack, StackOptions},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::uploader::Uploader;
use integration_tests::images::random;

const AT_ONCE: usize = 8;

/// Runs the backlog and prints `name=value` lines. Returns whether all originals were processed.
pub(crate) async fn backlog(originals: u32) -> anyhow::Result<bool> {
    let stack = Stack::start(StackOptions {
        verbosity: Verbosity::Verbose,
        ..StackOptions::default()
    })
    .await?;
    let uploader = &Uploader::new(&stack).await?;
    let mut random = Rng::with_seed(1);
    let files = (0..originals)
        .map(|_| random::good(&mut random))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let bucket = stack.outputs().bucket_name.as_str();
    let start = Instant::now();
    let puts = stream::iter(files)
        .map(|file| async move {
            let image = Uuid::now_v7();
            let key = format!(
                "original-files/dev/{}/{image}.{}",
                uploader.own.identity, file.extension
            );
            let request = uploader.own.s3.put_object().bucket(bucket).key(key);
            request.body(file.bytes.into()).send().await
        })
        .buffer_unordered(AT_ONCE)
        .try_fold((), |(), _| async { Ok(()) });
    let watch = watch(&stack, originals, start);
    let (put, seen) = tokio::join!(puts, watch);
    put?;
    let seen = seen?;
    let seconds = start.elapsed().as_secs_f64();
    line(format_args!("originals={originals}"));
    line(format_args!("done={}", seen.done));
    line(format_args!("seconds={seconds:.1}"));
    line(format_args!(
        "images_per_second={:.1}",
        f64::from(seen.done) / seconds
    ));
    line(format_args!(
        "oldest_message_seconds={:.1}",
        seen.oldest.as_secs_f64()
    ));
    line(format_args!(
        "worker_rss_mb_at_a_tenth={}",
        seen.rss_early_mb
    ));
    line(format_args!("worker_peak_rss_mb={}", seen.rss_peak_mb));
    stack.stop().await?;
    Ok(seen.done == originals)
}

#[derive(Default)]
struct Seen {
    done: u32,
    /// The longest observed time from an original's id to its completion.
    oldest: Duration,
    rss_early_mb: u64,
    rss_peak_mb: u64,
}

async fn watch(stack: &Stack, originals: u32, start: Instant) -> anyhow::Result<Seen> {
    let mut seen = Seen::default();
    let mut last_progress = Instant::now();
    while seen.done < originals && last_progress.elapsed() < Duration::from_mins(1) {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let (done, oldest) = state(stack).await?;
        if done > seen.done {
            last_progress = Instant::now();
        }
        seen.done = done;
        seen.oldest = seen.oldest.max(oldest);
        seen.rss_peak_mb = seen.rss_peak_mb.max(peak_rss_mb(stack)?);
        if seen.rss_early_mb == 0 && done * 10 >= originals {
            seen.rss_early_mb = seen.rss_peak_mb;
            line(format_args!(
                "a tenth is done after {:.1} s",
                start.elapsed().as_secs_f64()
            ));
        }
    }
    Ok(seen)
}

/// Returns the number of completed records, and the longest time from an original's id to its
/// record's completion.
async fn state(stack: &Stack) -> anyhow::Result<(u32, Duration)> {
    let mut pages = aws_sdk_dynamodb::Client::new(stack.sdk_config())
        .scan()
        .table_name(&stack.outputs().table_name)
        .projection_expression("imageId, processedAt")
        .into_paginator()
        .send();
    let (mut done, mut oldest) = (0, Duration::ZERO);
    while let Some(page) = pages.next().await {
        for item in page?.items.unwrap_or_default() {
            let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
            let (Some(image), Some(processed)) = (text("imageId"), text("processedAt")) else {
                continue;
            };
            done += 1;
            let processed = OffsetDateTime::parse(processed, &Rfc3339)?;
            if let Some(created) = Uuid::parse_str(image)?.get_timestamp() {
                let (seconds, nanos) = created.to_unix();
                let created = OffsetDateTime::UNIX_EPOCH + Duration::new(seconds, nanos);
                oldest = oldest.max((processed - created).unsigned_abs());
            }
        }
    }
    Ok((done, oldest))
}

/// Returns the peak memory of the largest worker process.
fn peak_rss_mb(stack: &Stack) -> anyhow::Result<u64> {
    let mut peak = 0;
    for container in stack.containers()? {
        if !container.function.ends_with("thumbnail") {
            continue;
        }
        let Some(pid) = container.pid else { continue };
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next());
        peak = peak.max(kilobytes.and_then(|text| text.parse().ok()).unwrap_or(0) / 1024);
    }
    Ok(peak)
}
