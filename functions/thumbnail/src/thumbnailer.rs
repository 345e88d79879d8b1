//! The thumbnailer, of which there is one: a function has the memory and the CPU for one image at a
//! time.

use std::sync::Arc;

use common::sha256_sum::Sha256Sum;
use engine::{ProcessedImage, Recipe, VariantSet};
use media::failure::{Failure, FailureCode};
use thiserror::Error;
use tokio::{sync::Semaphore, task::JoinError, time::timeout};

/// A thumbnailer for one image at a time, on a thread of its own, so that decoding does not block
/// the async thread.
#[derive(Debug)]
pub(crate) struct Thumbnailer {
    recipe: Arc<Recipe>,
    variant_set: VariantSet,
    free: Arc<Semaphore>,
}

/// The variants and metadata of an image, and the digest of its original.
#[derive(Debug)]
pub(crate) struct Made {
    /// The engine's result.
    pub image: ProcessedImage,
    /// The SHA-256 in 64 hexadecimal digits.
    pub sha256: String,
}

/// The reason why an image was not processed to its end. It is no fault of the image, and a retry
/// may help.
#[derive(Debug, Error)]
pub(crate) enum ThumbnailError {
    /// The previous image is still in a codec, after its deadline.
    #[error("an overdue image still occupies the thumbnailer")]
    Busy,
    /// The blocking task was cancelled or panicked.
    #[error("the thumbnailer's task did not finish")]
    Cancelled(#[source] JoinError),
}

impl Thumbnailer {
    pub(crate) fn new(recipe: Arc<Recipe>) -> Self {
        Self {
            variant_set: recipe.variant_set(),
            recipe,
            free: Arc::new(Semaphore::new(1)),
        }
    }

    /// Returns the limit of an original's size in bytes.
    pub(crate) fn max_image_bytes(&self) -> u64 {
        self.recipe.limits.max_image_bytes
    }

    /// Returns the set of variants that it makes.
    pub(crate) fn variant_set(&self) -> &VariantSet {
        &self.variant_set
    }

    /// Returns the version of the set of facts that it reads.
    pub(crate) fn fact_set(&self) -> &'static str {
        self.recipe.keep_location.fact_set()
    }

    /// Waits for the thumbnailer and then for the image, each for at most the deadline of an image.
    ///
    /// The engine checks its deadline between its stages. A call of a codec can't be interrupted.
    /// In that case the *wait* ends in time, as `timed_out`, and the thread continues until the
    /// codec returns. It keeps the thumbnailer until then, so that there are never two images in
    /// memory. The next images are refused with [`ThumbnailError::Busy`].
    pub(crate) async fn make(
        &self,
        bytes: Vec<u8>,
    ) -> Result<Result<Made, Failure>, ThumbnailError> {
        let deadline = self.recipe.limits.image_deadline;
        let permit = timeout(deadline, Arc::clone(&self.free).acquire_owned())
            .await
            .map_err(|_| ThumbnailError::Busy)?
            .map_err(|_| ThumbnailError::Busy)?;
        let recipe = Arc::clone(&self.recipe);
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let image = engine::generate(&recipe, &bytes)?;
            Ok(Made {
                image,
                sha256: Sha256Sum::of(&bytes).to_hex(),
            })
        });
        match timeout(deadline, work).await {
            Ok(Ok(made)) => Ok(made),
            Ok(Err(error)) => Err(ThumbnailError::Cancelled(error)),
            Err(_) => {
                tracing::error!(
                    "codec exceeded the deadline; thumbnailer is busy until it returns"
                );
                let millis = deadline.as_millis();
                Ok(Err(Failure::new(
                    FailureCode::TimedOut,
                    format!("the image takes longer than {millis} ms"),
                )))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use engine::{KeepLocation, Limits, VariantSpec};

    use super::*;

    fn thumbnailer(deadline: Duration) -> Thumbnailer {
        Thumbnailer::new(Arc::new(Recipe {
            variants: VariantSpec::parse_list("small:16").unwrap(),
            jpeg_quality: 80,
            keep_location: KeepLocation::Off,
            accept_heic: true,
            limits: Limits {
                max_image_bytes: 1 << 20,
                max_image_pixels: 1 << 20,
                max_image_edge: 1 << 10,
                max_image_frames: 10,
                max_decoded_bytes: 1 << 24,
                image_deadline: deadline,
            },
        }))
    }

    #[tokio::test]
    async fn a_fault_of_the_image_is_not_one_of_the_thumbnailer() {
        let made = thumbnailer(Duration::from_mins(1))
            .make(b"hello".to_vec())
            .await;
        assert_eq!(made.unwrap().unwrap_err().code, "unsupported_format");
    }

    #[tokio::test]
    async fn an_image_that_is_overdue_fails_by_its_own_code() {
        let made = thumbnailer(Duration::ZERO);
        // A timeout of zero still acquires a thumbnailer that is free.
        let failure = made.make(b"\xFF\xD8\xFF\xD9".to_vec()).await;
        assert_eq!(failure.unwrap().unwrap_err().code, "timed_out");
    }

    #[tokio::test]
    async fn a_busy_thumbnailer_is_no_fault_of_the_image() {
        let thumbnailer = thumbnailer(Duration::from_millis(10));
        let _overdue = Arc::clone(&thumbnailer.free).acquire_owned().await.unwrap();
        let made = thumbnailer.make(b"\xFF\xD8\xFF\xD9".to_vec()).await;
        assert!(matches!(made, Err(ThumbnailError::Busy)));
    }
}
