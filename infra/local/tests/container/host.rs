//! A stack's containers, called as the emulator calls them.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use local::container::{Container, ContainerHost};

/// Script of a function that does nothing and does not notice the end of its Runtime API.
pub(crate) const STUCK: &str =
    "#!/bin/sh\necho \"hello from $AWS_LAMBDA_FUNCTION_NAME\"\nenv >&2\nexec sleep 600\n";

const DEADLINE: Duration = Duration::from_mins(1);

pub(crate) struct Host {
    pub(crate) containers: ContainerHost,
    env: Vec<(String, String)>,
    pub(crate) dir: tempfile::TempDir,
}

impl Host {
    pub(crate) fn new() -> Self {
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

    /// Creates the same host, with another process in the place of the stack's.
    pub(crate) fn of_stack(pid: u32) -> Self {
        let mut host = Self::new();
        host.env.retain(|(name, _)| name != "HIKIDASHI_STACK_PID");
        host.env
            .push(("HIKIDASHI_STACK_PID".into(), pid.to_string()));
        host
    }

    pub(crate) fn output(&self, words: &[&str]) -> Output {
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

    pub(crate) fn cli(&self, words: &[&str]) -> String {
        let output = self.output(words);
        assert!(
            output.status.success(),
            "{words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Creates and starts a container as the emulator does.
    pub(crate) fn start(&self, bootstrap: &str) -> String {
        // A new folder each time, as the emulator creates one: the code may be linked, not copied.
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

    /// Returns the only container, and the process id of its bootstrap once that runs.
    pub(crate) fn only(&self) -> (Container, u32) {
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

pub(crate) fn is_alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}

pub(crate) fn parent_of(pid: u32) -> u32 {
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

pub(crate) fn kill_9(pid: u32) {
    let status = Command::new("sh")
        .args(["-c", &format!("kill -9 {pid}")])
        .status()
        .unwrap();
    assert!(status.success());
}
