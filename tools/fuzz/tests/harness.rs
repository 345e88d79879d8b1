//! Tests of the harness: faults are injected into the child, and the fuzzer must report them. A
//! fuzzer that finds nothing may be unable to.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Output};

fn fuzz(findings: &tempfile::TempDir, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fuzz"))
        .arg("--findings")
        .arg(findings.path())
        .args(arguments)
        .output()
        .unwrap()
}

fn run(fault: &str, more: &[&str]) -> (bool, String, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [&["--seconds", "0", "--seed", "1", "--inject", fault], more].concat();
    let output = fuzz(&folder, &arguments);
    let saved = std::fs::read_dir(folder.path()).unwrap();
    let saved = saved
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), said, saved)
}

#[test]
fn an_abort_is_a_crash_with_its_input_saved() {
    let (is_clean, said, saved) = run("abort", &[]);
    assert!(
        !is_clean && said.contains(" crashes=6 hangs=0 over_memory=0 "),
        "{said}"
    );
    assert!(
        saved.len() == 6 && saved.iter().all(|name| name.starts_with("crash-")),
        "{saved:?}"
    );
}

#[test]
fn an_input_that_never_ends_is_a_hang_whether_it_works_or_sleeps() {
    for fault in ["sleep", "spin"] {
        let (is_clean, said, saved) = run(fault, &["--hang-millis", "50"]);
        assert!(
            !is_clean && said.contains(" crashes=0 hangs=6 over_memory=0 "),
            "{said}"
        );
        assert!(
            saved.len() == 6 && saved.iter().all(|name| name.starts_with("hang-")),
            "{saved:?}"
        );
    }
}

#[test]
fn four_hundred_megabytes_are_too_much() {
    let (is_clean, said, saved) = run("allocate", &[]);
    assert!(
        !is_clean && said.contains(" crashes=0 hangs=0 over_memory=6 "),
        "{said}"
    );
    assert!(
        saved.iter().all(|name| name.starts_with("over-memory-")),
        "{saved:?}"
    );
}

#[test]
fn a_panic_that_is_caught_is_counted_and_kept_once_and_is_no_failure() {
    let (is_clean, said, saved) = run("panic", &[]);
    assert!(
        is_clean && said.contains(" panics=6 crashes=0 hangs=0 over_memory=0 "),
        "{said}"
    );
    assert_eq!(saved.len(), 1, "{saved:?}");
}

#[test]
fn a_saved_input_can_be_replayed() {
    let folder = tempfile::tempdir().unwrap();
    fuzz(
        &folder,
        &["--seconds", "0", "--seed", "1", "--inject", "abort"],
    );
    let saved = std::fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let replay = ["--replay", saved.to_str().unwrap()];
    // Without the flag, it is a file like any other.
    let harmless = fuzz(&folder, &replay);
    assert!(harmless.status.success());
    assert!(
        String::from_utf8(harmless.stdout)
            .unwrap()
            .contains(" refused=6 ")
    );
    let fatal = fuzz(&folder, &[&replay[..], &["--inject", "abort"]].concat());
    assert!(!fatal.status.success());
}
