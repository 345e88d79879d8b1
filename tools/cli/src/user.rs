//! Commands about one user.

use std::fmt;

use aws::{admin_store::AdminStore, service_error::ServiceError};
use common::{
    identity_id::IdentityId,
    quota::{Limits, Quota},
    usage::UsageItem,
};

use crate::command::{self, UsageCommand};

/// What a user stores, and may store.
#[derive(Debug)]
pub(crate) struct Shown {
    item: UsageItem,
    limits: Limits,
}

pub(crate) async fn run(
    admin_store: &AdminStore,
    quota: &Quota,
    command: UsageCommand,
) -> Result<Shown, ServiceError> {
    match command {
        UsageCommand::Usage(arguments) => usage(admin_store, quota, &arguments.identity).await,
        UsageCommand::Quota(arguments) => override_quota(admin_store, quota, &arguments).await,
    }
}

async fn usage(
    admin_store: &AdminStore,
    quota: &Quota,
    identity: &IdentityId,
) -> Result<Shown, ServiceError> {
    let item = admin_store.usage(identity).await?.item();
    Ok(Shown {
        item,
        limits: quota.limits(&item),
    })
}

/// Overrides the quota, as a whole: a limit that is not given is the stage's.
async fn override_quota(
    admin_store: &AdminStore,
    quota: &Quota,
    arguments: &command::Quota,
) -> Result<Shown, ServiceError> {
    admin_store
        .override_quota(
            &arguments.identity,
            arguments.max_bytes,
            arguments.max_images,
        )
        .await?;
    usage(admin_store, quota, &arguments.identity).await
}

/// Formats one line of `name=value`; `none` for no limit.
impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = |limit: Option<u64>| limit.map_or("none".to_owned(), |limit| limit.to_string());
        let is_overridden = self.item.max_bytes.is_some() || self.item.max_images.is_some();
        write!(
            f,
            "bytes={} images={} max_bytes={} max_images={} quota={}",
            self.item.usage.bytes,
            self.item.usage.images,
            limit(self.limits.max_bytes),
            limit(self.limits.max_images),
            if is_overridden { "own" } else { "default" },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_a_line() {
        let item = UsageItem {
            max_images: Some(0),
            ..UsageItem::default()
        };
        let limits = Quota::new(5, 7).limits(&item);
        assert_eq!(
            Shown { item, limits }.to_string(),
            "bytes=0 images=0 max_bytes=5 max_images=none quota=own"
        );
    }
}
