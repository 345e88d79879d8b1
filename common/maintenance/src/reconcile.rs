//! Reconciliation: *an original in the bucket has exactly one record, `ready` with all its variants
//! or `failed` with a reason; a deleted original has neither record nor variants.*
//!
//! A run consists of two scans, in constant memory. The bucket scan reads originals and variants
//! side by side, both in the order of their keys, and requests the records of a hundred images at a
//! time. The table scan reads the table, and looks for the originals of each page's records; it
//! finds records without any file.
//!
//! The repairer diagnoses only images that have not changed for a while (the *grace* period), and
//! an image state may be out of date when the repairer acts on it. So the repairer either sends a
//! [replay](common::s3_event::replay) to the job queue, which is harmless at any time; or, before a
//! removal, it reads that image state again, strongly consistent, diagnoses it again, and makes the
//! removal of a record conditional on the state that it read. A race remains between that read and
//! the removal of a variant; if a worker writes the same variant in between, the next run finds it
//! missing.
//!
//! The repairer sends messages to the job queue only, at most [`Options::max_enqueue`], and none of
//! its writes causes an event that the worker acts on. So it can't recurse.
//!
//! What belongs to no image is *foreign*: objects among the originals whose keys are no originals',
//! and items in users' partitions whose keys are no images'. They are removed too, beside the scans
//! and within a budget of their own.

mod bucket_scan;
mod budget;
mod cursor;
mod diagnose;
mod foreign;
mod repair;
mod report;
mod table_scan;
mod usage;

use std::{num::NonZeroU32, time::Duration};

use aws::{admin_store::AdminStore, service_error::ServiceError};
use common::keys::KeyScope;
use engine::{KeepLocation, VariantSet};
use time::OffsetDateTime;
use tokio::time::Instant;

pub use cursor::{Cursor, InvalidCursor};
pub use report::Report;

use repair::Repairer;

/// Whether anything is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Reads and counts.
    DryRun,
    /// Repairs.
    Apply,
}

/// Part of the stage that a run covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunScope {
    /// The whole stage.
    Stage,
    /// Objects and records of one user.
    User(common::identity_id::IdentityId),
}

/// Scope and limits of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether anything is changed.
    pub mode: Mode,
    /// Part of the stage that the run covers.
    pub extent: RunScope,
    /// Grace period. An image that changed less long ago is skipped: its events may still be on
    /// their way.
    pub grace: Duration,
    /// Maximum messages to send.
    pub max_enqueue: u64,
    /// Maximum records and variants to remove. A safeguard: in a run against the wrong bucket, all
    /// originals are missing.
    pub max_remove: u64,
    /// Maximum foreign objects and items to remove: what belongs to no image. A budget of its own,
    /// so that they can't use up that of images.
    pub max_foreign: u64,
    /// Age from which foreign objects are removed. Foreign items have no time that can be trusted.
    pub foreign_age: Duration,
    /// Maximum messages per second.
    pub per_second: NonZeroU32,
    /// Position at which the previous run stopped; the beginning if absent.
    pub resume: Option<Cursor>,
    /// Time at which the run stops, if it has not ended before.
    pub deadline: Option<Instant>,
}

impl Options {
    /// Default of `grace`.
    pub const GRACE: Duration = Duration::from_mins(15);
    /// Default of `max_enqueue`.
    pub const MAX_ENQUEUE: u64 = 1000;
    /// Default of `max_remove`.
    pub const MAX_REMOVE: u64 = 1000;
    /// Default of `max_foreign`.
    pub const MAX_FOREIGN: u64 = 1000;
    /// Default of `foreign_age`.
    pub const FOREIGN_AGE: Duration = Duration::from_hours(7 * 24);
    /// Default of `per_second`.
    pub const PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(49);
}

/// What the worker makes of an original.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The set of variants.
    pub variant_set: VariantSet,
    /// Whether the place of a photo is among the facts.
    pub keep_location: KeepLocation,
}

/// Result of a scan.
enum ScanEnd {
    /// The scan is complete.
    Complete,
    /// The budget or the time is used up; the rest starts at this cursor.
    StoppedAt(Cursor),
}

/// Scans, repairs and reports. An error is that of a service, after the SDK's own retries: repairs
/// before it stay in place, and a second run starts where this one did.
pub async fn reconcile(
    admin_store: &AdminStore,
    wanted: &Wanted,
    options: &Options,
) -> Result<Report, ServiceError> {
    let mut repairer = Repairer::new(admin_store, wanted, options, OffsetDateTime::now_utc());
    let mut resume = None;
    let start = options.resume.clone().unwrap_or(Cursor::Bucket(None));
    let end = match start {
        Cursor::Bucket(behind) => match bucket_scan::run(&mut repairer, behind).await? {
            ScanEnd::Complete => table_scan::run(&mut repairer, None).await?,
            stopped @ ScanEnd::StoppedAt(_) => stopped,
        },
        Cursor::Table(behind) => table_scan::run(&mut repairer, behind).await?,
    };
    if let ScanEnd::StoppedAt(cursor) = end {
        resume = Some(cursor);
    }
    Ok(repairer.into_report(resume))
}

impl RunScope {
    fn scope(&self) -> KeyScope {
        match self {
            Self::Stage => KeyScope::Stage,
            Self::User(identity) => KeyScope::User(identity.clone()),
        }
    }
}
