//! The dispatch of a batch of SQS messages.

use std::collections::BTreeSet;

use aws::job_queue::{Job, JobQueue};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use common::{
    error_chain::with_causes,
    keys::Stage,
    metrics::{Dimension, Metric, MetricLine},
    sqs_batch::giving_back,
};
use time::OffsetDateTime;

use crate::plan::{Plan, PlannedJob};

/// Where events come from and go to.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    pub stage: Stage,
    pub bucket: String,
    pub job_queue: JobQueue,
}

/// Sends the jobs of a batch. Returns in `batchItemFailures` the messages that do not parse, and
/// those of which a job was not sent. All others are acknowledged: what they said is in the job
/// queue, or is not for the worker.
///
/// A dispatcher that dies after it has sent and before it has acknowledged sends again. The worker
/// is used to duplicates.
pub(crate) async fn handle(
    dispatcher: &Dispatcher,
    event: SqsEvent,
    request_id: &str,
) -> SqsBatchResponse {
    let bodies = event.records.iter();
    let bodies = bodies.map(|message| message.body.as_deref().unwrap_or_default());
    let plan = Plan::of(&dispatcher.stage, &dispatcher.bucket, bodies);
    let line = || MetricLine::new(&dispatcher.stage, OffsetDateTime::now_utc()).request(request_id);
    for kind in &plan.unrelated {
        line()
            .dimension(Dimension::Kind, kind)
            .count(Metric::UnrelatedMessages, 1)
            .emit();
    }
    let mut failed: BTreeSet<usize> = plan.unreadable.iter().copied().collect();
    let (mut sent, mut returned) = (0, 0);
    for jobs in plan.jobs.chunks(JobQueue::MAX_JOBS) {
        let refused = send(&dispatcher.job_queue, jobs).await;
        sent += count(jobs.len() - refused.len());
        returned += count(refused.len());
        failed.extend(refused.into_iter().flat_map(|job| &job.messages));
    }
    for (outcome, number) in [
        ("sent", sent),
        ("coalesced", plan.coalesced),
        ("returned", returned),
    ] {
        if number > 0 {
            line()
                .dimension(Dimension::Outcome, outcome)
                .count(Metric::EventsDispatched, number)
                .emit();
        }
    }
    let failed_ids = event.records.into_iter().enumerate();
    let failed_ids = failed_ids.filter(|(position, _)| failed.contains(position));
    giving_back(failed_ids.map(|(_, message)| message.message_id.unwrap_or_default()))
}

/// Sends jobs, and returns those that were not sent, or may not have been.
async fn send<'a>(job_queue: &JobQueue, planned: &'a [PlannedJob]) -> Vec<&'a PlannedJob> {
    let jobs: Vec<Job> = planned.iter().map(|one| one.job.clone()).collect();
    match job_queue.send(&jobs).await {
        Ok(refused) => refused
            .into_iter()
            .filter_map(|at| planned.get(at))
            .collect(),
        Err(error) => {
            tracing::error!(
                error = with_causes(&error),
                "jobs not sent; their messages returned to the queue"
            );
            planned.iter().collect()
        }
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
