//! The process killer: kills function processes at random moments.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use fastrand::Rng;
use local::stack::Stack;
use rustix::process::{Pid, Signal, kill_process};

/// Kills functions with `SIGKILL` until it is stopped.
#[derive(Debug, Default)]
pub(crate) struct ProcessKiller {
    killed: AtomicU64,
    is_over: AtomicBool,
}

impl ProcessKiller {
    pub(crate) fn stop(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    pub(crate) fn killed(&self) -> u64 {
        self.killed.load(Ordering::Relaxed)
    }

    pub(crate) async fn work(&self, stack: &Stack, mut random: Rng) -> anyhow::Result<()> {
        while !self.is_over.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(random.u64(500..2_500))).await;
            // Mostly workers in the middle of an invocation; one time in ten, any function.
            let any_function = random.u8(0..10) == 0;
            let mut candidates: Vec<u32> = stack
                .containers()?
                .into_iter()
                .filter(|container| {
                    container.in_flight.is_some()
                        && (any_function || container.function.ends_with("thumbnail"))
                })
                .filter_map(|container| container.pid)
                .collect();
            random.shuffle(&mut candidates);
            let victim = candidates
                .first()
                .and_then(|pid| i32::try_from(*pid).ok())
                .and_then(Pid::from_raw);
            // The process may have ended by itself.
            if victim.is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok()) {
                self.killed.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(())
    }
}
