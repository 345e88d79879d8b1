//! Removal of what belongs to no image.
//!
//! The policy for users' puts leaves no room for foreign objects; those that there are come from an
//! earlier version, or from an operator, who gets a week to notice. Items are other: a user can
//! write any under their own partition, and nobody else can, so there is nothing to wait for. The
//! only time of an item that a reconciliation may read is `expiresAt`, which its user writes: an
//! item that expires soon is left to the table's TTL. Items of other partitions, such as those
//! whose key begins with `usage#`, are never foreign.

use aws::{
    admin_store::{ForeignObject, RawKey},
    service_error::ServiceError,
};

use super::{Mode, budget::Spent, repair::Repairer};

/// Removes foreign objects that are old enough, within the budget. Beyond it, they are only
/// counted: the scan goes on for the images.
pub(super) async fn objects(
    repairer: &mut Repairer<'_>,
    found: Vec<ForeignObject>,
) -> Result<(), ServiceError> {
    for object in found {
        if !repairer.is_old(object.last_modified) {
            continue;
        }
        repairer.report.foreign_objects += 1;
        if may_remove(repairer) {
            repairer.admin_store.remove_original(&object.key).await?;
            repairer.report.foreign_removed += 1;
        }
    }
    Ok(())
}

/// Removes foreign items, within the budget.
pub(super) async fn items(
    repairer: &mut Repairer<'_>,
    found: Vec<RawKey>,
) -> Result<(), ServiceError> {
    for key in found {
        repairer.report.foreign_items += 1;
        if may_remove(repairer) {
            repairer.admin_store.remove_item(&key).await?;
            repairer.report.foreign_removed += 1;
        }
    }
    Ok(())
}

fn may_remove(repairer: &mut Repairer<'_>) -> bool {
    repairer.options.mode == Mode::Apply && repairer.foreign.take(1) != Err(Spent)
}
