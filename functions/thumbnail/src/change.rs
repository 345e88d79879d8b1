//! One change of one original, carried through to its end.

use common::{
    completion_event::CompletionEvent,
    keys::{OriginalKey, VariantFolder},
    origin::Origin,
    record::{Completion, Facts, Impression, Original, Thumbnail},
    s3_event::{Change, ObjectChange},
    service_error::ServiceError,
    workbench::{Completable, ReadOriginal, Workbench},
};
use media::failure::{Failure, FailureCode};
use thiserror::Error;
use time::OffsetDateTime;
use tracing::{Instrument as _, Span, field::Empty};

use crate::{
    lane::{LaneError, Made},
    report::Report,
    worker::Worker,
};

/// What became of a change. All of them are acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The record is complete, with variants.
    Ready,
    /// The record says why there are none.
    Failed,
    /// The original is gone, and now so are its variants and its record.
    Removed,
    /// Another event has been here, or will be; the bucket is as it says.
    Outdated,
    /// Not our bucket, or not a key that an upload has.
    Ignored,
}

impl Outcome {
    /// As a metric is told apart by.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Removed => "removed",
            Self::Outdated => "outdated",
            Self::Ignored => "ignored",
        }
    }
}

/// What may go away by trying again. It is the only error there is: a picture's own faults are an [`Outcome`].
#[derive(Debug, Error)]
pub(crate) enum ChangeError {
    /// S3 or `DynamoDB`.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The picture was not tried to its end.
    #[error(transparent)]
    Lane(#[from] LaneError),
    /// Nobody could be told.
    #[error("the event does not serialize")]
    Event(#[from] serde_json::Error),
}

/// Brings variants and record to what the *bucket* says now; the event only says where to look.
///
/// Who decides what: a fault of the picture is recorded and the event acknowledged, here. A fault of a service is
/// returned, and the batch hands the message back to the queue, which decides by its redrive policy when it is
/// enough. Order is decided by the table, which refuses a write with an older `sequencer`.
pub(crate) async fn carry_out(
    worker: Worker<'_>,
    change: &ObjectChange,
    report: &mut Report,
) -> Result<Outcome, ChangeError> {
    let workbench = worker.workbench;
    if change.bucket != workbench.bucket() {
        tracing::warn!(bucket = change.bucket, "ignored: another bucket");
        return Ok(Outcome::Ignored);
    }
    let key = match OriginalKey::parse(workbench.stage(), &change.key) {
        Ok(key) => key,
        Err(error) => {
            tracing::warn!(key = change.key, %error, "ignored: not a key of ours");
            return Ok(Outcome::Ignored);
        }
    };
    report.image = Some(key.image);
    // Both are those of the upload, and known once its original has been read.
    let span =
        tracing::info_span!("change", image = %key.image, upload = Empty, uploadTrace = Empty);
    let work = async {
        let outcome = match change.change {
            Change::Created => created(worker, change, &key, report).await,
            Change::Removed => removed(workbench, change, &key).await,
        }?;
        tracing::info!(%key, ?outcome, "done");
        Ok(outcome)
    };
    work.instrument(span).await
}

/// Says in the log whose upload it was that is worked on.
fn remember(origin: &Origin) {
    let span = Span::current();
    span.record("upload", origin.request_id());
    span.record("uploadTrace", origin.trace());
}

async fn created(
    worker: Worker<'_>,
    change: &ObjectChange,
    key: &OriginalKey,
    report: &mut Report,
) -> Result<Outcome, ChangeError> {
    let Worker {
        lane, workbench, ..
    } = worker;
    let limit = lane.max_bytes();
    let (size_bytes, made) = match workbench.read_original(key, limit).await {
        Ok(ReadOriginal { bytes, origin }) => {
            remember(&origin);
            (
                u64::try_from(bytes.len()).unwrap_or(u64::MAX),
                lane.make(bytes).await?,
            )
        }
        Err(ServiceError::NotFound { .. }) => return clean_up(workbench, change, key).await,
        Err(ServiceError::TooLarge {
            size_bytes,
            max_bytes,
            ..
        }) => {
            let message = format!("the file has {size_bytes} bytes; the limit is {max_bytes}");
            (
                size_bytes,
                Err(Failure::new(FailureCode::TooManyBytes, message)),
            )
        }
        Err(error) => return Err(error.into()),
    };
    report.bytes = Some(size_bytes);
    report.timings = made.as_ref().ok().map(|made| made.picture.timings);
    report.code = made.as_ref().err().map(|failure| failure.code.clone());
    let folder = VariantFolder::from(key);
    let (completion, outcome) = match made {
        Ok(made) => (
            Completion::Ready(write(workbench, &folder, made).await?),
            Outcome::Ready,
        ),
        Err(failure) => {
            tracing::info!(%key, code = failure.code, "the picture can't be processed");
            workbench.remove_variants(&folder).await?;
            (Completion::Failed(failure), Outcome::Failed)
        }
    };
    let original = Original {
        extension: key.extension.clone(),
        size_bytes,
    };
    let complete =
        |which| workbench.complete(key, &change.sequencer, &original, &completion, which);
    match complete(Completable::Visible).await {
        Ok(()) => {}
        // A later event has been here, or the image was deleted while we worked, or it was hidden before and its
        // original has come after all. The bucket knows.
        Err(ServiceError::Precondition { .. }) => {
            if !workbench.original_exists(key).await? {
                return clean_up(workbench, change, key).await;
            }
            match complete(Completable::Any).await {
                Ok(()) => {}
                Err(ServiceError::Precondition { .. }) => return Ok(Outcome::Outdated),
                Err(error) => return Err(error.into()),
            }
        }
        Err(error) => return Err(error.into()),
    }
    // The original may have been deleted while we worked. Its removal event may have been handled before our
    // writes, and there will not be another.
    if !workbench.original_exists(key).await? {
        return clean_up(workbench, change, key).await;
    }
    announce(worker, key, &completion).await?;
    Ok(outcome)
}

/// Comes last, so that whoever hears of it finds the record as it says. Where it fails, all of it is done again.
async fn announce(
    worker: Worker<'_>,
    key: &OriginalKey,
    completion: &Completion,
) -> Result<(), ChangeError> {
    if !worker.announcer.is_silent() {
        let event = CompletionEvent::new(key, completion, OffsetDateTime::now_utc())?;
        worker.announcer.announce(event).await?;
    }
    Ok(())
}

/// A late removal: the key may have been written again, and then a created event has come, or will.
async fn removed(
    workbench: &Workbench,
    change: &ObjectChange,
    key: &OriginalKey,
) -> Result<Outcome, ChangeError> {
    if workbench.original_exists(key).await? {
        Ok(Outcome::Outdated)
    } else {
        clean_up(workbench, change, key).await
    }
}

/// The record goes first: should the variants' turn never come, a second try finds no record, which is fine, and
/// goes on. The other way round, a record would promise variants that are gone.
async fn clean_up(
    workbench: &Workbench,
    change: &ObjectChange,
    key: &OriginalKey,
) -> Result<Outcome, ChangeError> {
    match workbench.remove_record(key, &change.sequencer).await {
        Ok(()) => {}
        Err(ServiceError::Precondition { .. }) => return Ok(Outcome::Outdated),
        Err(error) => return Err(error.into()),
    }
    workbench.remove_variants(&VariantFolder::from(key)).await?;
    Ok(Outcome::Removed)
}

async fn write(
    workbench: &Workbench,
    folder: &VariantFolder,
    made: Made,
) -> Result<Facts, ServiceError> {
    let Made { picture, sha256 } = made;
    let mut thumbnails = Vec::with_capacity(picture.variants.len());
    for variant in picture.variants {
        thumbnails.push(Thumbnail {
            name: variant.name.clone(),
            width: variant.width,
            height: variant.height,
            size_bytes: u64::try_from(variant.bytes.len()).unwrap_or(u64::MAX),
            format: variant.format,
        });
        workbench
            .write_variant(folder, &variant.name, variant.format, variant.bytes)
            .await?;
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
    })
}
