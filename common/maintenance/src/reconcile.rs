//! Reconciliation: *an original in the bucket has exactly one record, `ready` with all its variants
//! or `failed` with a reason; an original that is gone has neither record nor variants.*
//!
//! Two walks, in constant memory. The first goes through originals and variants side by side, both
//! in the order of their keys, and asks for the records of a hundred images at a time. The second
//! goes through the table, and looks for the originals of each page's records; what it finds are
//! records of which there is no file at all.
//!
//! It judges what has been left alone for a while (the *grace*), and what it sees may be out of
//! date when it acts. So it either sends a [replay](common::s3_event::replay) to the job queue,
//! which is harmless at any time; or, where something is to be removed, it looks again at that one
//! image, strongly consistent, judges again, and makes the removal of a record conditional on what
//! it saw. What is left is a moment between that look and the removal of a variant; should a worker
//! write the same variant just then, the next run finds it missing.
//!
//! It sends to the job queue and to nothing else, at most [`Options::max_enqueue`] messages, and
//! nothing that it writes makes an event. So it can't recurse.

mod bucket_scan;
mod budget;
mod cursor;
mod diagnose;
mod repair;
mod report;
mod table_scan;

use std::{num::NonZeroU32, time::Duration};

use aws::{admin_store::AdminStore, service_error::ServiceError};
use common::keys::KeyScope;
use engine::VariantSet;
use time::OffsetDateTime;
use tokio::time::Instant;

pub use cursor::{Cursor, InvalidCursor};
pub use report::Report;

use repair::Repairer;

/// Whether anything is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Look and count.
    DryRun,
    /// Mend.
    Apply,
}

/// Which part of the stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunScope {
    /// All of it.
    Stage,
    /// What belongs to one user.
    User(common::identity_id::IdentityId),
}

/// How far a run may go.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether anything is changed.
    pub mode: Mode,
    /// Which part of the stage.
    pub extent: RunScope,
    /// What changed less long ago is left alone: its events may still be on their way.
    pub grace: Duration,
    /// The most messages that may be sent.
    pub max_enqueue: u64,
    /// The most records and variants that may be removed. A brake: whoever points it at the wrong
    /// bucket finds originals missing everywhere.
    pub max_remove: u64,
    /// The most messages in a second.
    pub per_second: NonZeroU32,
    /// Where the run before stopped; the beginning if absent.
    pub resume: Option<Cursor>,
    /// When to stop, if not before.
    pub deadline: Option<Instant>,
}

impl Options {
    /// What changed less long ago than this is left alone, unless somebody says otherwise.
    pub const GRACE: Duration = Duration::from_mins(15);
    /// Messages that a run may send, unless somebody says otherwise.
    pub const MAX_ENQUEUE: u64 = 1000;
    /// What a run may remove, unless somebody says otherwise.
    pub const MAX_REMOVE: u64 = 1000;
    /// Messages in a second, unless somebody says otherwise.
    pub const PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(49);
}

/// How a walk ended.
enum Walked {
    /// Everything was seen.
    ToItsEnd,
    /// There was no budget or no time left; the rest starts here.
    UpTo(Cursor),
}

/// Walks, mends and reports. An error is one of a service, after the SDK's own tries: what was
/// mended until then stays so, and a second run starts where this one did.
pub async fn reconcile(
    admin_store: &AdminStore,
    set: &VariantSet,
    options: &Options,
) -> Result<Report, ServiceError> {
    let mut repairer = Repairer::new(admin_store, set, options, OffsetDateTime::now_utc());
    let mut resume = None;
    let start = options.resume.clone().unwrap_or(Cursor::Bucket(None));
    let walked = match start {
        Cursor::Bucket(behind) => match bucket_scan::walk(&mut repairer, behind).await? {
            Walked::ToItsEnd => table_scan::walk(&mut repairer, None).await?,
            stopped @ Walked::UpTo(_) => stopped,
        },
        Cursor::Table(behind) => table_scan::walk(&mut repairer, behind).await?,
    };
    if let Walked::UpTo(cursor) = walked {
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
