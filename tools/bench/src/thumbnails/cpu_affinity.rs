//! One processor for everybody.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Keeps this process, and those that it starts from now on, on one of the processors that it may
/// use. Which one.
///
/// Sharp has threads of its own whatever it is told, and a second one at work would be a second
/// processor's time in nobody's account: one thread each is one processor each.
pub(crate) fn keep_to_one() -> std::io::Result<usize> {
    let mine = sched_getaffinity(None)?;
    // The last: the first has the interrupts.
    let last = (0..CpuSet::MAX_CPU).rev().find(|cpu| mine.is_set(*cpu));
    let last = last.ok_or_else(|| std::io::Error::other("there is no processor"))?;
    let mut one = CpuSet::new();
    one.set(last);
    sched_setaffinity(None, &one)?;
    Ok(last)
}
