//! The processing of one event of one original.

use std::time::SystemTime;

use aws::{
    service_error::ServiceError,
    worker_store::{ContendedOriginal, OriginalObject, Outcome, WorkerStore},
};
use common::{
    keys::{OriginalKey, VariantFolder},
    origin::UploadContext,
    record::{Capture, Completion, ImageDetails, Placeholder, Thumbnail},
    s3_event::ObjectChange,
};
use futures_util::future::join_all;
use media::failure::{Failure, FailureCode};
use thiserror::Error;
use tracing::{Instrument as _, Span, field::Empty};

use crate::{
    metrics::{Report, Seen},
    thumbnailer::{Made, ThumbnailError, Thumbnailer},
};

/// The errors that a retry may solve. There are no others: a fault of the image itself is an
/// [`Outcome`].
#[derive(Debug, Error)]
pub(crate) enum ChangeError {
    /// A call to S3 or `DynamoDB` failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The thumbnailer did not finish.
    #[error(transparent)]
    Thumbnailer(#[from] ThumbnailError),
    /// The original keeps changing.
    #[error(transparent)]
    ContendedOriginal(#[from] ContendedOriginal),
}

/// Brings variants and record up to date with the bucket. [`WorkerStore::process_event`] has the
/// rules. After `last_start`, no image is begun.
pub(crate) async fn process(
    thumbnailer: &Thumbnailer,
    worker_store: &WorkerStore,
    change: &ObjectChange,
    last_start: SystemTime,
) -> (Result<Outcome, ChangeError>, Report) {
    let key = OriginalKey::parse(worker_store.stage(), &change.key).ok();
    let mut report = Report {
        image: key.map(|key| key.image),
        happened_at: change.happened_at,
        ..Report::default()
    };
    let image = report.image.map(|image| image.to_string());
    // The fields of the upload are known once its original has been read.
    let span = tracing::info_span!("change", image, upload = Empty, uploadTrace = Empty);
    let complete = async |key: &OriginalKey, found| {
        let (completion, seen) = complete(thumbnailer, worker_store, key, found, last_start).await;
        // The last round counts, if the original changed meanwhile.
        report.seen = seen;
        completion
    };
    let outcome = worker_store
        .process_event(change, thumbnailer.max_image_bytes(), complete)
        .instrument(span)
        .await;
    (outcome, report)
}

/// Adds the request of the upload to the log's span.
fn remember(origin: &UploadContext) {
    let span = Span::current();
    span.record("upload", origin.request_id());
    span.record("uploadTrace", origin.trace());
}

async fn complete(
    thumbnailer: &Thumbnailer,
    worker_store: &WorkerStore,
    key: &OriginalKey,
    original: OriginalObject,
    last_start: SystemTime,
) -> (Result<Completion, ChangeError>, Seen) {
    let mut seen = Seen::default();
    let completion = look_and_make(
        thumbnailer,
        worker_store,
        key,
        original,
        last_start,
        &mut seen,
    )
    .await;
    (completion, seen)
}

async fn look_and_make(
    thumbnailer: &Thumbnailer,
    worker_store: &WorkerStore,
    key: &OriginalKey,
    original: OriginalObject,
    last_start: SystemTime,
    seen: &mut Seen,
) -> Result<Completion, ChangeError> {
    seen.bytes = Some(original.size_bytes());
    let made = match original {
        OriginalObject::Whole {
            bytes,
            origin,
            held,
            ..
        } => {
            remember(&origin);
            let made = thumbnailer.make(bytes, last_start).await?;
            drop(held);
            made
        }
        OriginalObject::TooLarge { size_bytes, .. } => {
            let max_image_bytes = thumbnailer.max_image_bytes();
            let message =
                format!("the file has {size_bytes} bytes; the limit is {max_image_bytes}");
            Err(Failure::new(FailureCode::TooManyBytes, message))
        }
        OriginalObject::Unreadable { .. } => Err(Failure::new(
            FailureCode::UnreadableOriginal,
            "the file is stored in an archive, or encrypted with a key that we do not have; upload it again",
        )),
    };
    seen.timings = made.as_ref().ok().map(|made| made.image.timings);
    seen.code = made.as_ref().err().map(|failure| failure.code.clone());
    match made {
        Ok(made) => {
            let facts = write(worker_store, &VariantFolder::from(key), made, thumbnailer).await?;
            Ok(Completion::Ready(facts))
        }
        Err(failure) => {
            tracing::info!(
                %key,
                code = failure.code,
                "image can't be processed; to be recorded as failed"
            );
            Ok(Completion::Failed(failure))
        }
    }
}

async fn write(
    worker_store: &WorkerStore,
    folder: &VariantFolder,
    made: Made,
    thumbnailer: &Thumbnailer,
) -> Result<ImageDetails, ServiceError> {
    let Made { image, sha256 } = made;
    let written = image.variants.into_iter().map(async |variant| {
        let size_bytes = u64::try_from(variant.bytes.len()).unwrap_or(u64::MAX);
        let etag = worker_store
            .write_variant(folder, &variant.name, variant.format, variant.bytes)
            .await?;
        Ok(Thumbnail {
            name: variant.name,
            width: variant.width,
            height: variant.height,
            size_bytes,
            format: variant.format,
            etag,
        })
    });
    // Waits for all, even if one fails: none is still under way when the message returns to the
    // queue.
    let thumbnails: Result<Vec<Thumbnail>, ServiceError> =
        join_all(written).await.into_iter().collect();
    let thumbnails = thumbnails?;
    Ok(ImageDetails {
        width: image.width,
        height: image.height,
        format: image.format,
        sha256,
        is_animated: Some(image.is_animated),
        placeholder: Some(Placeholder {
            thumbhash: image.thumbhash,
            dominant_colour: image.dominant_colour,
        }),
        thumbnails,
        variant_set: Some(thumbnailer.variant_set().version().to_owned()),
        capture: Capture {
            fact_set: Some(thumbnailer.fact_set().to_owned()),
            taken_at: image.facts.taken_at,
            camera_make: image.facts.camera_make,
            camera_model: image.facts.camera_model,
            location: image.facts.location,
        },
    })
}
