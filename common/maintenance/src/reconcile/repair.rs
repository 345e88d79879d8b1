//! Repair of image states, within the budgets.

use aws::{
    admin_store::{AdminStore, ListedOriginal, ListedVariant, RecordFacts},
    job_queue::{Job, JobQueue},
    service_error::ServiceError,
};
use common::{
    keys::{ImageRef, KeyScope, OriginalKey, VariantKey},
    s3_event,
    sequencer::Sequencer,
};
use time::OffsetDateTime;
use tokio::time::Instant;

use super::{
    Cursor, Mode, Options, Report, Wanted,
    budget::{Budget, Pace, Spent},
    diagnose::{Counting, Finding, ImageState, Reason, Rules, diagnose},
};

/// Maximum originals of an image that are considered. There is one, unless the user uploads others
/// under the same id.
pub(super) const MAX_ORIGINALS: usize = 16;

/// Whether the scan may continue.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The image is finished.
    Done,
    /// The repair exceeds the remaining budget; nothing was done.
    OutOfBudget,
}

/// Diagnoses image states, repairs them within its budgets, and counts.
#[derive(Debug)]
pub(super) struct Repairer<'a> {
    pub(super) admin_store: &'a AdminStore,
    pub(super) options: &'a Options,
    pub(super) rules: Rules<'a>,
    pub(super) report: Report,
    messages: Budget,
    removals: Budget,
    pub(super) foreign: Budget,
    pace: Pace,
    unsent: Vec<Job>,
}

impl<'a> Repairer<'a> {
    pub(super) fn new(
        admin_store: &'a AdminStore,
        wanted: &'a Wanted,
        options: &'a Options,
        now: OffsetDateTime,
    ) -> Self {
        let grace = options.grace.try_into().unwrap_or(time::Duration::MAX);
        Self {
            admin_store,
            options,
            rules: Rules {
                now,
                grace,
                wanted,
                counting: if admin_store.is_counting() {
                    Counting::On
                } else {
                    Counting::Off
                },
            },
            report: Report::default(),
            messages: Budget::new(options.max_enqueue),
            removals: Budget::new(options.max_remove),
            foreign: Budget::new(options.max_foreign),
            pace: Pace::new(options.per_second),
            unsent: Vec::new(),
        }
    }

