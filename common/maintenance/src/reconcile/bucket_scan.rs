//! The first walk: originals and variants side by side, with the records of both.

use aws::{
    admin_store::{Entry, Inventory, ListedOriginal, ListedVariant, Walk},
    service_error::ServiceError,
};
use common::keys::Place;

use super::{
    Cursor, Walked,
    diagnose::Sight,
    repair::{MAX_ORIGINALS, Mender, Step},
};

pub(super) async fn walk(
    mender: &mut Mender<'_>,
    behind: Option<Place>,
) -> Result<Walked, ServiceError> {
    let scope = mender.options.extent.scope();
    let inventory = mender.inventory;
    let mut pair = Pair {
        originals: inventory.walk(&scope, behind.as_ref()),
        variants: inventory.walk(&scope, behind.as_ref()),
    };
    let mut dealt_with = behind;
    loop {
        if mender.is_out_of_time() {
            return Ok(Walked::UpTo(Cursor::Bucket(dealt_with)));
        }
        let sights = pair.some().await?;
        if sights.is_empty() {
            mender.report.foreign += pair.originals.foreign() + pair.variants.foreign();
            return Ok(Walked::ToItsEnd);
        }
        let places: Vec<Place> = sights.iter().map(|sight| sight.place.clone()).collect();
        let mut records = inventory.records(&places).await?;
        for mut sight in sights {
            sight.record = records.remove(&sight.place);
            let step = mender.mend(&sight).await?;
            if step == Step::OutOfBudget {
                mender.flush().await?;
                return Ok(Walked::UpTo(Cursor::Bucket(dealt_with)));
            }
            dealt_with = Some(sight.place);
        }
        mender.flush().await?;
    }
}

/// Both listings, in step.
struct Pair<'a> {
    originals: Walk<'a, ListedOriginal>,
    variants: Walk<'a, ListedVariant>,
}

impl Pair<'_> {
    /// As many images as there are records in a request; none at the end.
    async fn some(&mut self) -> Result<Vec<Sight>, ServiceError> {
        let mut sights = Vec::with_capacity(Inventory::MAX_RECORDS);
        while sights.len() < Inventory::MAX_RECORDS {
            let Some(sight) = self.one().await? else {
                break;
            };
            sights.push(sight);
        }
        Ok(sights)
    }

    /// The files of the next image.
    async fn one(&mut self) -> Result<Option<Sight>, ServiceError> {
        let original = self.originals.peek().await?.map(Entry::place);
        let variant = self.variants.peek().await?.map(Entry::place);
        let Some(place) = [original, variant].into_iter().flatten().min() else {
            return Ok(None);
        };
        let originals = all_of(&mut self.originals, &place, MAX_ORIGINALS).await?;
        let variants = all_of(&mut self.variants, &place, usize::MAX).await?;
        Ok(Some(Sight {
            place,
            originals,
            record: None,
            variants,
        }))
    }
}

/// What belongs to this image; from the given number on, it is passed over.
async fn all_of<T: Entry>(
    walk: &mut Walk<'_, T>,
    place: &Place,
    most: usize,
) -> Result<Vec<T>, ServiceError> {
    let mut entries = Vec::new();
    while walk
        .peek()
        .await?
        .is_some_and(|entry| entry.place() == *place)
    {
        let entry = walk.next().await?;
        entries.extend(entry.filter(|_| entries.len() < most));
    }
    Ok(entries)
}
