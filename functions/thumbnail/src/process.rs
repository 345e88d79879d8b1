//! One change of one original, carried through to its end.

use std::sync::{Mutex, MutexGuard, PoisonError};

use aws::{
    service_error::ServiceError,
    worker_store::{Contents, Outcome, Restless, Workbench},
};
use common::{
    keys::{OriginalKey, VariantFolder},
    origin::Origin,
    record::{Completion, Facts, Impression, Thumbnail},
    s3_event::ObjectChange,
};
use engine::VariantSet;
use media::failure::{Failure, FailureCode};
use thiserror::Error;
use tracing::{Instrument as _, Span, field::Empty};

use crate::{
    metrics::{Report, Seen},
    thumbnailer::{Lane, LaneError, Made},
};

/// What may go away by trying again. It is the only error there is: a picture's own faults are an [`Outcome`].
#[derive(Debug, Error)]
pub(crate) enum ChangeError {
    /// S3 or `DynamoDB`.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The picture was not tried to its end.
    #[error(transparent)]
    Lane(#[from] LaneError),
    /// The original does not keep still.
    #[error(transparent)]
    Restless(#[from] Restless),
}

/// Brings variants and record to what the bucket says: see [`Workbench::settle`], which also says who decides what.
pub(crate) async fn carry_out(
    lane: &Lane,
    workbench: &Workbench,
    change: &ObjectChange,
) -> (Result<Outcome, ChangeError>, Report) {
    let key = OriginalKey::parse(workbench.stage(), &change.key).ok();
    let report = Mutex::new(Report {
        image: key.map(|key| key.image),
        happened_at: change.happened_at,
        ..Report::default()
    });
    let complete = async |key: &OriginalKey, found| {
        let (completion, seen) = complete(lane, workbench, key, found).await;
        // Of an original that has changed meanwhile, the last one counts.
        locked(&report).seen = seen;
        completion
    };
    let image = locked(&report).image.map(|image| image.to_string());
    // Those of the upload are known once its original has been read.
    let span = tracing::info_span!("change", image, upload = Empty, uploadTrace = Empty);
    let outcome = workbench
        .settle(change, lane.max_bytes(), complete)
        .instrument(span)
        .await;
    let report = report.into_inner();
    (outcome, report.unwrap_or_else(PoisonError::into_inner))
}

/// Nobody panics while holding it, and a report is a report.
fn locked(report: &Mutex<Report>) -> MutexGuard<'_, Report> {
    report.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says in the log whose upload it was that is worked on.
fn remember(origin: &Origin) {
    let span = Span::current();
    span.record("upload", origin.request_id());
    span.record("uploadTrace", origin.trace());
}

async fn complete(
    lane: &Lane,
    workbench: &Workbench,
    key: &OriginalKey,
    original: Contents,
) -> (Result<Completion, ChangeError>, Seen) {
    let mut seen = Seen::default();
    let completion = look_and_make(lane, workbench, key, original, &mut seen).await;
    (completion, seen)
}

async fn look_and_make(
    lane: &Lane,
    workbench: &Workbench,
    key: &OriginalKey,
    original: Contents,
    seen: &mut Seen,
) -> Result<Completion, ChangeError> {
    seen.bytes = Some(original.size_bytes());
    let made = match original {
        Contents::Whole { bytes, origin, .. } => {
            remember(&origin);
            lane.make(bytes).await?
        }
        Contents::TooLarge { size_bytes, .. } => {
            let max_bytes = lane.max_bytes();
            let message = format!("the file has {size_bytes} bytes; the limit is {max_bytes}");
            Err(Failure::new(FailureCode::TooManyBytes, message))
        }
    };
    seen.timings = made.as_ref().ok().map(|made| made.picture.timings);
    seen.code = made.as_ref().err().map(|failure| failure.code.clone());
    match made {
        Ok(made) => {
            let facts = write(
                workbench,
                &VariantFolder::from(key),
                made,
                lane.variant_set(),
            )
            .await?;
            Ok(Completion::Ready(facts))
        }
        Err(failure) => {
            tracing::info!(%key, code = failure.code, "the picture can't be processed");
            Ok(Completion::Failed(failure))
        }
    }
}

async fn write(
    workbench: &Workbench,
    folder: &VariantFolder,
    made: Made,
    variant_set: &VariantSet,
) -> Result<Facts, ServiceError> {
    let Made { picture, sha256 } = made;
    let mut thumbnails = Vec::with_capacity(picture.variants.len());
    for variant in picture.variants {
        let size_bytes = u64::try_from(variant.bytes.len()).unwrap_or(u64::MAX);
        let etag = workbench
            .write_variant(folder, &variant.name, variant.format, variant.bytes)
            .await?;
        thumbnails.push(Thumbnail {
            name: variant.name,
            width: variant.width,
            height: variant.height,
            size_bytes,
            format: variant.format,
            etag,
        });
    }
    Ok(Facts {
        width: picture.width,
        height: picture.height,
        format: picture.format,
        sha256,
        is_animated: Some(picture.is_animated),
        impression: Some(Impression {
            thumbhash: picture.thumbhash,
            dominant_colour: picture.dominant_colour,
        }),
        thumbnails,
        variant_set: Some(variant_set.version().to_owned()),
    })
}
