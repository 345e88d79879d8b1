//! What an original may cost. Every limit is checked before the memory or the time is spent.

use std::time::{Duration, Instant};

use media::failure::{Failure, FailureCode};

/// The most that an original may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: u64,
    /// Width × height.
    pub pixels: u64,
    /// Width, and height.
    pub edge: u32,
    /// Of an animation. Only the first is decoded, but a file that holds more than any animation has is no animation.
    pub frames: u32,
    /// Bytes of the decoded picture, of what its decoder keeps beside it, and of the largest variant in the making.
    pub decoded_bytes: u64,
    /// Wall-clock time, looked at between the stages of the work: a codec's call is not interrupted.
    pub deadline: Duration,
}

impl Limits {
    pub(crate) fn check_bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        refuse_above(self.bytes, size, FailureCode::TooManyBytes, || {
            format!("the file has {size} bytes")
        })
    }

    pub(crate) fn check_size(&self, width: u32, height: u32) -> Result<(), Failure> {
        let longest = width.max(height);
        refuse_above(
            self.edge.into(),
            longest.into(),
            FailureCode::TooLargeEdge,
            || format!("the picture's longest edge is {longest} pixels"),
        )?;
        let pixels = u64::from(width) * u64::from(height);
        refuse_above(self.pixels, pixels, FailureCode::TooManyPixels, || {
            format!("the picture has {width} x {height} = {pixels} pixels")
        })
    }

    /// Frames are counted up to one more than the limit, so the message does not say how many there are.
    pub(crate) fn check_frames(&self, frames: u32) -> Result<(), Failure> {
        refuse_above(
            self.frames.into(),
            frames.into(),
            FailureCode::TooManyFrames,
            || "the animation has too many frames".to_owned(),
        )
    }

    pub(crate) fn check_memory(&self, decoded_bytes: u64) -> Result<(), Failure> {
        refuse_above(
            self.decoded_bytes,
            decoded_bytes,
            FailureCode::TooMuchMemory,
            || format!("decoding the picture would need {decoded_bytes} bytes"),
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

/// When the work must be over.
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

    /// Fails once the time is over.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.start.elapsed() >= self.limit {
            return Err(Failure::new(
                FailureCode::TimedOut,
                format!(
                    "the picture takes longer than {} ms",
                    self.limit.as_millis()
                ),
            ));
        }
        Ok(())
    }
}
