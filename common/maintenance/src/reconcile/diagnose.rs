//! Diagnosis of image states. It makes no requests.

use aws::admin_store::{ListedOriginal, ListedVariant, RecordFacts};
use common::{
    keys::{ImageRef, OriginalKey, VariantKey, variant_file},
    record::{Status, Thumbnail},
    sequencer::Sequencer,
};
use time::{Duration, OffsetDateTime};

use super::Wanted;

/// How long a record without original and without `expiresAt` may wait for an upload. No upload
/// through the API creates such a record; a user can.
const PATIENCE: Duration = Duration::days(7);

/// Originals, record and variants of an image, as far as they were read.
#[derive(Clone, Debug)]
pub(super) struct ImageState {
    pub(super) image_ref: ImageRef,
    /// Originals: one, or more where a user has uploaded files with several extensions.
    pub(super) originals: Vec<ListedOriginal>,
    pub(super) record: Option<RecordFacts>,
    pub(super) variants: Vec<ListedVariant>,
}

/// Conditions of the diagnosis.
#[derive(Clone, Debug)]
pub(super) struct Rules<'a> {
    pub(super) now: OffsetDateTime,
    pub(super) grace: Duration,
    pub(super) wanted: &'a Wanted,
    /// Whether records are counted for quotas.
    pub(super) counting: Counting,
}

/// Whether the stage has quotas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counting {
    On,
    Off,
}

/// Reason for a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// There is no record, or one that the worker has not written.
    NoRecord,
    /// The record describes other bytes, is incomplete, or would expire.
    Stale,
    /// A variant is missing, or is not what the worker wrote.
    Variants,
    /// The variants were generated from another recipe.
    OtherSet,
    /// The facts were read by an earlier version, or with other rules.
    OtherFacts,
}

/// Result of a diagnosis, and the repair that it requires.
#[derive(Clone, Debug)]
pub(super) enum Finding {
    /// Consistent; no repair.
    Whole,
    /// Changed within the grace period; no repair yet.
    Young,
    /// The original has not been uploaded; the table's TTL removes the record if it never is.
    Awaited,
    /// The original must be processed again, through a replay.
    Replay {
        key: OriginalKey,
        seen: Option<Sequencer>,
        reason: Reason,
    },
    /// The record, if one is given, and then the variants must be removed.
    Remove {
        record: Option<Box<RecordFacts>>,
        variants: Vec<VariantKey>,
    },
    /// Consistent, but for what the record counts.
    Recount {
        record: Box<RecordFacts>,
        counts: Option<u64>,
    },
    /// The original is beyond its user's quota.
    OverQuota { key: OriginalKey },
}

pub(super) fn diagnose(state: &ImageState, rules: &Rules<'_>) -> Finding {
    match (diagnose_files(state, rules), rules.counting) {
        (Finding::Whole, Counting::On) => diagnose_count(state),
        (finding, _) => finding,
    }
}

/// Compares what the record of a consistent image counts with its original.
fn diagnose_count(state: &ImageState) -> Finding {
    let Some(record) = &state.record else {
        return Finding::Whole;
    };
    let Some(original) = state.originals.iter().find(|one| is_of(record, one)) else {
        return Finding::Whole;
    };
    let counts = (!record.is_over_quota).then_some(original.size_bytes);
    if record.counted != counts {
        return Finding::Recount {
            record: Box::new(record.clone()),
            counts,
        };
    }
    if record.is_over_quota {
        return Finding::OverQuota {
            key: original.key.clone(),
        };
    }
    Finding::Whole
}

