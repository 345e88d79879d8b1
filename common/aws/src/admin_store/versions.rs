//! Object versions and delete markers, for buckets that keep them.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use crate::{admin_store::AdminStore, service_error::ServiceError};
use common::keys::{self, KeyPrefix, KeyScope};

/// A version of an object, or a delete marker. A bucket without versioning has one of each object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The key, which may be unrelated.
    pub key: String,
    /// The version id; `null` in a bucket without versioning.
    pub version_id: String,
    /// Whether it is the version that a `GET` returns.
    pub is_current: bool,
}

/// Up to a thousand versions.
#[derive(Debug)]
pub struct VersionPage {
    /// The versions in the order of their keys.
    pub versions: Vec<Version>,
    /// The marker of the next page, if there is one.
    pub next: Option<VersionMarker>,
}

/// S3's marker between two pages of versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionMarker {
    key: Option<String>,
    version_id: Option<String>,
}

impl AdminStore {
    /// Returns a page of the versions of all objects in a part of the stage.
    pub async fn version_page(
        &self,
        tree: KeyPrefix,
        scope: &KeyScope,
        behind: Option<&VersionMarker>,
    ) -> Result<VersionPage, ServiceError> {
        let prefix = keys::prefix(self.stage(), tree, scope);
        let listing = self
            .s3
            .list_object_versions()
            .bucket(&self.config.bucket)
            .prefix(&prefix)
            .set_key_marker(behind.and_then(|marker| marker.key.clone()))
            .set_version_id_marker(behind.and_then(|marker| marker.version_id.clone()))
            .send()
            .await
            .map_err(|error| {
                ServiceError::classify(format!("list the versions of {prefix}"), error)
            })?;
        let versions = listing.versions().iter().filter_map(|version| {
            Some(Version {
                key: version.key()?.to_owned(),
                version_id: version.version_id().unwrap_or("null").to_owned(),
                is_current: version.is_latest().unwrap_or_default(),
            })
        });
        let markers = listing.delete_markers().iter().filter_map(|marker| {
            Some(Version {
                key: marker.key()?.to_owned(),
                version_id: marker.version_id().unwrap_or("null").to_owned(),
                is_current: false,
            })
        });
        Ok(VersionPage {
            versions: versions.chain(markers).collect(),
            next: listing
                .is_truncated()
                .unwrap_or_default()
                .then(|| VersionMarker {
                    key: listing.next_key_marker.clone(),
                    version_id: listing.next_version_id_marker.clone(),
                }),
        })
    }

    /// Removes up to a thousand versions permanently.
    pub async fn remove_versions(&self, versions: &[Version]) -> Result<(), ServiceError> {
        let what = || format!("remove {} versions", versions.len());
        let unavailable = |error| ServiceError::unavailable(what(), error);
        let objects = versions
            .iter()
            .map(|version| {
                ObjectIdentifier::builder()
                    .key(&version.key)
                    .version_id(&version.version_id)
                    .build()
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(unavailable)?;
        let delete = Delete::builder()
            .set_objects(Some(objects))
            .quiet(true)
            .build()
            .map_err(unavailable)?;
        let answer = self
            .s3
            .delete_objects()
            .bucket(&self.config.bucket)
            .delete(delete)
            .send()
            .await
            .map_err(|error| ServiceError::classify(what(), error))?;
        match answer.errors().first() {
            None => Ok(()),
            Some(error) => Err(ServiceError::unavailable(
                what(),
                format!(
                    "{} were refused: {}",
                    answer.errors().len(),
                    error.code().unwrap_or("no reason given")
                ),
            )),
        }
    }
}
