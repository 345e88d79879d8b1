//! The storm: uploads under faults, followed by a quiet phase.

use std::time::{Duration, Instant};

use fastrand::Rng;
use local::{
    console::{Verbosity, line},
    proxy::faults::Faults,
    stack::{Stack, StackOptions, recording::Calls},
};

use crate::{
    invariant::{self, Findings},
    process_killer::ProcessKiller,
    queue_poller::UnreliablePoller,
    uploaders,
};

/// Faults for each 1,000 calls, and the duration, in a cycle: at least one call of ten fails on
/// average. The second phase outlasts the SDK's three attempts, so that the queue has to redeliver.
/// Evenly spread faults would rarely get that far.
const FAULT_CYCLE: [(u32, Duration); 2] =
    [(20, Duration::from_secs(6)), (600, Duration::from_secs(6))];

/// Longest wait for the queues to empty, after the last upload and with faults on.
const LONGEST_STORM: Duration = Duration::from_mins(5);

/// Deadline of the dead-letter function's remaining work, when the job queue is empty. Far longer
/// than it takes.
const SETTLE_WITHIN: Duration = Duration::from_mins(2);

/// Runs the storm. Returns whether no image is lost, stuck or wrong, and every user's usage is
/// right.
pub(crate) async fn storm(uploads: u32, seed: u64) -> anyhow::Result<bool> {
    line(format_args!("seed={seed}"));
    let faults = Faults::new(seed);
    let stack = Stack::start(StackOptions {
        verbosity: Verbosity::Verbose,
        calls: Calls::Recorded,
        faults: faults.clone(),
        ..StackOptions::default()
    })
    .await?;
    let start = Instant::now();
    let mut random = Rng::with_seed(seed);
    let poller = UnreliablePoller::take_over(&stack).await?;
    let killer = ProcessKiller::default();
    let kill_random = Rng::with_seed(random.u64(..));
    let poll_seed = random.u64(..);

    line("storm");
    let uploaders = async {
        let uploads = async {
            let uploads = uploaders::upload(&stack, uploads, &mut random).await;
            // The faults continue while the queues still have messages.
            let since = Instant::now();
            while !poller.is_idle() && since.elapsed() < LONGEST_STORM {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            uploads
        };
        let uploads = tokio::select! {
            uploads = uploads => uploads,
            () = vary_faults(&faults) => unreachable!("the cycle of faults never ends"),
        };
        line("quiet");
        killer.stop();
        faults.set_per_mille(0);
        poller.finish();
        uploads
    };
    let (uploads, (), ()) = tokio::try_join!(
        uploaders,
        poller.work(poll_seed),
        killer.work(&stack, kill_random)
    )?;
    let findings = settled(&stack, &uploads).await?;
    for complaint in &findings.complaints {
        line(format_args!("  {complaint}"));
    }
    let Findings {
        ready,
        failed,
        given_up,
        deleted,
        abandoned,
        lost,
        stuck,
        wrong,
        usage_wrong,
        ..
    } = findings;
    line(format_args!("calls={}", faults.calls()));
    line(format_args!("faults={}", faults.injected()));
    line(format_args!("killed={}", killer.killed()));
    line(format_args!("duplicated={}", poller.duplicated()));
    line(format_args!("abandoned={abandoned}"));
    line(format_args!("given_up={given_up}"));
    line(format_args!("seconds={}", start.elapsed().as_secs()));
    line(format_args!("seed={seed}"));
    line(format_args!(
        "uploads={} ready={ready} failed={} deleted={deleted} lost={lost} stuck={stuck} wrong={wrong} usage_wrong={usage_wrong}",
        uploads.len(),
        failed + given_up,
    ));
    let is_good = findings.is_good();
    if is_good {
        stack.stop().await?;
    } else {
        line(format_args!("the logs are in {}", stack.logs().display()));
    }
    Ok(is_good)
}

async fn vary_faults(faults: &Faults) {
    for (per_mille, time) in FAULT_CYCLE.into_iter().cycle() {
        faults.set_per_mille(per_mille);
        tokio::time::sleep(time).await;
    }
}

/// Repeats the check until the invariant holds, or until the deadline. A check fails, too, where an
/// object is removed between its listing and its reading: something is still at work.
async fn settled(stack: &Stack, uploads: &[uploaders::Upload]) -> anyhow::Result<Findings> {
    let start = Instant::now();
    loop {
        let is_over = start.elapsed() > SETTLE_WITHIN;
        match invariant::look(stack, uploads).await {
            Ok(findings) if findings.is_good() || is_over => return Ok(findings),
            Err(error) if is_over => return Err(error),
            Ok(_) | Err(_) => {}
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}
