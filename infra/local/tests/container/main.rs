//! The container CLI as the emulator calls it, with real processes.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows tests by their attribute, not their helpers"
)]

mod host;

use std::process::Command;

use host::{Host, STUCK, eventually, is_alive, kill_9, parent_of};

#[test]
fn a_started_container_is_listed_and_takes_connections_and_rm_leaves_nothing_of_it() {
    let host = Host::new();
    let id = host.start(STUCK);
    let (container, bootstrap) = host.only();
    assert_eq!((&container.id, container.function.as_str()), (&id, "f"));
    assert_eq!(container.env["AWS_SECRET_ACCESS_KEY"], "secret of the role");
    assert_eq!(container.env["ON_TOP"], "yes");
    assert_eq!(container.in_flight, None);
    std::net::TcpStream::connect(host.cli(&["port", &id, "8080"])).unwrap();
    let supervisor = parent_of(bootstrap);

    host.cli(&["rm", "-f", &id]);

    assert!(!is_alive(supervisor) && !is_alive(bootstrap));
    assert!(host.containers.running().unwrap().is_empty());
    assert!(!host.output(&["port", &id, "8080"]).status.success());
    host.cli(&["rm", "-f", &id]);
}

#[test]
fn a_function_gets_its_own_environment_and_nothing_of_its_parents() {
    let host = Host::new();
    let id = host.start(STUCK);
    eventually("the function printed its environment", || {
        host.cli(&["logs", &id]).contains("ON_TOP=yes")
    });
    let log = host.cli(&["logs", "--tail", "200", &id]);
    assert!(log.contains("hello from f") && log.contains("A=b"), "{log}");
    assert!(log.contains("AWS_LAMBDA_RUNTIME_API=127.0.0.1:"), "{log}");
    assert!(
        !log.contains("OF_THE_PARENT") && !log.contains("HIKIDASHI"),
        "{log}"
    );
    assert_eq!(
        std::fs::read_to_string(host.containers.log_of("f"))
            .unwrap()
            .trim(),
        log
    );
}

#[test]
fn a_killed_supervisor_takes_even_a_stuck_bootstrap_with_it() {
    let host = Host::new();
    host.start(STUCK);
    let (_, bootstrap) = host.only();
    eventually("bootstrap is stuck", || {
        std::fs::read_to_string(format!("/proc/{bootstrap}/comm")).unwrap() == "sleep\n"
    });
    kill_9(parent_of(bootstrap));
    eventually("bootstrap is gone", || !is_alive(bootstrap));
    assert!(host.containers.running().unwrap().is_empty());
}

#[test]
fn when_the_stack_is_killed_nothing_of_a_container_remains() {
    let mut stack = Command::new("sleep").arg("600").spawn().unwrap();
    let host = Host::of_stack(stack.id());
    let id = host.start(STUCK);
    let (_, bootstrap) = host.only();
    let supervisor = parent_of(bootstrap);

    stack.kill().unwrap();
    stack.wait().unwrap();

    eventually("both are gone", || {
        !is_alive(supervisor) && !is_alive(bootstrap)
    });
    let folder = host.dir.path().join("root/containers").join(id);
    eventually("so are the credentials", || !folder.exists());
}

#[test]
fn stopping_all_is_idempotent_and_the_log_stays() {
    let host = Host::new();
    host.start("#!/bin/sh\necho no luck; exit 1\n");
    host.start(STUCK);
    let log = || std::fs::read_to_string(host.containers.log_of("f")).unwrap();
    eventually("one fails and one works", || {
        log().contains("exit status 1") && log().contains("hello from f")
    });
    let running = host.containers.running().unwrap();
    assert_eq!(running.len(), 2, "a container outlives its bootstrap");
    let pids: Vec<u32> = running.iter().filter_map(|it| it.pid).collect();
    assert_eq!(pids.len(), 1);

    host.containers.stop_all().unwrap();
    host.containers.stop_all().unwrap();

    assert!(pids.into_iter().all(|pid| !is_alive(pid)));
    assert!(host.containers.running().unwrap().is_empty());
    assert!(log().contains("no luck"));
}

#[test]
fn what_is_not_understood_ends_with_dockers_exit_code() {
    let host = Host::new();
    let output = host.output(&["swarm", "init"]);
    assert_eq!(output.status.code(), Some(125));
    assert!(String::from_utf8_lossy(&output.stderr).contains("swarm init"));
    assert_eq!(host.output(&["start", "abc"]).status.code(), Some(1));
}
