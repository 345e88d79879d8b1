//! CPU affinity: one processor for all subjects.

use rustix::{
    process::Pid,
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};

/// Restricts this process, and those that it starts afterwards, to one of the processors that it
/// may use. Returns its number.
///
/// Sharp always has threads of its own, and on a second processor their time would not be counted:
/// one thread each means one processor each.
pub(crate) fn keep_to_one() -> std::io::Result<usize> {
    restrict(None)
}

/// Restricts a thread of another process in the same way, and those that it starts afterwards.
#[cfg(feature = "functions")]
pub(crate) fn keep_thread_to_one(thread: i32) -> std::io::Result<usize> {
    let thread = Pid::from_raw(thread).ok_or_else(|| std::io::Error::other("no thread is 0"))?;
    restrict(Some(thread))
}

fn restrict(thread: Option<Pid>) -> std::io::Result<usize> {
    let mine = sched_getaffinity(None)?;
    // Selects the last processor: the first one handles interrupts.
    let last = (0..CpuSet::MAX_CPU).rev().find(|cpu| mine.is_set(*cpu));
    let last = last.ok_or_else(|| std::io::Error::other("the process may use no processor"))?;
    let mut one = CpuSet::new();
    one.set(last);
    sched_setaffinity(thread, &one)?;
    Ok(last)
}
