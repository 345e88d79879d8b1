//! Erasure of a user: originals and variants with all their versions, records and the usage item.
//!
//! `docs/reliability.md` lists under "Erase a user" what remains.

use std::fmt;

use aws::{admin_store::AdminStore, service_error::ServiceError};
use common::{
    identity_id::IdentityId,
    keys::{KeyPrefix, KeyScope},
};

/// Rounds before the erasure stops: a worker that is processing an image may write once more.
const ROUNDS: u32 = 5;

/// Records in a page.
const PAGE: i32 = 500;

/// Objects and records that were found, and those that are left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erasure {
    /// Objects under `original-files/`, including those with foreign keys.
    pub originals: u64,
    /// Versions and delete markers of originals and variants. In a bucket without versioning, one
    /// for each object.
    pub versions: u64,
    /// Objects under `thumbnails/`.
    pub variants: u64,
    /// Items of the table: records, the usage item, and those that are no records of images.
    pub records: u64,
    /// Versions and items that a listing after the last removal found; all of them in a dry run.
    pub left: u64,
}

/// Whether anything is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Only counts.
    DryRun,
    /// Erases. Irreversible.
    Erase,
}

/// Erases a user. Removes originals first, so that the worker finds none and cleans up after what
/// it is processing; then lists again, and removes again, until nothing is left.
pub async fn erase(
    admin_store: &AdminStore,
    identity: &IdentityId,
    mode: Mode,
) -> Result<Erasure, ServiceError> {
    let mut erasure = count(admin_store, identity).await?;
    erasure.left = erasure.versions + erasure.records;
    if mode == Mode::DryRun {
        return Ok(erasure);
    }
    for _ in 0..ROUNDS {
        remove_all(admin_store, identity).await?;
        let left = count(admin_store, identity).await?;
        erasure.left = left.versions + left.records;
        if erasure.left == 0 {
            break;
        }
    }
    Ok(erasure)
}

async fn remove_all(admin_store: &AdminStore, identity: &IdentityId) -> Result<(), ServiceError> {
    let scope = KeyScope::User(identity.clone());
    remove_objects(admin_store, KeyPrefix::Originals, &scope).await?;
    remove_items(admin_store, identity).await?;
    admin_store.remove_usage(identity).await?;
    remove_objects(admin_store, KeyPrefix::Variants, &scope).await
}

async fn remove_objects(
    admin_store: &AdminStore,
    tree: KeyPrefix,
    scope: &KeyScope,
) -> Result<(), ServiceError> {
    loop {
        let page = admin_store.version_page(tree, scope, None).await?;
        if page.versions.is_empty() {
            return Ok(());
        }
        admin_store.remove_versions(&page.versions).await?;
    }
}

async fn remove_items(admin_store: &AdminStore, identity: &IdentityId) -> Result<(), ServiceError> {
    loop {
        let (keys, _) = admin_store.item_keys(identity, None, PAGE).await?;
        if keys.is_empty() {
            return Ok(());
        }
        for key in &keys {
            admin_store.remove_item(key).await?;
        }
    }
}

async fn count(admin_store: &AdminStore, identity: &IdentityId) -> Result<Erasure, ServiceError> {
    let scope = KeyScope::User(identity.clone());
    let mut erasure = Erasure::default();
    for tree in [KeyPrefix::Originals, KeyPrefix::Variants] {
        let mut behind = None;
        loop {
            let page = admin_store
                .version_page(tree, &scope, behind.as_ref())
                .await?;
            let current = page.versions.iter().filter(|one| one.is_current).count();
            let objects = match tree {
                KeyPrefix::Originals => &mut erasure.originals,
                KeyPrefix::Variants => &mut erasure.variants,
            };
            *objects += to_u64(current);
            erasure.versions += to_u64(page.versions.len());
            behind = page.next;
            if behind.is_none() {
                break;
            }
        }
    }
    erasure.records += admin_store.count_usage_items(identity).await?;
    let mut behind = None;
    loop {
        let (keys, next) = admin_store
            .item_keys(identity, behind.as_ref(), PAGE)
            .await?;
        erasure.records += to_u64(keys.len());
        behind = next;
        if behind.is_none() {
            return Ok(erasure);
        }
    }
}

fn to_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Formats one line of `name=value`.
impl fmt::Display for Erasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            originals,
            versions,
            variants,
            records,
            left,
        } = self;
        write!(
            f,
            "originals={originals} versions={versions} variants={variants} records={records} left={left}"
        )
    }
}
