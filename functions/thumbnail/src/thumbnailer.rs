//! The thumbnailer, of which there is one: a function has the CPU for one image at a time.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use std::time::SystemTime;

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
    /// The turn of one image.
    turn: Semaphore,
    /// The threads: one, and one for each image that may be overdue.
    threads: Arc<Semaphore>,
    is_worn_out: AtomicBool,
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
    /// The invocation ends before this image would.
    #[error("too little time is left in this invocation")]
    OutOfTime,
    /// The blocking task was cancelled or panicked.
    #[error("the thumbnailer's task did not finish")]
    Cancelled(#[source] JoinError),
}

impl Thumbnailer {
    pub(crate) fn new(recipe: Arc<Recipe>) -> Self {
        Self {
            variant_set: recipe.variant_set(),
            recipe,
            turn: Semaphore::new(1),
            threads: Arc::new(Semaphore::new(1 + MAX_OVERDUE)),
            is_worn_out: AtomicBool::new(false),
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

    /// Whether an image was overdue. The process may have a thread too many, and should end with
    /// its batch.
    pub(crate) fn is_worn_out(&self) -> bool {
        self.is_worn_out.load(Ordering::Relaxed)
    }

    /// Waits for its turn, then for a thread, then for the image; for the latter two at most the
    /// deadline of an image each. An image whose turn comes after `last_start` is not begun.
    ///
    /// The engine checks its deadline between its stages. A call of a codec can't be interrupted.
    /// In that case the *wait* ends in time, as `timed_out`, and the thread continues until the
    /// codec returns. The next image, which may be another user's, does not wait for that: it is
    /// processed on another thread. Only while more than [`MAX_OVERDUE`] such images are under way
    /// are the next ones refused, with [`ThumbnailError::Busy`].
    pub(crate) async fn make(
        &self,
        bytes: Vec<u8>,
        last_start: SystemTime,
    ) -> Result<Result<Made, Failure>, ThumbnailError> {
        let deadline = self.recipe.limits.image_deadline;
        // The semaphores are never closed.
        let _turn = self.turn.acquire().await;
        if SystemTime::now() > last_start {
            return Err(ThumbnailError::OutOfTime);
        }
        let thread = Arc::clone(&self.threads).acquire_owned();
        let Ok(thread) = timeout(deadline, thread).await else {
            return Err(ThumbnailError::Busy);
        };
        let recipe = Arc::clone(&self.recipe);
        let work = tokio::task::spawn_blocking(move || {
            let _thread = thread;
            let image = engine::generate(&recipe, &bytes)?;
            Ok(Made {
                image,
                sha256: Sha256Sum::of(&bytes).to_hex(),
            })
        });
        match timeout(deadline, work).await {
            Ok(Ok(made)) => Ok(made),
            Ok(Err(error)) => Err(ThumbnailError::Cancelled(error)),
            Err(_) => Ok(Err(self.left_alone())),
        }
    }

    /// Notes that an image is overdue, and returns its failure.
    fn left_alone(&self) -> Failure {
        self.is_worn_out.store(true, Ordering::Relaxed);
        tracing::error!("codec exceeded the deadline; it runs until it returns");
        let millis = self.recipe.limits.image_deadline.as_millis();
        let message = format!("the image takes longer than {millis} ms");
        Failure::new(FailureCode::TimedOut, message)
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

    fn in_an_hour() -> SystemTime {
        SystemTime::now() + Duration::from_hours(1)
    }

    #[tokio::test]
    async fn a_fault_of_the_image_is_not_one_of_the_thumbnailer() {
        let made = thumbnailer(Duration::from_mins(1))
            .make(b"hello".to_vec(), in_an_hour())
            .await;
        assert_eq!(made.unwrap().unwrap_err().code, "unsupported_format");
    }

    #[tokio::test]
    async fn an_image_that_is_overdue_fails_by_its_own_code() {
        let thumbnailer = thumbnailer(Duration::ZERO);
        // A timeout of zero still acquires a thread that is free. Either the wait ends or the
        // engine does, whichever is first.
        let failure = thumbnailer.make(b"\xFF\xD8\xFF\xD9".to_vec(), in_an_hour());
        assert_eq!(failure.await.unwrap().unwrap_err().code, "timed_out");
    }

    #[test]
    fn an_image_that_is_left_alone_wears_the_process_out() {
        let thumbnailer = thumbnailer(Duration::from_mins(1));
        assert!(!thumbnailer.is_worn_out());
        assert_eq!(thumbnailer.left_alone().code, "timed_out");
        assert!(thumbnailer.is_worn_out());
    }

    #[tokio::test]
    async fn an_image_is_not_begun_where_it_would_be_cut_off() {
        let made = thumbnailer(Duration::from_mins(1))
            .make(b"hello".to_vec(), SystemTime::UNIX_EPOCH)
            .await;
        assert!(matches!(made, Err(ThumbnailError::OutOfTime)));
    }

    #[tokio::test]
    async fn a_busy_thumbnailer_is_no_fault_of_the_image() {
        let thumbnailer = thumbnailer(Duration::from_millis(10));
        let all = u32::try_from(1 + MAX_OVERDUE).unwrap();
        let _overdue = thumbnailer.threads.acquire_many(all).await.unwrap();
        let made = thumbnailer.make(b"\xFF\xD8\xFF\xD9".to_vec(), in_an_hour());
        assert!(matches!(made.await, Err(ThumbnailError::Busy)));
    }

    #[tokio::test]
    async fn overdue_images_do_not_hold_up_the_next() {
        let thumbnailer = thumbnailer(Duration::from_mins(1));
        let overdue = u32::try_from(MAX_OVERDUE).unwrap();
        let _overdue = thumbnailer.threads.acquire_many(overdue).await.unwrap();
        let made = thumbnailer.make(b"hello".to_vec(), in_an_hour()).await;
        assert_eq!(made.unwrap().unwrap_err().code, "unsupported_format");
    }

    #[tokio::test]
    async fn a_wait_for_the_turn_is_no_overrun() {
        let thumbnailer = thumbnailer(Duration::from_millis(500));
        let turn = thumbnailer.turn.acquire().await.unwrap();
        let waits = thumbnailer.make(b"hello".to_vec(), in_an_hour());
        let passes = async {
            tokio::time::sleep(Duration::from_millis(600)).await;
            drop(turn);
        };
        let (made, ()) = tokio::join!(waits, passes);
        assert_eq!(made.unwrap().unwrap_err().code, "unsupported_format");
    }
}
