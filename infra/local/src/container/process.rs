//! Processes that are not children of this one: whether they live, and killing them.

use std::time::{Duration, Instant};

use anyhow::bail;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};

/// Limit for a killed process to end; the kernel needs a few milliseconds.
const DEATH_LIMIT: Duration = Duration::from_secs(10);

/// One process, told apart by its start time from a later one with the same id.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Process {
    pub(super) pid: u32,
    /// Clock ticks since boot, as in `/proc/<pid>/stat`.
    started: u64,
}

impl Process {
    /// Returns the living process with an id. A zombie counts as dead: only its parent has not
    /// reaped it yet.
    pub(super) fn alive(pid: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let started = start_time_of_a_living_process(&stat)?;
        Some(Self { pid, started })
    }

    pub(super) fn is_alive(self) -> bool {
        Self::alive(self.pid) == Some(self)
    }

    /// Kills this process and the group that it leads, and waits for its end.
    pub(super) fn kill(self) -> anyhow::Result<()> {
        if !self.is_alive() {
            return Ok(());
        }
        kill_group(self.pid);
        let deadline = Instant::now() + DEATH_LIMIT;
        while self.is_alive() {
            if Instant::now() > deadline {
                bail!("process {} does not die", self.pid);
            }
            // `wait` works for children only, so poll.
            std::thread::park_timeout(Duration::from_millis(1));
        }
        Ok(())
    }
}

/// Kills every process of the group that `leader` leads or led. An empty group is no error.
pub(super) fn kill_group(leader: u32) {
    if let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Parses field 22 of a `stat` line, unless field 3 says zombie or dead. The name (field 2) is in
/// parentheses and may itself hold parentheses and spaces.
fn start_time_of_a_living_process(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace();
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    #[test]
    fn this_process_is_alive_and_pid_0_is_not() {
        assert!(Process::alive(std::process::id()).is_some_and(Process::is_alive));
        assert_eq!(Process::alive(0), None);
    }

    #[test]
    fn a_later_process_of_the_same_number_is_another_one() {
        let mut me = Process::alive(std::process::id()).unwrap();
        me.started += 1;
        assert!(!me.is_alive());
    }

    #[test]
    fn a_name_with_parentheses_and_spaces_does_not_confuse_the_stat_line() {
        let stat = "7 (a) Z (b) S 1 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4242 1 1";
        assert_eq!(start_time_of_a_living_process(stat), Some(4242));
    }

    #[test]
    fn a_zombie_is_dead() {
        let stat = "7 (sh) Z 1 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4242 1 1";
        assert_eq!(start_time_of_a_living_process(stat), None);
    }

    #[test]
    fn killing_reaches_the_whole_group_and_is_idempotent() {
        let mut shell = Command::new("sh")
            .args(["-c", "sleep 600 & echo $!; wait"])
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(
            &mut std::io::BufReader::new(shell.stdout.take().unwrap()),
            &mut line,
        )
        .unwrap();
        let grandchild = Process::alive(line.trim().parse().unwrap()).unwrap();
        let leader = Process::alive(shell.id()).unwrap();

        leader.kill().unwrap();
        leader.kill().unwrap();
        shell.wait().unwrap();

        let deadline = Instant::now() + DEATH_LIMIT;
        while grandchild.is_alive() {
            assert!(Instant::now() < deadline, "the grandchild lives on");
            std::thread::yield_now();
        }
    }
}
