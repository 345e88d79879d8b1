//! One change of one original, carried through to its end.

use common::{
    keys::{OriginalKey, VariantFolder},
    record::{Completion, Facts, Impression, Thumbnail},
    s3_event::ObjectChange,
    service_error::ServiceError,
    workbench::{Contents, Outcome, Restless, Workbench},
};
use engine::VariantSet;
use media::failure::{Failure, FailureCode};
use thiserror::Error;

use crate::lane::{Lane, LaneError, Made};

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
) -> Result<Outcome, ChangeError> {
    let complete = async |key: &OriginalKey, found| complete(lane, workbench, key, found).await;
    workbench.settle(change, lane.max_bytes(), complete).await
}

async fn complete(
    lane: &Lane,
    workbench: &Workbench,
    key: &OriginalKey,
    original: Contents,
) -> Result<Completion, ChangeError> {
    let made = match original {
        Contents::Whole { bytes, .. } => lane.make(bytes).await?,
        Contents::TooLarge { size_bytes, .. } => {
            let max_bytes = lane.max_bytes();
            let message = format!("the file has {size_bytes} bytes; the limit is {max_bytes}");
            Err(Failure::new(FailureCode::TooManyBytes, message))
        }
    };
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
