//! Where a picture's time goes.

use std::time::{Duration, Instant};

/// Wall-clock time, by what it was spent on. What is left of the whole is looking at the file and at the impression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// From the file to pixels.
    pub decode: Duration,
    /// From pixels to those of the variants, upright and in sRGB.
    pub resize: Duration,
    /// From pixels to files.
    pub encode: Duration,
}

/// Does the work, and adds its time.
pub(crate) fn timed<T>(total: &mut Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    *total += start.elapsed();
    done
}
