//! The one thumbnailer on which pictures are made: decoding is memory and CPU, and there is enough of both for one.

use std::sync::Arc;

use common::sha256_sum::Sha256Sum;
use engine::{Picture, Recipe, VariantSet};
use media::failure::{Failure, FailureCode};
use thiserror::Error;
use tokio::{sync::Semaphore, task::JoinError, time::timeout};

/// Makes one picture at a time, on a thread of its own: the async thread has other things to do.
#[derive(Debug)]
pub(crate) struct Thumbnailer {
    recipe: Arc<Recipe>,
    variant_set: VariantSet,
    free: Arc<Semaphore>,
}

/// A picture and the digest of its file.
#[derive(Debug)]
pub(crate) struct Made {
    /// As the engine made it.
    pub picture: Picture,
    /// 64 hexadecimal digits.
    pub sha256: String,
}

/// Why a picture was not even tried, or not to its end. It is none of its own faults, and may go away.
#[derive(Debug, Error)]
pub(crate) enum ThumbnailError {
    /// A picture before it is still being made, beyond its deadline.
    #[error("an overdue picture still occupies the lane")]
    Busy,
    /// The thread that did the work was cancelled.
    #[error("the work was cut short")]
    Cancelled(#[source] JoinError),
}

impl Thumbnailer {
    pub(crate) fn new(recipe: Arc<Recipe>) -> Self {
        Self {
            variant_set: VariantSet::new(&recipe.variants, recipe.jpeg_quality),
            recipe,
            free: Arc::new(Semaphore::new(1)),
        }
    }

    /// The most bytes that an original may have.
    pub(crate) fn max_bytes(&self) -> u64 {
        self.recipe.limits.bytes
    }

    /// What it makes.
    pub(crate) fn variant_set(&self) -> &VariantSet {
        &self.variant_set
    }

    /// Waits for the thumbnailer, then for the picture, and for neither longer than a picture may take.
    ///
    /// The engine looks at its deadline between its stages. Within a codec's call nothing can stop it: then the *wait*
    /// ends in time, as `timed_out`, and the thread goes on until the codec returns. It keeps the thumbnailer until then, so
    /// that there are never two pictures in memory; pictures behind it are refused with [`ThumbnailError::Busy`].
    pub(crate) async fn make(
        &self,
        bytes: Vec<u8>,
    ) -> Result<Result<Made, Failure>, ThumbnailError> {
        let deadline = self.recipe.limits.deadline;
        let permit = timeout(deadline, Arc::clone(&self.free).acquire_owned())
            .await
            .map_err(|_| ThumbnailError::Busy)?
            .map_err(|_| ThumbnailError::Busy)?;
        let recipe = Arc::clone(&self.recipe);
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let picture = engine::generate(&recipe, &bytes)?;
            Ok(Made {
                picture,
                sha256: Sha256Sum::of(&bytes).to_hex(),
            })
        });
        match timeout(deadline, work).await {
            Ok(Ok(made)) => Ok(made),
            Ok(Err(error)) => Err(ThumbnailError::Cancelled(error)),
            Err(_) => {
                tracing::error!("a codec does not return in time");
                let millis = deadline.as_millis();
                Ok(Err(Failure::new(
                    FailureCode::TimedOut,
                    format!("the picture takes longer than {millis} ms"),
                )))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use engine::{Limits, VariantSpec};

    use super::*;

    fn thumbnailer(deadline: Duration) -> Thumbnailer {
        Thumbnailer::new(Arc::new(Recipe {
            variants: VariantSpec::parse_list("small:16").unwrap(),
            jpeg_quality: 80,
            limits: Limits {
                bytes: 1 << 20,
                pixels: 1 << 20,
                edge: 1 << 10,
                frames: 10,
                decoded_bytes: 1 << 24,
                deadline,
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
    async fn a_picture_that_is_overdue_fails_by_its_own_code() {
        let made = thumbnailer(Duration::ZERO);
        // Whoever waits no time at all still gets a thumbnailer that is free.
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