fn diagnose_files(state: &ImageState, rules: &Rules<'_>) -> Finding {
    if is_young(state, rules) {
        return Finding::Young;
    }
    let Some(youngest) = state.originals.iter().max_by_key(|one| one.last_modified) else {
        return without_original(state, rules);
    };
    let replay = |reason| Finding::Replay {
        key: youngest.key.clone(),
        seen: state
            .record
            .as_ref()
            .and_then(|record| record.sequencer.clone()),
        reason,
    };
    let Some(record) = state
        .record
        .as_ref()
        .filter(|record| record.status != Status::Pending)
    else {
        return replay(Reason::NoRecord);
    };
    // The record would expire, or is hidden already, while its original exists.
    if record.expires_at.is_some() || !state.originals.iter().any(|one| is_of(record, one)) {
        return replay(Reason::Stale);
    }
    match (record.status, &record.thumbnails) {
        (Status::Ready, Some(thumbnails)) => {
            let wanted = rules.wanted;
            if record.variant_set.as_deref() != Some(wanted.variant_set.version()) {
                return replay(Reason::OtherSet);
            }
            if record.fact_set.as_deref() != Some(wanted.keep_location.fact_set()) {
                return replay(Reason::OtherFacts);
            }
            let names = thumbnails.iter().map(|one| (one.name.as_str(), one.format));
            if !wanted.variant_set.is_made_of(names) {
                return replay(Reason::Stale);
            }
            if !thumbnails.iter().all(|one| is_there(one, &state.variants)) {
                return replay(Reason::Variants);
            }
            let is_left_over =
                |key: &VariantKey| !thumbnails.iter().any(|one| file_of(one) == key.file);
            leftovers(state, is_left_over)
        }
        // Of an earlier version; it has no position in the order by capture time.
        (Status::Failed, _) if record.fact_set.is_none() => replay(Reason::OtherFacts),
        (Status::Failed, _) if record.has_failure => leftovers(state, |_| true),
        _ => replay(Reason::Stale),
    }
}

fn without_original(state: &ImageState, rules: &Rules<'_>) -> Finding {
    let variants = || state.variants.iter().map(|one| one.key.clone()).collect();
    match &state.record {
        None => leftovers(state, |_| true),
        Some(record) if record.status != Status::Pending || has_waited(state, record, rules) => {
            Finding::Remove {
                record: Some(Box::new(record.clone())),
                variants: variants(),
            }
        }
        Some(_) if state.variants.is_empty() => Finding::Awaited,
        Some(_) => leftovers(state, |_| true),
    }
}

/// Whether a pending record should have had its original long ago, and nothing else will ever
/// remove it.
fn has_waited(state: &ImageState, record: &RecordFacts, rules: &Rules<'_>) -> bool {
    record.expires_at.is_none() && state.image_ref.image.created_at() + PATIENCE < rules.now
}

fn is_young(state: &ImageState, rules: &Rules<'_>) -> bool {
    let originals = state.originals.iter().map(|one| one.last_modified);
    let variants = state.variants.iter().map(|one| one.last_modified);
    let record = state.record.iter().filter_map(|record| record.processed_at);
    originals
        .chain(variants)
        .chain(record)
        .any(|time| time > rules.now - rules.grace)
}

/// Whether the record describes this original. Without an `ETag`, the record must be newer than the
/// original.
fn is_of(record: &RecordFacts, listed: &ListedOriginal) -> bool {
    let is_older = || {
        record
            .processed_at
            .is_none_or(|at| at < listed.last_modified)
    };
    match &record.original {
        // Marked as failed by the dead-letter function, which has not read the original.
        None => record.status == Status::Failed && !is_older(),
        Some(known) => {
            let is_same = match (&known.etag, &listed.etag) {
                (Some(known), Some(listed)) => known == listed,
                _ => !is_older(),
            };
            is_same
                && known.extension == listed.key.extension
                && known.size_bytes == listed.size_bytes
        }
    }
}

fn is_there(thumbnail: &Thumbnail, variants: &[ListedVariant]) -> bool {
    let file = file_of(thumbnail);
    variants.iter().any(|listed| {
        let is_same = match (&thumbnail.etag, &listed.etag) {
            (Some(known), Some(listed)) => known == listed,
            _ => true,
        };
        is_same && listed.key.file == file && listed.size_bytes == thumbnail.size_bytes
    })
}

fn file_of(thumbnail: &Thumbnail) -> String {
    variant_file(&thumbnail.name, thumbnail.format)
}

fn leftovers(state: &ImageState, is_left_over: impl Fn(&VariantKey) -> bool) -> Finding {
    let keys = state.variants.iter().map(|one| &one.key);
    let variants: Vec<_> = keys.filter(|key| is_left_over(key)).cloned().collect();
    if variants.is_empty() {
        Finding::Whole
    } else {
        Finding::Remove {
            record: None,
            variants,
        }
    }
}

#[cfg(test)]
mod tests;
