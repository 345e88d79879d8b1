//! Limits of the resources that an original may use. Every limit is checked before the memory is
//! allocated or the time is spent.

use std::time::{Duration, Instant};

use media::failure::{Failure, FailureCode};

/// Maximum resources that an original may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Maximum bytes of the file.
    pub max_image_bytes: u64,
    /// Maximum pixels, width × height.
    pub max_image_pixels: u64,
    /// Maximum width, and maximum height, in pixels.
    pub max_image_edge: u32,
    /// Maximum frames of an animation. Only the first is decoded, but a file with more frames than
    /// any animation has is refused.
    pub max_image_frames: u32,
    /// Maximum bytes of the decoded image, of its decoder's own buffers, and of the generation of
    /// the largest variant.
    pub max_decoded_bytes: u64,
    /// Maximum wall-clock time, checked between the stages of the work: a codec's call is not
    /// interrupted.
    pub image_deadline: Duration,
}

impl Limits {
    pub(crate) fn check_bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        refuse_above(
            self.max_image_bytes,
            size,
            FailureCode::TooManyBytes,
            || format!("the file has {size} bytes"),
        )
    }

    pub(crate) fn check_size(&self, width: u32, height: u32) -> Result<(), Failure> {
        let longest = width.max(height);
        refuse_above(
            self.max_image_edge.into(),
            longest.into(),
            FailureCode::TooLargeEdge,
            || format!("the image's longest edge is {longest} pixels"),
        )?;
        let pixels = u64::from(width) * u64::from(height);
        refuse_above(
            self.max_image_pixels,
            pixels,
            FailureCode::TooManyPixels,
            || format!("the image has {width} x {height} = {pixels} pixels"),
        )
    }

    /// Checks the number of frames. They are counted up to one more than the limit, so the message
    /// does not state the number.
    pub(crate) fn check_frames(&self, frames: u32) -> Result<(), Failure> {
        refuse_above(
            self.max_image_frames.into(),
            frames.into(),
            FailureCode::TooManyFrames,
            || "the animation has too many frames".to_owned(),
        )
    }

    pub(crate) fn check_memory(&self, decoded_bytes: u64) -> Result<(), Failure> {
        refuse_above(
            self.max_decoded_bytes,
            decoded_bytes,
            FailureCode::TooMuchMemory,
            || format!("decoding the image would need {decoded_bytes} bytes"),
        )
    }
}

fn refuse_above(
    limit: u64,
    value: u64,
    code: FailureCode,
    what: impl FnOnce() -> String,
) -> Result<(), Failure> {
    if value > limit {
        return Err(Failure::new(
            code,
            format!("{}; the limit is {limit}", what()),
        ));
    }
    Ok(())
}

/// Point in time at which the work must end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    start: Instant,
    limit: Duration,
}

impl Deadline {
    pub(crate) fn start(limit: Duration) -> Self {
        Self {
            start: Instant::now(),
            limit,
        }
    }

    /// Fails after the deadline.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.start.elapsed() >= self.limit {
            return Err(Failure::new(
                FailureCode::TimedOut,
                format!("the image takes longer than {} ms", self.limit.as_millis()),
            ));
        }
        Ok(())
    }
}
