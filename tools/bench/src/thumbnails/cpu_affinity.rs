//! CPU affinity: one processor for all subjects.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Restricts this process, and those that it starts afterwards, to one of the processors that it
/// may use. Returns its number.
///
/// Sharp always has threads of its own, and on a second processor their time would not be counted:
/// one thread each means one processor each.
pub(crate) fn keep_to_one() -> std::io::Result<usize> {
    let mine = sched_getaffinity(None)?;
    // Selects the last processor: the first one handles interrupts.
    let last = (0..CpuSet::MAX_CPU).rev().find(|cpu| mine.is_set(*cpu));
    let last = last.ok_or_else(|| std::io::Error::other("the process may use no processor"))?;
    let mut one = CpuSet::new();
    one.set(last);
    sched_setaffinity(None, &one)?;
    Ok(last)
}
