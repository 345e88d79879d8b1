//! `DynamoDB` on demand, and the users' usage items.

use std::{collections::HashMap, time::Duration};

use crate::{
    limits::{Limit, Quotas},
    service_times::{PAGE_UNITS, RECORD_UNITS, USAGE_UNITS},
    token_bucket::TokenBucket,
};

/// The time before which a peak counts: the table takes double the peak of half an hour ago.
const PEAK_AGE: usize = 30;

/// Units of one direction (reads or writes) and the capacity for them.
#[derive(Debug)]
struct Capacity {
    bucket: TokenBucket,
    least: f64,
    most: f64,
    /// Units taken in the current minute, and the units a second of each minute before.
    taken: f64,
    minutes: Vec<f64>,
    peak: f64,
}

/// The quota of a table, for reads and for writes.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>
const TABLE_QUOTA: f64 = 40_000.0;

impl Capacity {
    fn new(least: f64) -> Self {
        Self {
            bucket: TokenBucket::per_second(least),
            least,
            most: TABLE_QUOTA.max(least),
            taken: 0.0,
            minutes: Vec::new(),
            peak: 0.0,
        }
    }

    fn take(&mut self, units: f64, now: Duration) -> bool {
        let is_there = self.bucket.take(units, now);
        if is_there {
            self.taken += units;
        }
        is_there
    }

    /// Ends a minute: capacity is double the highest minute of those half an hour ago.
    fn end_minute(&mut self) {
        self.minutes.push(self.taken / 60.0);
        self.taken = 0.0;
        if let Some(old) = self.minutes.len().checked_sub(PEAK_AGE) {
            self.peak = self.peak.max(self.minutes[old]);
        }
        let rate = (2.0 * self.peak).clamp(self.least, self.most);
        self.bucket.set_rate(rate);
    }
}

/// The table.
#[derive(Debug)]
pub(crate) struct Table {
    writes: Capacity,
    reads: Capacity,
    counts_usage: bool,
    partition_writes: f64,
    usage: HashMap<u32, UsageItem>,
}

#[derive(Debug)]
struct UsageItem {
    busy_until: Duration,
    partition: TokenBucket,
}

impl Table {
    pub(crate) fn new(quotas: &Quotas) -> Self {
        Self {
            writes: Capacity::new(quotas.table_writes),
            reads: Capacity::new(quotas.table_reads),
            counts_usage: quotas.counts_usage,
            partition_writes: quotas.partition_writes,
            usage: HashMap::new(),
        }
    }

    /// Writes without a transaction.
    pub(crate) fn write(&mut self, units: f64, now: Duration) -> Result<(), Limit> {
        if self.writes.take(units, now) {
            Ok(())
        } else {
            Err(Limit::TableWrites)
        }
    }

    /// Reads a page of a listing.
    pub(crate) fn read_page(&mut self, now: Duration) -> Result<(), Limit> {
        if self.reads.take(PAGE_UNITS, now) {
            Ok(())
        } else {
            Err(Limit::TableReads)
        }
    }

    /// Completes a record, in a transaction with its user's usage item that takes `time`. Two at
    /// once on one usage item conflict.
    pub(crate) fn complete(
        &mut self,
        user: u32,
        now: Duration,
        time: Duration,
    ) -> Result<(), Limit> {
        if !self.counts_usage {
            return self.write(RECORD_UNITS, now);
        }
        let item = self.usage.entry(user).or_insert_with(|| UsageItem {
            busy_until: Duration::ZERO,
            partition: TokenBucket::per_second(self.partition_writes),
        });
        if item.busy_until > now {
            return Err(Limit::UsageItem);
        }
        if !item.partition.take(USAGE_UNITS, now) {
            return Err(Limit::TablePartition);
        }
        if !self.writes.take(2.0 * RECORD_UNITS + USAGE_UNITS, now) {
            return Err(Limit::TableWrites);
        }
        item.busy_until = now + time;
        Ok(())
    }

    /// Ends a minute.
    pub(crate) fn end_minute(&mut self, now: Duration) {
        self.writes.end_minute();
        self.reads.end_minute();
        self.usage
            .retain(|_, item| item.busy_until + Duration::from_mins(1) > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(table: &mut Table, per_second: u32, from: u64, seconds: u64) -> Result<(), Limit> {
        for second in from..from + seconds {
            for number in 0..per_second {
                let within = Duration::from_secs(1) / per_second * number;
                table.write(1.0, Duration::from_secs(second) + within)?;
            }
            if second % 60 == 59 {
                table.end_minute(Duration::from_secs(second + 1));
            }
        }
        Ok(())
    }

    #[test]
    fn a_new_table_takes_four_thousand_writes_a_second_and_no_more() {
        let quotas = Quotas::default();
        assert!(written(&mut Table::new(&quotas), 3_900, 0, 10).is_ok());
        let refused = written(&mut Table::new(&quotas), 4_500, 0, 10);
        assert_eq!(refused, Err(Limit::TableWrites));
    }

    #[test]
    fn double_a_peak_is_taken_half_an_hour_later_and_not_before() {
        let mut table = Table::new(&Quotas::default());
        written(&mut table, 3_900, 0, 120).unwrap();
        assert!(written(&mut table, 7_000, 120, 10).is_err());
        for minute in 3..40 {
            table.end_minute(Duration::from_mins(minute));
        }
        assert!(written(&mut table, 7_000, 2_400, 10).is_ok());
    }

    #[test]
    fn transactions_of_one_user_conflict_at_once_and_not_one_after_another() {
        let mut table = Table::new(&Quotas::default());
        let (start, time) = (Duration::from_secs(1), Duration::from_millis(5));
        assert!(table.complete(1, start, time).is_ok());
        assert_eq!(table.complete(1, start, time), Err(Limit::UsageItem));
        assert!(table.complete(2, start, time).is_ok());
        assert!(table.complete(1, start + time, time).is_ok());
    }

    #[test]
    fn the_partition_of_a_usage_item_takes_a_thousand_units_a_second() {
        let refused = |per_second: u32| {
            let mut table = Table::new(&Quotas::default());
            (0..2 * per_second).any(|number| {
                let at = Duration::from_secs(1) / per_second * number;
                table.complete(1, at, Duration::ZERO) == Err(Limit::TablePartition)
            })
        };
        assert!(!refused(400));
        assert!(refused(1_100));
    }
}
