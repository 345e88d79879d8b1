//! The process behind one container: it runs `bootstrap` and accepts invocations for it.

use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use super::folder::{Folder, Root, Spec, State};
use super::log::Log;
use super::process::Process;
use super::sandbox::{Function, Sandbox, Status};
use super::{bootstrap, endpoint, environment};

/// The hidden verb by which `start` runs [`supervise`].
pub(super) const VERB: &str = "supervise";

/// Interval of the checks whether the container is still needed.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// Runs the container until it is killed, or until the stack or the emulator has ended.
///
/// Prints `ready` on stdout once it accepts invocations, and then nothing more. It runs on one
/// thread: it is idle nearly all the time, and the kernel kills `bootstrap` with the *thread* that
/// started it.
///
/// # Errors
/// When the container can't be run at all.
pub(super) fn supervise(root: &Root, id: &str, stack_pid: Option<&str>) -> anyhow::Result<()> {
    let folder = root.container(id)?;
    let spec = folder
        .spec()?
        .with_context(|| format!("no such container: {id}"))?;
    let reasons = Reasons::of(&spec, stack_pid)?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(run(root, &folder, &spec, &reasons))?;
    // The stack has ended and will not remove the folder, which holds credentials.
    folder.delete()
}

async fn run(root: &Root, folder: &Folder, spec: &Spec, reasons: &Reasons) -> anyhow::Result<()> {
    let log = Log::open(&folder.log(), &root.log_of(&spec.function))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut state = State {
        supervisor: Process::alive(std::process::id()).context("this process is not in /proc")?,
        invoke_port: listener.local_addr()?.port(),
        bootstrap: None,
        in_flight: None,
    };
    folder.write_state(&state)?;

    let (queue, jobs) = mpsc::channel(64);
    let function = Function {
        arn: environment::function_arn(spec),
        timeout: environment::timeout(spec),
    };
    let launch = |address| bootstrap::launch(root, folder, spec, &log, address);
    let complaints = log.clone();
    let tell = move |status: Status| {
        state.bootstrap = status.pid.and_then(Process::alive);
        state.in_flight = status.in_flight;
        if let Err(error) = folder.write_state(&state) {
            complaints.line(format!("{error:#}").as_bytes());
        }
    };
    let sandbox = Sandbox::new(function, log.clone(), launch, tell);

    writeln!(io::stdout(), "ready")?;
    tokio::select! {
        served = axum::serve(listener, endpoint::router(queue)) => served?,
        () = sandbox.run(jobs) => {}
        () = reasons.gone() => {}
    }
    Ok(())
}

/// The processes that the container depends on.
struct Reasons(Vec<Process>);

impl Reasons {
    /// Collects the stack, and the emulator that created the container (`fakecloud-<pid>`).
    fn of(spec: &Spec, stack_pid: Option<&str>) -> anyhow::Result<Self> {
        let emulator = spec
            .instance
            .as_deref()
            .and_then(|name| name.strip_prefix("fakecloud-"));
        let alive = |pid: &str| {
            let pid = pid
                .parse()
                .with_context(|| format!("`{pid}` is not a process id"))?;
            Process::alive(pid).with_context(|| format!("process {pid} has ended already"))
        };
        stack_pid
            .into_iter()
            .chain(emulator)
            .map(alive)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Returns within a second after one of them has ended.
    async fn gone(&self) {
        let mut ticks = tokio::time::interval(WATCH_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while self.0.iter().all(|process| process.is_alive()) {
            ticks.tick().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn spec(instance: &str) -> Spec {
        Spec {
            function: "f".into(),
            instance: Some(instance.into()),
            handler: String::new(),
            env: BTreeMap::new(),
        }
    }

    #[tokio::test]
    async fn a_container_is_not_wanted_any_more_when_the_stack_is_gone() {
        let mut stack = std::process::Command::new("sleep")
            .arg("600")
            .spawn()
            .unwrap();
        let me = std::process::id();
        let reasons = Reasons::of(
            &spec(&format!("fakecloud-{me}")),
            Some(&stack.id().to_string()),
        )
        .unwrap();
        assert_eq!(reasons.0.len(), 2);
        stack.kill().unwrap();
        stack.wait().unwrap();
        tokio::time::timeout(Duration::from_secs(30), reasons.gone())
            .await
            .unwrap();
    }

    #[test]
    fn a_container_of_a_dead_emulator_does_not_start() {
        assert!(Reasons::of(&spec("fakecloud-0"), None).is_err());
    }
}
