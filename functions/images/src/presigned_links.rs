//! Presigned links to an image's original and variants.

use std::time::Duration;

use aws::{
    service_error::ServiceError,
    user_store::{ServedAs, UserStore},
};
use common::{
    keys::{OriginalKey, VariantFolder},
    record::ImageRecord,
    resource::{ImageResource, Link, ThumbnailLink},
};

/// Adds links to an image. Only objects that the worker recorded get a link. An original is served
/// with the type that the worker saw, and as an attachment if it saw none: the stored type is the
/// user's, who may have put a page.
pub(crate) async fn with_links(
    user_store: &UserStore<'_>,
    record: ImageRecord,
    url_window: Duration,
) -> Result<ImageResource, ServiceError> {
    let folder = VariantFolder {
        stage: user_store.stage().clone(),
        identity: user_store.identity().clone(),
        image: record.image,
    };
    let original = match &record.original {
        Some(original) => {
            let key = OriginalKey {
                stage: folder.stage.clone(),
                identity: folder.identity.clone(),
                image: record.image,
                extension: original.extension.clone(),
            };
            let served_as = record
                .facts
                .as_ref()
                .map_or(ServedAs::Attachment, |facts| ServedAs::Seen(facts.format));
            let key = key.to_string();
            Some(Link {
                url: user_store.url_of(&key, served_as, url_window).await?,
            })
        }
        None => None,
    };
    let mut thumbnails = Vec::new();
    for thumbnail in record.facts.iter().flat_map(|facts| &facts.thumbnails) {
        thumbnails.push(ThumbnailLink {
            name: thumbnail.name.clone(),
            width: thumbnail.width,
            height: thumbnail.height,
            size: thumbnail.size_bytes,
            content_type: thumbnail.format.mime(),
            url: user_store
                .url_of(
                    &folder.variant(&thumbnail.name, thumbnail.format),
                    ServedAs::Stored,
                    url_window,
                )
                .await?,
        });
    }
    Ok(ImageResource::new(record, original, thumbnails))
}
