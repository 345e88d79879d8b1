//! The second walk: records of which there is no file. Those with files are the first walk's.

use std::collections::{BTreeMap, HashMap};

use aws::{
    admin_store::{Entry as _, ListedOriginal, RawKey, RecordFacts},
    service_error::ServiceError,
};
use common::{identity_id::IdentityId, keys::Place};

use super::{
    Cursor, Extent, Walked,
    diagnose::Verdict,
    repair::{Mender, Step, record_alone},
};

/// Records in a page. The cursor stands between pages, so that a run that ends within one does it again.
const PAGE: i32 = 200;

pub(super) async fn walk(
    mender: &mut Mender<'_>,
    mut behind: Option<RawKey>,
) -> Result<Walked, ServiceError> {
    let of = match &mender.options.extent {
        Extent::Stage => None,
        Extent::Drawer(identity) => Some(identity.clone()),
    };
    loop {
        if mender.is_out_of_time() {
            return Ok(Walked::UpTo(Cursor::Table(behind)));
        }
        let page = mender
            .inventory
            .record_page(of.as_ref(), behind.as_ref(), PAGE)
            .await?;
        mender.report.foreign += page.foreign;
        for (identity, records) in by_drawer(page.records) {
            let orphans = without_original(mender, &identity, records).await?;
            for (place, record) in orphans {
                if deal_with(mender, place, record).await? == Step::OutOfBudget {
                    return Ok(Walked::UpTo(Cursor::Table(behind)));
                }
            }
        }
        if page.next.is_none() {
            return Ok(Walked::ToItsEnd);
        }
        behind = page.next;
    }
}

async fn deal_with(
    mender: &mut Mender<'_>,
    place: Place,
    record: RecordFacts,
) -> Result<Step, ServiceError> {
    let sight = record_alone(place, record);
    // Variants that are there without their original were the first walk's, and this record with them.
    if matches!(mender.diagnose(&sight), Verdict::Remove { .. })
        && !mender.look(&sight.place).await?.variants.is_empty()
    {
        return Ok(Step::Done);
    }
    mender.mend(&sight).await
}

type Records = BTreeMap<Place, RecordFacts>;

/// The items of a partition come together and sorted. Nothing here depends on it, but that few listings do.
fn by_drawer(records: Vec<(Place, RecordFacts)>) -> HashMap<IdentityId, Records> {
    let mut drawers: HashMap<IdentityId, Records> = HashMap::new();
    for (place, facts) in records {
        let drawer = drawers.entry(place.identity.clone()).or_default();
        drawer.insert(place, facts);
    }
    drawers
}

/// Lists the user's originals from the first to the last of these records, and keeps the records that it does not meet.
/// A request answers for a thousand originals, where asking for each would take a request for each.
async fn without_original(
    mender: &Mender<'_>,
    identity: &IdentityId,
    mut records: Records,
) -> Result<Records, ServiceError> {
    let bounds = records.keys().next().zip(records.keys().next_back());
    let Some((first, last)) = bounds.map(|(first, last)| (first.clone(), last.clone())) else {
        return Ok(records);
    };
    debug_assert!(first.identity == *identity && last.identity == *identity);
    let mut originals = mender.inventory.walk_drawer::<ListedOriginal>(&first);
    while let Some(original) = originals.next().await? {
        let place = original.place();
        if place > last {
            break;
        }
        records.remove(&place);
    }
    Ok(records)
}
