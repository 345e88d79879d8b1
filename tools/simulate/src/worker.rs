//! The worker's critical path: what happens to a batch. The simulation and the check against
//! measurements use the same code.
//!
//! All originals are read at once, as far as the byte budget goes. Images are decoded one after
//! another. The variants of an image are put together, then its record is written. The response
//! goes out when all are done.

use std::time::Duration;

/// Times of one image of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ImageTimes {
    pub(crate) bytes: u64,
    pub(crate) get: Duration,
    pub(crate) cpu: Duration,
    /// The longest of the puts, which go together.
    pub(crate) put: Duration,
}

/// Computes, for each image in order, the time from the batch's start until its record can be
/// written.
pub(crate) fn times_to_write(images: &[ImageTimes], read_ahead_bytes: u64) -> Vec<Duration> {
    let mut decoded: Vec<Duration> = Vec::with_capacity(images.len());
    // The first image whose bytes are still in memory when the next one is read.
    let (mut oldest, mut held) = (0, 0);
    let (mut read_at, mut cpu_free) = (Duration::ZERO, Duration::ZERO);
    let mut ready_to_write = Vec::with_capacity(images.len());
    for image in images {
        while held > 0 && held + image.bytes > read_ahead_bytes {
            held -= images[oldest].bytes;
            read_at = read_at.max(decoded[oldest]);
            oldest += 1;
        }
        held += image.bytes;
        cpu_free = cpu_free.max(read_at + image.get) + image.cpu;
        decoded.push(cpu_free);
        ready_to_write.push(cpu_free + image.put);
    }
    ready_to_write
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    const IMAGE: ImageTimes = ImageTimes {
        bytes: 10,
        get: millis(20),
        cpu: millis(16),
        put: millis(30),
    };

    #[test]
    fn one_image_takes_the_sum() {
        assert_eq!(times_to_write(&[IMAGE], 100), [millis(66)]);
    }

    #[test]
    fn reads_overlap_and_decoding_does_not() {
        let times = times_to_write(&[IMAGE; 3], 100);
        assert_eq!(times, [millis(66), millis(82), millis(98)]);
    }

    #[test]
    fn an_original_beyond_the_budget_is_read_when_another_is_decoded() {
        let times = times_to_write(&[IMAGE; 3], 20);
        // The third is read from 36 to 56, while the second is decoded until 52.
        assert_eq!(times, [millis(66), millis(82), millis(102)]);
    }

    #[test]
    fn an_original_larger_than_the_budget_is_read_alone() {
        assert_eq!(times_to_write(&[IMAGE; 2], 5), [millis(66), millis(102)]);
    }
}
