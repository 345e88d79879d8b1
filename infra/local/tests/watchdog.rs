//! The watchdog, which ends the emulator when its runner has ended.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// Ends with `killall local`, which signals the watchdog as well as its runner.
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
    test_kill_process(emulator).unwrap();
    drop(watchdog.stdin.take());
    assert_eq!(watchdog.wait().unwrap().code(), Some(1), "not by a signal");

    assert!(test_kill_process(emulator).is_err(), "it runs on");
}
