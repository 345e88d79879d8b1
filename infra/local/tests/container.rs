//! The container CLI as the emulator calls it: real processes, started and ended for real.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows tests by their attribute, not their helpers"
)]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use local::container::{Container, ContainerHost};

/// A function that does nothing and does not even notice that its Runtime API is gone.
const STUCK: &str =
    "#!/bin/sh\necho \"hello from $AWS_LAMBDA_FUNCTION_NAME\"\nenv >&2\nexec sleep 600\n";

const DEADLINE: Duration = Duration::from_mins(1);

struct Host {
    containers: ContainerHost,
    env: Vec<(String, String)>,
    dir: tempfile::TempDir,
}

impl Host {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let on_top = BTreeMap::from([("ON_TOP".into(), "yes".into())]);
        let exe = Path::new(env!("CARGO_BIN_EXE_local"));
        let containers = ContainerHost::create(&dir.path().join("root"), exe, &on_top).unwrap();
        let env = containers.fakecloud_env();
        Self {
            containers,
            env,
            dir,
        }
    }

    /// The same, with another process in the place of the stack's.
    fn of_stack(pid: u32) -> Self {
        let mut host = Self::new();
        host.env.retain(|(name, _)| name != "HIKIDASHI_STACK_PID");
        host.env
            .push(("HIKIDASHI_STACK_PID".into(), pid.to_string()));
        host
    }

    fn output(&self, words: &[&str]) -> Output {
        let cli = &self
            .env
            .iter()
            .find(|(name, _)| name == "FAKECLOUD_CONTAINER_CLI")
            .unwrap()
            .1;
        Command::new(cli)
            .args(words)
            .envs(self.env.iter().cloned())
            .env("AWS_SECRET_ACCESS_KEY", "secret of the role")
            .env("OF_THE_PARENT", "must not leak")
            .output()
            .unwrap()
    }

    fn cli(&self, words: &[&str]) -> String {
        let output = self.output(words);
        assert!(
            output.status.success(),
            "{words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Creates and starts a container as the emulator does.
    fn start(&self, bootstrap: &str) -> String {
        // A new folder each time, as the emulator makes one: the code may be linked, not copied.
        let code = tempfile::tempdir_in(self.dir.path()).unwrap();
        let code = code.path();
        std::fs::write(code.join("bootstrap"), bootstrap).unwrap();
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(code.join("bootstrap"), mode).unwrap();
        let label = format!("fakecloud-instance=fakecloud-{}", std::process::id());
        let id = self.cli(&[
            "create",
            "-p",
            ":8080",
            "--label",
            "fakecloud-lambda=f",
            "--label",
            &label,
            "-e",
            "AWS_SECRET_ACCESS_KEY",
            "-e",
            "A=b",
            "image",
            "bootstrap",
        ]);
        for destination in ["/var/task", "/var/runtime"] {
            self.cli(&[
                "cp",
                &format!("{}/.", code.display()),
                &format!("{id}:{destination}"),
            ]);
        }
        assert_eq!(self.cli(&["start", &id]), id);
        id
    }

    /// The only container, and the pid of its bootstrap once that runs.
    fn only(&self) -> (Container, u32) {
        let mut found = None;
        eventually("bootstrap runs", || {
            let mut running = self.containers.running().unwrap();
            assert_eq!(running.len(), 1, "{running:?}");
            let container = running.remove(0);
            found = container.pid.map(|pid| (container, pid));
            found.is_some()
        });
        found.unwrap()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.containers.stop_all();
    }
}

fn is_alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}

fn parent_of(pid: u32) -> u32 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit_once(") ")
        .unwrap()
        .1
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap()
}

fn kill_9(pid: u32) {
    let status = Command::new("sh")
        .args(["-c", &format!("kill -9 {pid}")])
        .status()
        .unwrap();
    assert!(status.success());
}

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
