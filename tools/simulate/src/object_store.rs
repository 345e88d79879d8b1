//! S3's partitions: each takes so many requests a second, and splits under sustained load.

use std::time::Duration;

use crate::{
    limits::{Limit, Quotas},
    token_bucket::TokenBucket,
};

/// The share of a partition's rate that is a high load, and how long it has to last before the
/// partition is split. *Assumed*: AWS says that S3 scales gradually, and not how fast.
const HIGH: f64 = 0.8;
const SUSTAINED: Duration = Duration::from_mins(10);

/// The bucket. Keys are places from 0 to 1: the users' originals in the lower half, their variants
/// in the upper.
#[derive(Debug)]
pub(crate) struct ObjectStore {
    rates: (f64, f64),
    partitions: Vec<Partition>,
}

#[derive(Clone, Copy, Debug)]
struct Partition {
    from: f64,
    writes: TokenBucket,
    reads: TokenBucket,
    /// Asked for in the current second, whether granted or not.
    written: f64,
    read: f64,
    is_high_since: Option<Duration>,
}

impl ObjectStore {
    pub(crate) fn new(quotas: &Quotas) -> Self {
        let rates = (quotas.s3_writes, quotas.s3_reads);
        Self {
            rates,
            partitions: vec![Partition::new(0.0, rates)],
        }
    }

    pub(crate) fn partitions(&self) -> usize {
        self.partitions.len()
    }

    /// Puts so many objects below a prefix.
    pub(crate) fn put(&mut self, place: f64, objects: u32, now: Duration) -> Result<(), Limit> {
        let partition = self.at(place);
        partition.written += f64::from(objects);
        if partition.writes.take(f64::from(objects), now) {
            Ok(())
        } else {
            Err(Limit::S3Writes)
        }
    }

    /// Gets an object.
    pub(crate) fn get(&mut self, place: f64, now: Duration) -> Result<(), Limit> {
        let partition = self.at(place);
        partition.read += 1.0;
        if partition.reads.take(1.0, now) {
            Ok(())
        } else {
            Err(Limit::S3Reads)
        }
    }

    fn at(&mut self, place: f64) -> &mut Partition {
        let after = self.partitions.partition_point(|one| one.from <= place);
        &mut self.partitions[after.saturating_sub(1)]
    }

    /// Ends a second: splits partitions whose load was high for long.
    pub(crate) fn end_second(&mut self, now: Duration) {
        let mut split = Vec::new();
        for (index, one) in self.partitions.iter_mut().enumerate() {
            let is_high = one.written > HIGH * self.rates.0 || one.read > HIGH * self.rates.1;
            (one.written, one.read) = (0.0, 0.0);
            one.is_high_since = is_high.then(|| one.is_high_since.unwrap_or(now));
            if one
                .is_high_since
                .is_some_and(|since| since + SUSTAINED <= now)
            {
                split.push(index);
            }
        }
        for index in split.into_iter().rev() {
            let until = self.partitions.get(index + 1).map_or(1.0, |next| next.from);
            let from = self.partitions[index].from;
            self.partitions[index].is_high_since = None;
            let half = Partition::new(f64::midpoint(from, until), self.rates);
            self.partitions.insert(index + 1, half);
        }
    }
}

impl Partition {
    fn new(from: f64, (writes, reads): (f64, f64)) -> Self {
        Self {
            from,
            writes: TokenBucket::per_second(writes),
            reads: TokenBucket::per_second(reads),
            written: 0.0,
            read: 0.0,
            is_high_since: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts evenly for so many seconds; returns how many of the last second's were refused.
    fn refused(per_second: u32, seconds: u64) -> u32 {
        let mut store = ObjectStore::new(&Quotas::default());
        let mut refused = 0;
        for second in 0..seconds {
            refused = 0;
            for number in 0..per_second {
                let share = f64::from(number) / f64::from(per_second);
                let now = Duration::from_secs(second) + Duration::from_secs_f64(share);
                // Users at random places, in any order.
                let place = (share * 7_919.0).fract();
                refused += u32::from(store.put(place, 1, now).is_err());
            }
            store.end_second(Duration::from_secs(second + 1));
        }
        refused
    }

    #[test]
    fn below_the_rate_nothing_is_refused() {
        assert_eq!(refused(3_400, 5), 0);
    }

    #[test]
    fn above_the_rate_the_rest_is_refused_until_the_partition_is_split() {
        assert!(refused(5_000, 5) > 1_000);
        assert_eq!(refused(5_000, 620), 0);
    }

    #[test]
    fn a_low_load_never_splits() {
        let mut store = ObjectStore::new(&Quotas::default());
        for second in 0..2_000 {
            assert!(store.put(0.3, 100, Duration::from_secs(second)).is_ok());
            store.end_second(Duration::from_secs(second + 1));
        }
        assert_eq!(store.partitions(), 1);
    }
}
