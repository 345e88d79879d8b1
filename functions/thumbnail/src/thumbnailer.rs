//! The thumbnailer, of which there is one: a function has the CPU for one image at a time.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

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
    /// The one place. After an overrun, another takes its place.
    free: Mutex<Arc<Semaphore>>,
    overdue: AtomicUsize,
}

/// The most images that may be overdue at once, each on a thread that still holds its memory. With
/// the image that is being processed they are three, which fit into the function's memory.
const MAX_OVERDUE: usize = 2;

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
    /// Several images are still in a codec, after their deadlines.
    #[error("overdue images still occupy the thumbnailer")]
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
            free: Mutex::new(Arc::new(Semaphore::new(1))),
            overdue: AtomicUsize::new(0),
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

    /// Whether an image was overdue. The process then has a thread too many, and should end with
    /// its batch.
    pub(crate) fn is_worn_out(&self) -> bool {
        self.overdue.load(Ordering::Relaxed) > 0
    }

    /// Waits for the thumbnailer and then for the image, each for at most the deadline of an image.
    ///
    /// The engine checks its deadline between its stages. A call of a codec can't be interrupted.
    /// In that case the *wait* ends in time, as `timed_out`, and the thread continues until the
    /// codec returns. The next image, which may be another user's, does not wait for that: it is
    /// processed on another thread. Only after [`MAX_OVERDUE`] such images are the next ones
    /// refused, with [`ThumbnailError::Busy`].
    pub(crate) async fn make(
        &self,
        bytes: Vec<u8>,
    ) -> Result<Result<Made, Failure>, ThumbnailError> {
        let deadline = self.recipe.limits.image_deadline;
        let permit = loop {
            match timeout(deadline, self.place().acquire_owned()).await {
                Ok(Ok(permit)) => break permit,
                // The image before this one is overdue, and there is another place.
                Ok(Err(_)) => {}
                Err(_) => return Err(ThumbnailError::Busy),
            }
        };
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
                self.make_room();
                let millis = deadline.as_millis();
                Ok(Err(Failure::new(
                    FailureCode::TimedOut,
                    format!("the image takes longer than {millis} ms"),
                )))
            }
        }
    }

    fn place(&self) -> Arc<Semaphore> {
        Arc::clone(&self.free.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Leaves the overdue image alone, and makes room for the next.
    fn make_room(&self) {
        let overdue = self.overdue.fetch_add(1, Ordering::Relaxed) + 1;
        tracing::error!(
            overdue,
            "codec exceeded the deadline; it runs until it returns"
        );
        if overdue <= MAX_OVERDUE {
            let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
            // Who waits for the old place is told to look for the new one.
            std::mem::replace(&mut *free, Arc::new(Semaphore::new(1))).close();
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
        let _overdue = thumbnailer.place().acquire_owned().await.unwrap();
        let made = thumbnailer.make(b"\xFF\xD8\xFF\xD9".to_vec()).await;
        assert!(matches!(made, Err(ThumbnailError::Busy)));
    }

    #[tokio::test]
    async fn an_overdue_image_does_not_hold_up_the_next() {
        let thumbnailer = thumbnailer(Duration::from_mins(1));
        assert!(!thumbnailer.is_worn_out());
        let mut overdue = Vec::new();
        for _ in 0..MAX_OVERDUE {
            overdue.push(thumbnailer.place().acquire_owned().await.unwrap());
            let next = thumbnailer.make(b"hello".to_vec());
            let room = async {
                tokio::task::yield_now().await;
                thumbnailer.make_room();
            };
            let (made, ()) = tokio::join!(next, room);
            assert_eq!(made.unwrap().unwrap_err().code, "unsupported_format");
        }
        assert!(thumbnailer.is_worn_out());
    }

    #[tokio::test]
    async fn overdue_images_do_not_add_up_without_end() {
        let thumbnailer = thumbnailer(Duration::from_millis(10));
        let mut overdue = Vec::new();
        for _ in 0..=MAX_OVERDUE {
            overdue.push(thumbnailer.place().acquire_owned().await.unwrap());
            thumbnailer.make_room();
        }
        let made = thumbnailer.make(b"\xFF\xD8\xFF\xD9".to_vec()).await;
        assert!(matches!(made, Err(ThumbnailError::Busy)));
    }
}