    /// Whether the deadline has passed.
    pub(super) fn is_out_of_time(&self) -> bool {
        self.options
            .deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Whether a foreign object of this time is to be removed.
    pub(super) fn is_old(&self, last_modified: OffsetDateTime) -> bool {
        let age = self.rules.now - last_modified;
        age >= self.options.foreign_age
    }

    pub(super) fn diagnose(&self, state: &ImageState) -> Finding {
        diagnose(state, &self.rules)
    }

    /// Repairs an image, or does nothing if the budget does not suffice.
    pub(super) async fn repair(&mut self, state: &ImageState) -> Result<Step, ServiceError> {
        let finding = self.diagnose(state);
        let step = match finding {
            Finding::Whole => Step::Done,
            Finding::Young => {
                self.report.skipped_young += 1;
                Step::Done
            }
            Finding::Awaited => {
                self.report.pending_upload += 1;
                Step::Done
            }
            Finding::Replay { key, seen, reason } => {
                self.replay(&key, seen.as_ref(), reason).await?
            }
            Finding::Remove { record, variants } => {
                self.remove(&state.image_ref, record.is_some(), &variants)
                    .await?
            }
            Finding::Recount { record, counts } => {
                self.recount(&state.image_ref, &record, counts).await?;
                Step::Done
            }
            Finding::OverQuota { key } => self.remove_over_quota(&state.image_ref, &key).await?,
        };
        if step == Step::Done {
            self.report.checked += 1;
        }
        Ok(step)
    }

    async fn replay(
        &mut self,
        key: &OriginalKey,
        seen: Option<&Sequencer>,
        reason: Reason,
    ) -> Result<Step, ServiceError> {
        if self.options.mode == Mode::Apply {
            if self.messages.take(1) == Err(Spent) {
                return Ok(Step::OutOfBudget);
            }
            self.unsent.push(Job {
                body: s3_event::replay(self.admin_store.bucket(), key, seen),
                owner: key.identity.clone(),
            });
            if self.unsent.len() == JobQueue::MAX_JOBS {
                self.flush().await?;
            }
        }
        let count = match reason {
            Reason::NoRecord => &mut self.report.records_missing,
            Reason::Stale => &mut self.report.records_stale,
            Reason::Variants => &mut self.report.variants_missing,
            Reason::OtherSet => &mut self.report.sets_changed,
            Reason::OtherFacts => &mut self.report.facts_changed,
        };
        *count += 1;
        Ok(Step::Done)
    }

    /// Sends the messages that are buffered.
    pub(super) async fn flush(&mut self) -> Result<(), ServiceError> {
        if self.unsent.is_empty() {
            return Ok(());
        }
        self.pace.wait_for(self.unsent.len()).await;
        self.admin_store.job_queue().send_all(&self.unsent).await?;
        self.report.enqueued += count(self.unsent.len());
        self.unsent.clear();
        Ok(())
    }

    async fn remove(
        &mut self,
        image_ref: &ImageRef,
        has_record: bool,
        variants: &[VariantKey],
    ) -> Result<Step, ServiceError> {
        let wanted = u64::from(has_record) + count(variants.len());
        if self.options.mode == Mode::Apply {
            if self.removals.take(wanted) == Err(Spent) {
                return Ok(Step::OutOfBudget);
            }
            self.remove_if_still_so(image_ref, wanted).await?;
        }
        self.report.records_orphaned += u64::from(has_record);
        self.report.variants_orphaned += count(variants.len());
        Ok(Step::Done)
    }

    /// Reads the image state again and acts on the new diagnosis. The record is removed first, as
    /// in the worker: in the other order, a record would promise variants that are gone.
    async fn remove_if_still_so(
        &mut self,
        image_ref: &ImageRef,
        at_most: u64,
    ) -> Result<(), ServiceError> {
        let state = self.look(image_ref).await?;
        let Finding::Remove { record, variants } = self.diagnose(&state) else {
            self.report.skipped_changed += 1;
            return Ok(());
        };
        if u64::from(record.is_some()) + count(variants.len()) > at_most {
            self.report.skipped_changed += 1;
            return Ok(());
        }
        if let Some(record) = record {
            match self.admin_store.remove_record(image_ref, &record).await {
                Ok(()) => self.report.removed += 1,
                Err(ServiceError::Precondition { .. }) => {
                    self.report.skipped_changed += 1;
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        for key in &variants {
            self.admin_store.remove_variant(key).await?;
            self.report.removed += 1;
        }
        Ok(())
    }

    /// Takes one removal of the budget.
    pub(super) fn take_removal(&mut self) -> Result<(), Spent> {
        self.removals.take(1)
    }

    /// Reads the whole state of one image.
    pub(super) async fn look(&self, image_ref: &ImageRef) -> Result<ImageState, ServiceError> {
        let scope = KeyScope::Image(image_ref.clone());
        let mut originals = self.admin_store.list::<ListedOriginal>(&scope, None);
        let mut variants = self.admin_store.list::<ListedVariant>(&scope, None);
        let mut state = ImageState {
            image_ref: image_ref.clone(),
            originals: Vec::new(),
            record: None,
            variants: Vec::new(),
        };
        while let Some(variant) = variants.next().await? {
            state.variants.push(variant);
        }
        state.record = self
            .admin_store
            .records(std::slice::from_ref(image_ref))
            .await?
            .remove(image_ref);
        // Reads originals last, because a missing original causes the removal of record and
        // variants.
        while let Some(original) = originals.next().await? {
            if state.originals.len() < MAX_ORIGINALS {
                state.originals.push(original);
            }
        }
        Ok(state)
    }

    pub(super) fn into_report(self, resume: Option<Cursor>) -> Report {
        Report {
            budget_left: self.messages.left(),
            resume: resume.map(|cursor| cursor.to_string()).unwrap_or_default(),
            ..self.report
        }
    }
}

/// Returns the state of an image of which only a record was found.
pub(super) fn record_alone(image_ref: ImageRef, record: RecordFacts) -> ImageState {
    ImageState {
        image_ref,
        originals: Vec::new(),
        record: Some(record),
        variants: Vec::new(),
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
