//! What records count, and the usage items of users.

use aws::{
    admin_store::{RecordFacts, UsageSeen},
    service_error::ServiceError,
};
use common::{
    identity_id::IdentityId,
    keys::{ImageRef, OriginalKey},
};

use super::{
    Mode,
    budget::Spent,
    diagnose::Finding,
    repair::{Repairer, Step},
};

impl Repairer<'_> {
    /// Makes a record count its original: it was written before there were quotas, or while they
    /// were switched off. The quota does not matter: the image is there.
    pub(super) async fn recount(
        &mut self,
        image_ref: &ImageRef,
        record: &RecordFacts,
        counts: Option<u64>,
    ) -> Result<(), ServiceError> {
        self.report.records_miscounted += 1;
        if self.options.mode == Mode::DryRun {
            return Ok(());
        }
        match self
            .admin_store
            .count_record(image_ref, record, counts)
            .await
        {
            Ok(()) => Ok(()),
            Err(ServiceError::Precondition { .. }) => {
                self.report.skipped_changed += 1;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Removes an original beyond its user's quota, if it still is. Its event makes the worker
    /// remove the record.
    pub(super) async fn remove_over_quota(
        &mut self,
        image_ref: &ImageRef,
        key: &OriginalKey,
    ) -> Result<Step, ServiceError> {
        if self.options.mode == Mode::Apply {
            if self.take_removal() == Err(Spent) {
                return Ok(Step::OutOfBudget);
            }
            let state = self.look(image_ref).await?;
            match self.diagnose(&state) {
                Finding::OverQuota { key: now } if now == *key => {
                    self.admin_store.remove_original(&key.to_string()).await?;
                    self.report.removed += 1;
                }
                _ => self.report.skipped_changed += 1,
            }
        }
        self.report.originals_over_quota += 1;
        Ok(Step::Done)
    }

    /// Checks the usage of a user who has no usage item. The table scan finds the others.
    pub(super) async fn check_missing_usage(
        &mut self,
        identity: &IdentityId,
    ) -> Result<(), ServiceError> {
        if !self.admin_store.is_counting() {
            return Ok(());
        }
        let seen = self.admin_store.usage(identity).await?;
        if seen.exists() {
            return Ok(());
        }
        self.compare(identity, &seen).await
    }

    /// Compares a user's usage item with the sum of their records, and repairs it.
    pub(super) async fn check_usage(&mut self, identity: &IdentityId) -> Result<(), ServiceError> {
        if !self.admin_store.is_counting() {
            return Ok(());
        }
        let seen = self.admin_store.usage(identity).await?;
        let young = self.rules.now - self.rules.grace;
        if seen.updated_at().is_some_and(|at| at > young) {
            return Ok(());
        }
        self.compare(identity, &seen).await
    }

    /// Every transaction that changes the sum changes the item too, so a sum that was read while
    /// the item stayed the same is right.
    async fn compare(
        &mut self,
        identity: &IdentityId,
        seen: &UsageSeen,
    ) -> Result<(), ServiceError> {
        let sum = self.admin_store.recount(identity).await?;
        if seen.is(sum) {
            return Ok(());
        }
        if self.options.mode == Mode::Apply {
            match self.admin_store.repair_usage(identity, seen, sum).await {
                Ok(()) => {}
                Err(ServiceError::Precondition { .. }) => {
                    self.report.skipped_changed += 1;
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        let counted = seen.item().usage;
        tracing::warn!(
            %identity,
            bytes = sum.bytes,
            images = sum.images,
            counted_bytes = counted.bytes,
            counted_images = counted.images,
            "usage item differed from the user's records"
        );
        self.report.usage_drift += 1;
        Ok(())
    }
}
