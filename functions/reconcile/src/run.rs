//! One run of the function.

use aws::{admin_store::Inventory, service_error::ServiceError};
use maintenance::reconcile::{Cursor, Extent, Mode, Options, Report, reconcile};
use tokio::time::Instant;

use crate::{config::Config, request::Order};

/// Goes on where the run before stopped, and puts a bookmark where this one does. It calls nobody to go on: the schedule
/// will. A run without `apply` sees everything from the beginning, and leaves the bookmark where it is.
pub(crate) async fn run(
    inventory: &Inventory,
    config: &Config,
    order: &Order,
    deadline: Instant,
) -> Result<Report, ServiceError> {
    let mode = if order.apply {
        Mode::Apply
    } else {
        Mode::DryRun
    };
    let options = Options {
        mode,
        extent: Extent::Stage,
        grace: config.grace,
        max_enqueue: config.max_enqueue,
        max_remove: config.max_remove,
        per_second: Options::PER_SECOND,
        resume: match mode {
            Mode::Apply => bookmark(inventory).await?,
            Mode::DryRun => None,
        },
        deadline: Some(deadline),
    };
    let report = reconcile(inventory, &config.set, &options).await?;
    if mode == Mode::Apply {
        inventory.keep_bookmark(&report.resume).await?;
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
        awaited,
        foreign,
        budget_left,
        resume,
    } = &report;
    tracing::info!(
        apply = order.apply,
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
        awaited,
        foreign,
        budget_left,
        resume,
        "reconciled"
    );
    Ok(report)
}

/// One that nobody understands is none: a walk from the beginning sees all that it would have.
async fn bookmark(inventory: &Inventory) -> Result<Option<Cursor>, ServiceError> {
    let Some(line) = inventory.bookmark().await? else {
        return Ok(None);
    };
    let cursor = line.parse();
    if cursor.is_err() {
        tracing::warn!(line, "the bookmark is not understood: from the beginning");
    }
    Ok(cursor.ok())
}
