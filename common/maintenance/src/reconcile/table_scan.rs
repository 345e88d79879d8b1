//! The table scan: records without any file. The bucket scan covers those with files.

use std::collections::{BTreeMap, HashMap};

use aws::{
    admin_store::{Entry as _, ListedOriginal, RawKey, RecordFacts},
    service_error::ServiceError,
};
use common::{identity_id::IdentityId, keys::ImageRef};

use super::{
    Cursor, RunScope, ScanEnd,
    diagnose::Finding,
    foreign,
    repair::{Repairer, Step, record_alone},
};

/// Records in a page. The cursor is between pages, so a run that ends within a page repeats it.
const PAGE: i32 = 200;

pub(super) async fn run(
    repairer: &mut Repairer<'_>,
    mut behind: Option<RawKey>,
) -> Result<ScanEnd, ServiceError> {
    let of = match &repairer.options.extent {
        RunScope::Stage => None,
        RunScope::User(identity) => Some(identity.clone()),
    };
    loop {
        if repairer.is_out_of_time() {
            return Ok(ScanEnd::StoppedAt(Cursor::Table(behind)));
        }
        let page = repairer
            .admin_store
            .record_page(of.as_ref(), behind.as_ref(), PAGE)
            .await?;
        repairer.report.unrelated += page.unrelated;
        for identity in &page.usage_items {
            repairer.check_usage(identity).await?;
        }
        foreign::items(repairer, page.foreign).await?;
        for (identity, records) in by_user(page.records) {
            let orphans = without_original(repairer, &identity, records).await?;
            for (image_ref, record) in orphans {
                if repair_record(repairer, image_ref, record).await? == Step::OutOfBudget {
                    return Ok(ScanEnd::StoppedAt(Cursor::Table(behind)));
                }
            }
        }
        if page.next.is_none() {
            if let Some(identity) = &of {
                repairer.check_usage(identity).await?;
            }
            return Ok(ScanEnd::Complete);
        }
        behind = page.next;
    }
}

async fn repair_record(
    repairer: &mut Repairer<'_>,
    image_ref: ImageRef,
    record: RecordFacts,
) -> Result<Step, ServiceError> {
    let state = record_alone(image_ref, record);
    // Variants without their original were covered by the bucket scan, and this record with them.
    if matches!(repairer.diagnose(&state), Finding::Remove { .. })
        && !repairer.look(&state.image_ref).await?.variants.is_empty()
    {
        return Ok(Step::Done);
    }
    repairer.repair(&state).await
}

type Records = BTreeMap<ImageRef, RecordFacts>;

/// Groups records by user. The items of a partition are adjacent and sorted, which keeps the number
/// of listings small; correctness does not depend on it.
fn by_user(records: Vec<(ImageRef, RecordFacts)>) -> HashMap<IdentityId, Records> {
    let mut user_stores: HashMap<IdentityId, Records> = HashMap::new();
    for (image_ref, facts) in records {
        let user_store = user_stores.entry(image_ref.identity.clone()).or_default();
        user_store.insert(image_ref, facts);
    }
    user_stores
}

/// Lists the user's originals from the first to the last of these records, and keeps the records
/// without an original. One request lists a thousand originals; a lookup of each would take one
/// request each.
async fn without_original(
    repairer: &Repairer<'_>,
    identity: &IdentityId,
    mut records: Records,
) -> Result<Records, ServiceError> {
    let bounds = records.keys().next().zip(records.keys().next_back());
    let Some((first, last)) = bounds.map(|(first, last)| (first.clone(), last.clone())) else {
        return Ok(records);
    };
    debug_assert!(first.identity == *identity && last.identity == *identity);
    let mut originals = repairer.admin_store.list_user::<ListedOriginal>(&first);
    while let Some(original) = originals.next().await? {
        let image_ref = original.image_ref();
        if image_ref > last {
            break;
        }
        records.remove(&image_ref);
    }
    Ok(records)
}
