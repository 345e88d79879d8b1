//! Doing what was judged, within the budgets.

use aws::{
    admin_store::{Inventory, ListedOriginal, ListedVariant, RecordFacts},
    service_error::ServiceError,
};
use common::{
    keys::{OriginalKey, Place, Scope, VariantKey},
    s3_event,
    sequencer::Sequencer,
};
use engine::VariantSet;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::{
    Cursor, Mode, Options, Report,
    budget::{Budget, Pace, Spent},
    diagnose::{Reason, Rules, Sight, Verdict, diagnose},
};

/// Of an image's originals, so many are looked at. There is one, unless its user makes others up.
pub(super) const MAX_ORIGINALS: usize = 16;

/// Whether the walk may go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The image is dealt with.
    Done,
    /// It needs more than there is left, and nothing was done about it.
    OutOfBudget,
}

/// Judges images, mends what it may, and counts.
#[derive(Debug)]
pub(super) struct Mender<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) options: &'a Options,
    rules: Rules<'a>,
    pub(super) report: Report,
    messages: Budget,
    removals: Budget,
    pace: Pace,
    unsent: Vec<String>,
}

impl<'a> Mender<'a> {
    pub(super) fn new(
        inventory: &'a Inventory,
        set: &'a VariantSet,
        options: &'a Options,
        now: OffsetDateTime,
    ) -> Self {
        let grace = options.grace.try_into().unwrap_or(time::Duration::MAX);
        Self {
            inventory,
            options,
            rules: Rules { now, grace, set },
            report: Report::default(),
            messages: Budget::new(options.max_enqueue),
            removals: Budget::new(options.max_remove),
            pace: Pace::new(options.per_second),
            unsent: Vec::new(),
        }
    }

    /// Whether there is no time for more.
    pub(super) fn is_out_of_time(&self) -> bool {
        self.options
            .deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
    }

    pub(super) fn diagnose(&self, sight: &Sight) -> Verdict {
        diagnose(sight, &self.rules)
    }

    /// Does what has to be done about an image, or nothing where the budget does not suffice.
    pub(super) async fn mend(&mut self, sight: &Sight) -> Result<Step, ServiceError> {
        let verdict = self.diagnose(sight);
        let step = match verdict {
            Verdict::Whole => Step::Done,
            Verdict::Young => {
                self.report.skipped_young += 1;
                Step::Done
            }
            Verdict::Awaited => {
                self.report.awaited += 1;
                Step::Done
            }
            Verdict::Replay { key, seen, reason } => {
                self.replay(&key, seen.as_ref(), reason).await?
            }
            Verdict::Remove { record, variants } => {
                self.remove(&sight.place, record.is_some(), &variants)
                    .await?
            }
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
            self.unsent
                .push(s3_event::replay(self.inventory.bucket(), key, seen));
            if self.unsent.len() == Inventory::MAX_JOBS {
                self.flush().await?;
            }
        }
        let count = match reason {
            Reason::NoRecord => &mut self.report.records_missing,
            Reason::Stale => &mut self.report.records_stale,
            Reason::Variants => &mut self.report.variants_missing,
            Reason::OtherSet => &mut self.report.sets_changed,
        };
        *count += 1;
        Ok(Step::Done)
    }

    /// Sends what is still to be sent.
    pub(super) async fn flush(&mut self) -> Result<(), ServiceError> {
        if self.unsent.is_empty() {
            return Ok(());
        }
        self.pace.wait_for(self.unsent.len()).await;
        self.inventory.send_jobs(&self.unsent).await?;
        self.report.enqueued += count(self.unsent.len());
        self.unsent.clear();
        Ok(())
    }

    async fn remove(
        &mut self,
        place: &Place,
        has_record: bool,
        variants: &[VariantKey],
    ) -> Result<Step, ServiceError> {
        let wanted = u64::from(has_record) + count(variants.len());
        if self.options.mode == Mode::Apply {
            if self.removals.take(wanted) == Err(Spent) {
                return Ok(Step::OutOfBudget);
            }
            self.remove_if_still_so(place, wanted).await?;
        }
        self.report.records_orphaned += u64::from(has_record);
        self.report.variants_orphaned += count(variants.len());
        Ok(Step::Done)
    }

    /// Looks once more, and goes by what it sees then. The record goes first, as it does in the worker: the other way
    /// round, a record would promise variants that are gone.
    async fn remove_if_still_so(
        &mut self,
        place: &Place,
        at_most: u64,
    ) -> Result<(), ServiceError> {
        let sight = self.look(place).await?;
        let Verdict::Remove { record, variants } = self.diagnose(&sight) else {
            self.report.skipped_changed += 1;
            return Ok(());
        };
        if u64::from(record.is_some()) + count(variants.len()) > at_most {
            self.report.skipped_changed += 1;
            return Ok(());
        }
        if let Some(record) = record {
            match self.inventory.remove_record(place, &record).await {
                Ok(()) => self.report.removed += 1,
                Err(ServiceError::Precondition { .. }) => {
                    self.report.skipped_changed += 1;
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        for key in &variants {
            self.inventory.remove_variant(key).await?;
            self.report.removed += 1;
        }
        Ok(())
    }

    /// All of one image, as it is now.
    pub(super) async fn look(&self, place: &Place) -> Result<Sight, ServiceError> {
        let scope = Scope::Image(place.clone());
        let mut originals = self.inventory.walk::<ListedOriginal>(&scope, None);
        let mut variants = self.inventory.walk::<ListedVariant>(&scope, None);
        let mut sight = Sight {
            place: place.clone(),
            originals: Vec::new(),
            record: None,
            variants: Vec::new(),
        };
        while let Some(variant) = variants.next().await? {
            sight.variants.push(variant);
        }
        sight.record = self
            .inventory
            .records(std::slice::from_ref(place))
            .await?
            .remove(place);
        // Last, because it is the original's absence that costs the others their lives.
        while let Some(original) = originals.next().await? {
            if sight.originals.len() < MAX_ORIGINALS {
                sight.originals.push(original);
            }
        }
        Ok(sight)
    }

    pub(super) fn into_report(self, resume: Option<Cursor>) -> Report {
        Report {
            budget_left: self.messages.left(),
            resume: resume.map(|cursor| cursor.to_string()).unwrap_or_default(),
            ..self.report
        }
    }
}

/// A record that has no file of its image's at all, as far as was seen.
pub(super) fn record_alone(place: Place, record: RecordFacts) -> Sight {
    Sight {
        place,
        originals: Vec::new(),
        record: Some(record),
        variants: Vec::new(),
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
