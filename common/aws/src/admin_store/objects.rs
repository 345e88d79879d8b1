//! Listings of originals and variants. Their bytes are never read.

use std::{collections::VecDeque, marker::PhantomData};

use aws_sdk_s3::types::Object;
use time::OffsetDateTime;

use crate::{admin_store::AdminStore, etag, service_error::ServiceError};
use common::keys::{self, ImageRef, KeyPrefix, KeyScope, OriginalKey, Stage, VariantKey};

/// An original in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedOriginal {
    /// The key.
    pub key: OriginalKey,
    /// The size in bytes.
    pub size_bytes: u64,
    /// The `ETag`.
    pub etag: Option<String>,
    /// The time of the write, rounded down to the second.
    pub last_modified: OffsetDateTime,
}

/// A variant in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedVariant {
    /// The key.
    pub key: VariantKey,
    /// The size in bytes.
    pub size_bytes: u64,
    /// The `ETag`.
    pub etag: Option<String>,
    /// The time of the write, rounded down to the second.
    pub last_modified: OffsetDateTime,
}

/// An object among the originals whose key is no original's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignObject {
    /// The key.
    pub key: String,
    /// The time of the write, rounded down to the second.
    pub last_modified: OffsetDateTime,
}

/// The most foreign objects that a listing remembers until they are taken.
const MAX_FOREIGN: usize = 10_000;

/// An entry of a listing.
pub trait Entry: Sized {
    /// The tree that holds these entries.
    const TREE: KeyPrefix;

    /// Reads an entry; `None` for an unrelated key.
    fn of(stage: &Stage, object: &Object) -> Option<Self>;

    /// Returns the reference to the entry's image.
    fn image_ref(&self) -> ImageRef;
}

impl Entry for ListedOriginal {
    const TREE: KeyPrefix = KeyPrefix::Originals;

    fn of(stage: &Stage, object: &Object) -> Option<Self> {
        Some(Self {
            key: OriginalKey::parse(stage, object.key()?).ok()?,
            size_bytes: size_of(object),
            etag: object.e_tag().map(etag::bare),
            last_modified: last_modified(object),
        })
    }

    fn image_ref(&self) -> ImageRef {
        self.key.image_ref()
    }
}

impl Entry for ListedVariant {
    const TREE: KeyPrefix = KeyPrefix::Variants;

    fn of(stage: &Stage, object: &Object) -> Option<Self> {
        Some(Self {
            key: VariantKey::parse(stage, object.key()?).ok()?,
            size_bytes: size_of(object),
            etag: object.e_tag().map(etag::bare),
            last_modified: last_modified(object),
        })
    }

    fn image_ref(&self) -> ImageRef {
        self.key.image_ref.clone()
    }
}

fn size_of(object: &Object) -> u64 {
    object
        .size()
        .and_then(|size| size.try_into().ok())
        .unwrap_or_default()
}

fn last_modified(object: &Object) -> OffsetDateTime {
    object
        .last_modified()
        .and_then(|time| OffsetDateTime::from_unix_timestamp(time.secs()).ok())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// A listing as a stream of entries in the order of [`ImageRef`]s. One page is in memory at a time.
#[derive(Debug)]
pub struct ListingStream<'a, T> {
    admin_store: &'a AdminStore,
    prefix: String,
    start_after: Option<String>,
    token: Option<String>,
    page: VecDeque<T>,
    is_over: bool,
    unrelated: u64,
    foreign: Vec<ForeignObject>,
    entry: PhantomData<T>,
}

impl<T: Entry> ListingStream<'_, T> {
    /// Returns the next entry without consuming it.
    pub async fn peek(&mut self) -> Result<Option<&T>, ServiceError> {
        while self.page.is_empty() && !self.is_over {
            self.turn().await?;
        }
        Ok(self.page.front())
    }

    /// Returns the next entry.
    pub async fn next(&mut self) -> Result<Option<T>, ServiceError> {
        self.peek().await?;
        Ok(self.page.pop_front())
    }

    /// Returns the number of unrelated keys so far.
    pub fn unrelated(&self) -> u64 {
        self.unrelated
    }

    /// Takes the foreign objects that have been listed since the last time: unrelated keys, but for
    /// those that were too many to remember.
    pub fn take_foreign(&mut self) -> Vec<ForeignObject> {
        std::mem::take(&mut self.foreign)
    }

    async fn turn(&mut self) -> Result<(), ServiceError> {
        let AdminStore { s3, config, .. } = self.admin_store;
        let listing = s3
            .list_objects_v2()
            .bucket(&config.bucket)
            .prefix(&self.prefix)
            .set_start_after(self.start_after.clone())
            .set_continuation_token(self.token.take())
            .send()
            .await
            .map_err(|error| ServiceError::classify(format!("list {}", self.prefix), error))?;
        for object in listing.contents() {
            if let Some(entry) = T::of(&config.stage, object) {
                self.page.push_back(entry);
                continue;
            }
            self.unrelated += 1;
            let foreign = object.key().map(|key| ForeignObject {
                key: key.to_owned(),
                last_modified: last_modified(object),
            });
            let has_room = self.foreign.len() < MAX_FOREIGN;
            self.foreign.extend(foreign.filter(|_| has_room));
        }
        self.token = listing.next_continuation_token;
        self.is_over = self.token.is_none();
        Ok(())
    }
}

impl AdminStore {
    /// Lists a part of the stage, after the given image if there is one.
    pub fn list<T: Entry>(
        &self,
        scope: &KeyScope,
        behind: Option<&ImageRef>,
    ) -> ListingStream<'_, T> {
        self.walk_from::<T>(
            scope,
            behind.map(|image_ref| keys::upper_bound(self.stage(), T::TREE, image_ref)),
        )
    }

    /// Lists a user's entries from an image on, inclusive.
    pub fn list_user<T: Entry>(&self, first: &ImageRef) -> ListingStream<'_, T> {
        self.walk_from::<T>(
            &KeyScope::User(first.identity.clone()),
            Some(keys::lower_bound(self.stage(), T::TREE, first)),
        )
    }

    fn walk_from<T: Entry>(
        &self,
        scope: &KeyScope,
        start_after: Option<String>,
    ) -> ListingStream<'_, T> {
        ListingStream {
            admin_store: self,
            prefix: keys::prefix(self.stage(), T::TREE, scope),
            start_after,
            token: None,
            page: VecDeque::new(),
            is_over: false,
            unrelated: 0,
            foreign: Vec::new(),
            entry: PhantomData,
        }
    }

    /// Removes an object among the originals, by its key, and succeeds if there is none. S3's event
    /// makes the worker remove the record, if it was an original. The bucket keeps its versions for
    /// a time.
    pub async fn remove_original(&self, key: &str) -> Result<(), ServiceError> {
        self.s3
            .delete_object()
            .bucket(&self.config.bucket)
            .key(key)
            .send()
            .await
            .map_err(|error| ServiceError::classify(format!("delete {key}"), error))?;
        Ok(())
    }

    /// Removes a variant, and succeeds if there is none.
    pub async fn remove_variant(&self, key: &VariantKey) -> Result<(), ServiceError> {
        let key = key.in_stage(self.stage());
        self.s3
            .delete_object()
            .bucket(&self.config.bucket)
            .key(&key)
            .send()
            .await
            .map_err(|error| ServiceError::classify(format!("delete {key}"), error))?;
        Ok(())
    }
}
