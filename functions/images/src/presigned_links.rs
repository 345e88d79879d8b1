//! Presigned links to an image's original and variants.

use std::time::Duration;

use aws::{service_error::ServiceError, user_store::UserStore};
use common::{
    keys::{OriginalKey, VariantFolder},
    record::ImageRecord,
    resource::{ImageResource, Link, ThumbnailLink},
};

/// Adds links to an image. Only objects that the worker recorded get a link.
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
            Some(Link {
                url: user_store.url_of(&key.to_string(), url_window).await?,
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
                    url_window,
                )
                .await?,
        });
    }
    Ok(ImageResource::new(record, original, thumbnails))
}
