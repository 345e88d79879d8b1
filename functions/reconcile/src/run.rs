//! One reconciliation run.

use aws::{admin_store::AdminStore, service_error::ServiceError};
use common::metrics::{Metric, MetricLine};
use maintenance::reconcile::{Cursor, Mode, Options, Report, RunScope, reconcile};
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::{config::Config, request::ReconcileRequest};

/// Continues where the previous run stopped, and writes a checkpoint where this one stops. The
/// schedule starts the next run. A run without `apply` starts from the beginning, and leaves the
/// checkpoint as it is.
pub(crate) async fn run(
    admin_store: &AdminStore,
    config: &Config,
    request: &ReconcileRequest,
    deadline: Instant,
) -> Result<Report, ServiceError> {
    let mode = if request.apply {
        Mode::Apply
    } else {
        Mode::DryRun
    };
    let options = Options {
        mode,
        extent: RunScope::Stage,
        grace: config.grace,
        max_enqueue: config.max_enqueue,
        max_remove: config.max_remove,
        max_foreign: config.max_foreign,
        foreign_age: config.foreign_age,
        per_second: Options::PER_SECOND,
        resume: match mode {
            Mode::Apply => checkpoint(admin_store).await?,
            Mode::DryRun => None,
        },
        deadline: Some(deadline),
    };
    let report = reconcile(admin_store, &config.wanted, &options).await?;
    if mode == Mode::Apply {
        admin_store.keep_checkpoint(&report.resume).await?;
    }
    report.log(request.apply);
    MetricLine::new(admin_store.stage(), OffsetDateTime::now_utc())
        .count(Metric::UsageDrift, report.usage_drift)
        .emit();
    Ok(report)
}

/// Reads the checkpoint. One that does not parse is ignored: a run from the beginning covers all
/// that it would have.
async fn checkpoint(admin_store: &AdminStore) -> Result<Option<Cursor>, ServiceError> {
    let Some(line) = admin_store.checkpoint().await? else {
        return Ok(None);
    };
    let cursor = line.parse();
    if cursor.is_err() {
        tracing::warn!(
            line,
            "checkpoint does not parse; run starts at the beginning"
        );
    }
    Ok(cursor.ok())
}
