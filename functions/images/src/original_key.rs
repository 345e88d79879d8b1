//! The key of an image's original.

use aws::user_store::UserStore;
use common::{
    keys::{Extension, OriginalKey},
    record::ImageRecord,
};
use media::media_type::MediaType;

/// Returns the key that the worker recorded, or else the key of an upload of the record's media
/// type.
pub(crate) fn key_of(user_store: &UserStore<'_>, record: &ImageRecord) -> Option<OriginalKey> {
    let declared = || {
        let name = record.content_type.as_deref()?;
        let known = MediaType::ALL
            .into_iter()
            .find(|known| known.mime() == name);
        known.map(Extension::from)
    };
    let found = record
        .original
        .as_ref()
        .map(|found| found.extension.clone());
    Some(OriginalKey {
        stage: user_store.stage().clone(),
        identity: user_store.identity().clone(),
        image: record.image,
        extension: found.or_else(declared)?,
    })
}
