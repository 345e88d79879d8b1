//! Time that the engine spends on the stages of an image.

use std::time::{Duration, Instant};

/// Wall-clock time by stage. The rest of the total is spent on the file's structure and on the
/// placeholder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// Time from the file to pixels.
    pub decode: Duration,
    /// Time from pixels to those of the variants, upright and in sRGB.
    pub resize: Duration,
    /// Time from pixels to files.
    pub encode: Duration,
}

/// Runs `work`, and adds its time to the total.
pub(crate) fn timed<T>(total: &mut Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    *total += start.elapsed();
    done
}
