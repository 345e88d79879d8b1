//! One run of the function.

use aws::{admin_store::AdminStore, service_error::ServiceError};
use maintenance::reconcile::{Cursor, Mode, Options, Report, RunScope, reconcile};
use tokio::time::Instant;

use crate::{config::Config, request::ReconcileRequest};

/// Goes on where the run before stopped, and puts a checkpoint where this one does. It calls nobody to go on: the schedule
/// will. A run without `apply` sees everything from the beginning, and leaves the checkpoint where it is.
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
        per_second: Options::PER_SECOND,
        resume: match mode {
            Mode::Apply => checkpoint(admin_store).await?,
            Mode::DryRun => None,
        },
        deadline: Some(deadline),
    };
    let report = reconcile(admin_store, &config.set, &options).await?;
    if mode == Mode::Apply {
        admin_store.keep_checkpoint(&report.resume).await?;
    }
    let Report {
        checked,
        enqueued,
        removed,
        records_missing,
        records_stale,
        variants_missing,
        sets_changed,
        records_orphaned,
        variants_orphaned,
        skipped_young,
        skipped_changed,
        pending_upload,
        unrelated,
        budget_left,
        resume,
    } = &report;
    tracing::info!(
        apply = request.apply,
        checked,
        enqueued,
        removed,
        records_missing,
        records_stale,
        variants_missing,
        sets_changed,
        records_orphaned,
        variants_orphaned,
        skipped_young,
        skipped_changed,
        pending_upload,
        unrelated,
        budget_left,
        resume,
        "reconciled"
    );
    Ok(report)
}

/// One that nobody understands is none: a walk from the beginning sees all that it would have.
async fn checkpoint(admin_store: &AdminStore) -> Result<Option<Cursor>, ServiceError> {
    let Some(line) = admin_store.checkpoint().await? else {
        return Ok(None);
    };
    let cursor = line.parse();
    if cursor.is_err() {
        tracing::warn!(
            line,
            "the checkpoint does not parse; the run starts at the beginning"
        );
    }
    Ok(cursor.ok())
}
