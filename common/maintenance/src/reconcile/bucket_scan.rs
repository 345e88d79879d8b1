//! The bucket scan: originals and variants side by side, with the records of both.

use aws::{
    admin_store::{AdminStore, Entry, ListedOriginal, ListedVariant, ListingStream},
    service_error::ServiceError,
};
use common::keys::ImageRef;

use super::{
    Cursor, Walked,
    diagnose::ImageState,
    repair::{MAX_ORIGINALS, Repairer, Step},
};

pub(super) async fn walk(
    repairer: &mut Repairer<'_>,
    behind: Option<ImageRef>,
) -> Result<Walked, ServiceError> {
    let scope = repairer.options.extent.scope();
    let admin_store = repairer.admin_store;
    let mut pair = Pair {
        originals: admin_store.walk(&scope, behind.as_ref()),
        variants: admin_store.walk(&scope, behind.as_ref()),
    };
    let mut dealt_with = behind;
    loop {
        if repairer.is_out_of_time() {
            return Ok(Walked::UpTo(Cursor::Bucket(dealt_with)));
        }
        let sights = pair.some().await?;
        if sights.is_empty() {
            repairer.report.unrelated += pair.originals.unrelated() + pair.variants.unrelated();
            return Ok(Walked::ToItsEnd);
        }
        let places: Vec<ImageRef> = sights.iter().map(|state| state.place.clone()).collect();
        let mut records = admin_store.records(&places).await?;
        for mut state in sights {
            state.record = records.remove(&state.place);
            let step = repairer.repair(&state).await?;
            if step == Step::OutOfBudget {
                repairer.flush().await?;
                return Ok(Walked::UpTo(Cursor::Bucket(dealt_with)));
            }
            dealt_with = Some(state.place);
        }
        repairer.flush().await?;
    }
}

/// Both listings, advanced in step.
struct Pair<'a> {
    originals: ListingStream<'a, ListedOriginal>,
    variants: ListingStream<'a, ListedVariant>,
}

impl Pair<'_> {
    /// Returns as many image states as one request for records can hold; none at the end.
    async fn some(&mut self) -> Result<Vec<ImageState>, ServiceError> {
        let mut sights = Vec::with_capacity(AdminStore::MAX_RECORDS);
        while sights.len() < AdminStore::MAX_RECORDS {
            let Some(state) = self.one().await? else {
                break;
            };
            sights.push(state);
        }
        Ok(sights)
    }

    /// Returns the files of the next image.
    async fn one(&mut self) -> Result<Option<ImageState>, ServiceError> {
        let original = self.originals.peek().await?.map(Entry::place);
        let variant = self.variants.peek().await?.map(Entry::place);
        let Some(place) = [original, variant].into_iter().flatten().min() else {
            return Ok(None);
        };
        let originals = all_of(&mut self.originals, &place, MAX_ORIGINALS).await?;
        let variants = all_of(&mut self.variants, &place, usize::MAX).await?;
        Ok(Some(ImageState {
            place,
            originals,
            record: None,
            variants,
        }))
    }
}

/// Collects the entries of this image; entries beyond `most` are skipped.
async fn all_of<T: Entry>(
    walk: &mut ListingStream<'_, T>,
    place: &ImageRef,
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
