//! Counts of a run.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Counts, in the order in which they are printed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Report {
    /// Images that were diagnosed.
    pub checked: u64,
    /// Messages that were sent.
    pub enqueued: u64,
    /// Records and variants that were removed.
    pub removed: u64,
    /// Originals without a record, or with one that the worker has not written.
    pub records_missing: u64,
    /// Originals whose record describes other bytes, is incomplete, or would expire.
    pub records_stale: u64,
    /// Images of which a variant is missing or is not what the worker wrote.
    pub variants_missing: u64,
    /// Images whose variants were generated from another recipe.
    pub sets_changed: u64,
    /// Records without an original.
    pub records_orphaned: u64,
    /// Variants without an original, or that no record lists.
    pub variants_orphaned: u64,
    /// Images that changed within the grace period, and were skipped.
    pub skipped_young: u64,
    /// Removals that were skipped because the image state had changed at the second read.
    pub skipped_changed: u64,
    /// Records of uploads that have not arrived.
    pub pending_upload: u64,
    /// Keys and items that belong to no image. They are left alone.
    pub unrelated: u64,
    /// Messages that could still have been sent.
    pub budget_left: u64,
    /// Cursor for the next run; empty after a complete run.
    pub resume: String,
}

impl Report {
    /// Whether every image that was read is consistent.
    pub fn is_clean(&self) -> bool {
        let Self {
            records_missing,
            records_stale,
            variants_missing,
            sets_changed,
            records_orphaned,
            variants_orphaned,
            ..
        } = self;
        [
            records_missing,
            records_stale,
            variants_missing,
            sets_changed,
            records_orphaned,
            variants_orphaned,
        ]
        .into_iter()
        .all(|count| *count == 0)
    }
}

/// Formats one line of `name=value`.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
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
        } = self;
        write!(
            f,
            "checked={checked} enqueued={enqueued} removed={removed} records_missing={records_missing} \
             records_stale={records_stale} variants_missing={variants_missing} sets_changed={sets_changed} \
             records_orphaned={records_orphaned} variants_orphaned={variants_orphaned} \
             skipped_young={skipped_young} skipped_changed={skipped_changed} pending_upload={pending_upload} unrelated={unrelated} \
             budget_left={budget_left} resume={resume}"
        )
    }
}
