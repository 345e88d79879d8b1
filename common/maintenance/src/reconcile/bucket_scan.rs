//! The bucket scan: originals and variants side by side, with the records of both.

use aws::{
    admin_store::{AdminStore, Entry, ListedOriginal, ListedVariant, ListingStream},
    service_error::ServiceError,
};
use common::keys::ImageRef;

use super::{
    Cursor, ScanEnd,
    diagnose::ImageState,
    foreign,
    repair::{MAX_ORIGINALS, Repairer, Step},
};

pub(super) async fn run(
    repairer: &mut Repairer<'_>,
    behind: Option<ImageRef>,
) -> Result<ScanEnd, ServiceError> {
    let scope = repairer.options.extent.scope();
    let admin_store = repairer.admin_store;
    let mut pair = Pair {
        originals: admin_store.list(&scope, behind.as_ref()),
        variants: admin_store.list(&scope, behind.as_ref()),
    };
    let mut last_repaired = behind;
    loop {
        if repairer.is_out_of_time() {
            return Ok(ScanEnd::StoppedAt(Cursor::Bucket(last_repaired)));
        }
        let states = pair.some().await?;
        foreign::objects(repairer, pair.originals.take_foreign()).await?;
        // Among the variants there is only what the worker has written.
        pair.variants.take_foreign();
        if states.is_empty() {
            repairer.report.unrelated += pair.originals.unrelated() + pair.variants.unrelated();
            if let Some(last) = &last_repaired {
                repairer.check_missing_usage(&last.identity).await?;
            }
            return Ok(ScanEnd::Complete);
        }
        let image_refs: Vec<ImageRef> =
            states.iter().map(|state| state.image_ref.clone()).collect();
        let mut records = admin_store.records(&image_refs).await?;
        for mut state in states {
            // Keys are in the order of their users, so this user is finished.
            if let Some(last) = &last_repaired
                && last.identity != state.image_ref.identity
            {
                repairer.check_missing_usage(&last.identity).await?;
            }
            state.record = records.remove(&state.image_ref);
            let step = repairer.repair(&state).await?;
            if step == Step::OutOfBudget {
                repairer.flush().await?;
                return Ok(ScanEnd::StoppedAt(Cursor::Bucket(last_repaired)));
            }
            last_repaired = Some(state.image_ref);
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
        let mut states = Vec::with_capacity(AdminStore::MAX_RECORDS);
        while states.len() < AdminStore::MAX_RECORDS {
            let Some(state) = self.one().await? else {
                break;
            };
            states.push(state);
        }
        Ok(states)
    }

    /// Returns the files of the next image.
    async fn one(&mut self) -> Result<Option<ImageState>, ServiceError> {
        let original = self.originals.peek().await?.map(Entry::image_ref);
        let variant = self.variants.peek().await?.map(Entry::image_ref);
        let Some(image_ref) = [original, variant].into_iter().flatten().min() else {
            return Ok(None);
        };
        let originals = all_of(&mut self.originals, &image_ref, MAX_ORIGINALS).await?;
        let variants = all_of(&mut self.variants, &image_ref, usize::MAX).await?;
        Ok(Some(ImageState {
            image_ref,
            originals,
            record: None,
            variants,
        }))
    }
}

/// Collects the entries of this image; entries beyond `most` are skipped.
async fn all_of<T: Entry>(
    listing: &mut ListingStream<'_, T>,
    image_ref: &ImageRef,
    most: usize,
) -> Result<Vec<T>, ServiceError> {
    let mut entries = Vec::new();
    while listing
        .peek()
        .await?
        .is_some_and(|entry| entry.image_ref() == *image_ref)
    {
        let entry = listing.next().await?;
        entries.extend(entry.filter(|_| entries.len() < most));
    }
    Ok(entries)
}
