//! Counts of a run.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Defines the report, its line and its log entry from one list of counters.
macro_rules! report {
    ($($(#[$doc:meta])* $counter:ident,)*) => {
        /// Counts, in the order in which they are printed.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
        pub struct Report {
            $($(#[$doc])* pub $counter: u64,)*
            /// Cursor for the next run; empty after a complete run.
            pub resume: String,
        }

        impl Report {
            /// Logs the counts, each as a field.
            pub fn log(&self, is_applied: bool) {
                tracing::info!(
                    apply = is_applied,
                    $($counter = self.$counter,)*
                    resume = self.resume,
                    "reconciled"
                );
            }
        }

        /// Formats one line of `name=value`.
        impl fmt::Display for Report {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $(write!(f, concat!(stringify!($counter), "={} "), self.$counter)?;)*
                write!(f, "resume={}", self.resume)
            }
        }
    };
}

report! {
    /// Images that were diagnosed.
    checked,
    /// Messages that were sent.
    enqueued,
    /// Records, variants and originals that were removed.
    removed,
    /// Originals without a record, or with one that the worker has not written.
    records_missing,
    /// Originals whose record describes other bytes, is incomplete, or would expire.
    records_stale,
    /// Images of which a variant is missing or is not what the worker wrote.
    variants_missing,
    /// Images whose variants were generated from another recipe.
    sets_changed,
    /// Images whose facts were read by an earlier version, or with another `KeepLocation`.
    facts_changed,
    /// Records that count something else than their original.
    records_miscounted,
    /// Originals beyond their users' quotas.
    originals_over_quota,
    /// Users whose usage item differed from the sum of their records.
    usage_drift,
    /// Records without an original.
    records_orphaned,
    /// Variants without an original, or that no record lists.
    variants_orphaned,
    /// Images that changed within the grace period, and were skipped.
    skipped_young,
    /// Removals that were skipped because the image state had changed at the second read.
    skipped_changed,
    /// Records of uploads that have not arrived.
    pending_upload,
    /// Keys and items that belong to no image.
    unrelated,
    /// Objects among the originals that are none, and old enough to be removed.
    foreign_objects,
    /// Items in users' partitions that are no images'.
    foreign_items,
    /// Foreign objects and items that were removed.
    foreign_removed,
    /// Messages that could still have been sent.
    budget_left,
}

impl Report {
    /// Whether every image that was read is consistent.
    pub fn is_clean(&self) -> bool {
        let inconsistencies = [
            self.records_missing,
            self.records_stale,
            self.variants_missing,
            self.sets_changed,
            self.facts_changed,
            self.records_miscounted,
            self.usage_drift,
            self.records_orphaned,
            self.variants_orphaned,
        ];
        inconsistencies.iter().all(|count| *count == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn a_report_is_a_line_of_all_counts_and_the_cursor() {
        let report = Report {
            checked: 3,
            budget_left: 9,
            resume: "bucket:a".to_owned(),
            ..Report::default()
        };
        let line = report.to_string();
        assert!(
            line.starts_with("checked=3 enqueued=0 removed=0 "),
            "{line}"
        );
        assert!(line.ends_with(" budget_left=9 resume=bucket:a"), "{line}");
        assert_eq!(line.split(' ').count(), 22);
    }
}
