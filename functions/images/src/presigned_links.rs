//! Presigned links to an image's original and variants.

use aws::user_store::{ServedAs, UrlSigner, UserStore};
use common::{
    keys::{OriginalKey, VariantFolder},
    record::ImageRecord,
    resource::{ImageResource, Link, ThumbnailLink},
};

/// Adds links to an image. Only objects that the worker recorded get a link. An original is served
/// with the type that the worker saw, and as an attachment if it saw none: the stored type is the
/// user's, who may have put a page.
pub(crate) fn with_links(
    user_store: &UserStore<'_>,
    signer: &UrlSigner,
    record: ImageRecord,
) -> ImageResource {
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
                url: signer.url_of(&key, served_as),
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
            url: signer.url_of(
                &folder.variant(&thumbnail.name, thumbnail.format),
                ServedAs::Stored,
            ),
        });
    }
    ImageResource::new(record, original, thumbnails)
}
