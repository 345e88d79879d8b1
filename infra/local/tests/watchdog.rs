//! The watchdog, which ends the emulator when its runner has ended.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// As `killall local` does, which signals the watchdog as well as its runner.
#[test]
fn the_emulator_ends_with_its_runner_and_not_before() {
    let mut watchdog = Command::new(env!("CARGO_BIN_EXE_local"))
        .args(["watchdog", "sh", "-c", "echo $$ && exec sleep 600"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(watchdog.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let emulator = Pid::from_raw(line.trim().parse().unwrap()).unwrap();

    for signal in [Signal::HUP, Signal::INT, Signal::TERM] {
        kill_process(Pid::from_child(&watchdog), signal).unwrap();
    }
    let before = test_kill_process(emulator);
    drop(watchdog.stdin.take());
    let status = watchdog.wait().unwrap();
    // One that runs on would hold the output of this test open. It gets the signal here.
    let after = kill_process(emulator, Signal::KILL);

    assert!(before.is_ok(), "it ended before its runner");
    assert_eq!(status.code(), Some(1), "the watchdog ended by a signal");
    assert!(after.is_err(), "it ran on");
}
