//! One execution environment: a `bootstrap`, one invocation at a time, and a new `bootstrap` after
//! each crash.

use std::net::SocketAddr;
use std::process::ExitStatus;
use std::time::Duration;

use bytes::Bytes;
use tokio::process::Child;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::failure::{FunctionError, how_it_exited};
use super::log::Log;
use super::process::kill_group;
use super::runtime_api::{Event, Invocation, RuntimeApi};

/// Longest time from a function's start to its first poll, as on Lambda.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// Result of an invocation.
pub(super) type Outcome = Result<Bytes, FunctionError>;

/// An invocation, with the channel for its result.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) invocation: Invocation,
    pub(super) reply: oneshot::Sender<Outcome>,
}

/// State that the sandbox reports whenever it changes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Status {
    pub(super) pid: Option<u32>,
    pub(super) in_flight: Option<String>,
}

/// The facts about a function that its sandbox needs.
#[derive(Clone, Debug)]
pub(super) struct Function {
    pub(super) arn: String,
    pub(super) timeout: Duration,
}

/// The execution environment. `launch` starts a `bootstrap` for the Runtime API at an address;
/// `tell` receives each change of state.
pub(super) struct Sandbox<Launch, Tell> {
    function: Function,
    launch: Launch,
    tell: Tell,
    log: Log,
    running: Option<Running>,
}

struct Running {
    child: Child,
    pid: u32,
    api: RuntimeApi,
}

impl Drop for Running {
    /// Kills the process group, which `bootstrap` leads, so that no process of it is left.
    fn drop(&mut self) {
        kill_group(self.pid);
    }
}

impl<Launch, Tell> Sandbox<Launch, Tell>
where
    Launch: Fn(SocketAddr) -> std::io::Result<Child>,
    Tell: FnMut(Status),
{
    pub(super) fn new(function: Function, log: Log, launch: Launch, tell: Tell) -> Self {
        Self {
            function,
            launch,
            tell,
            log,
            running: None,
        }
    }

    /// Runs the queued invocations, one at a time, until the queue closes.
    ///
    /// `bootstrap` is started at once, so that it initialises while the emulator still polls for
    /// the port. After a crash it is started again only for the next invocation: otherwise a
    /// function that can't start would be restarted for ever.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        if let Err(error) = self.start().await {
            self.log
                .line(format!("bootstrap could not be started: {error}").as_bytes());
        }
        loop {
            tokio::select! {
                job = queue.recv() => match job {
                    Some(job) => self.work(job).await,
                    None => break,
                },
                status = exit(&mut self.running) => self.give_up(&how_it_exited(status)),
            }
        }
    }

    async fn work(&mut self, Job { invocation, reply }: Job) {
        if reply.is_closed() {
            return; // The caller disconnected before the function began.
        }
        let request_id = invocation.request_id.clone();
        let outcome = self.invoke(invocation).await;
        if let Err(error) = &outcome {
            self.log.line(error.as_bytes());
        }
        self.tell_idle();
        if reply.send(outcome).is_err() {
            self.log.line(
                format!("RequestId: {request_id} the caller disconnected before the response")
                    .as_bytes(),
            );
        }
    }

    async fn invoke(&mut self, invocation: Invocation) -> Outcome {
        let request_id = invocation.request_id.clone();
        if self.running.is_none() {
            self.start()
                .await
                .map_err(|e| FunctionError::no_bootstrap(&request_id, &e))?;
        }
        match self.wait_for_answer(invocation).await {
            Answer::Given(outcome) => outcome,
            Answer::Unusable(why, error) => {
                self.kill(&why).await;
                Err(error)
            }
        }
    }

    async fn wait_for_answer(&mut self, invocation: Invocation) -> Answer {
        let request_id = invocation.request_id.clone();
        let timeout = self.function.timeout;
        let Some(running) = &mut self.running else {
            let error = std::io::ErrorKind::NotFound.into();
            return Answer::Given(Err(FunctionError::no_bootstrap(&request_id, &error)));
        };
        running.api.offer(invocation);
        let limit = sleep_until(Instant::now() + INIT_LIMIT);
        tokio::pin!(limit);
        let mut took = false;
        loop {
            tokio::select! {
                // A response that arrived before the process ended counts.
                biased;
                event = running.api.event() => match event {
                    Event::Took => {
                        took = true;
                        let pid = Some(running.pid);
                        (self.tell)(Status { pid, in_flight: Some(request_id.clone()) });
                        limit.as_mut().reset(Instant::now() + timeout);
                    }
                    Event::Answered(outcome) => return Answer::Given(outcome),
                    Event::InitFailed(error) => {
                        return Answer::Unusable("init failed".into(), error);
                    }
                },
                status = wait(&mut running.child) => {
                    let error = FunctionError::exited(&request_id, status);
                    return Answer::Unusable(how_it_exited(status), error);
                },
                () = &mut limit => {
                    let error = if took {
                        FunctionError::timed_out(&request_id, timeout)
                    } else {
                        FunctionError::init_timed_out(&request_id, INIT_LIMIT)
                    };
                    return Answer::Unusable("timed out".into(), error);
                },
            }
        }
    }

    async fn start(&mut self) -> std::io::Result<()> {
        let api = RuntimeApi::serve(&self.function.arn, self.function.timeout).await?;
        let child = (self.launch)(api.address)?;
        let pid = child.id().unwrap_or_default();
        self.running = Some(Running { child, pid, api });
        self.tell_idle();
        Ok(())
    }

    /// Kills the process, if it has not ended by itself, and waits for its end.
    async fn kill(&mut self, why: &str) {
        if let Some(running) = &mut self.running {
            kill_group(running.pid);
            wait(&mut running.child).await;
        }
        self.give_up(why);
    }

    /// Drops an ended process and reports that.
    fn give_up(&mut self, why: &str) {
        if let Some(running) = self.running.take() {
            self.log
                .line(format!("bootstrap (pid {}) has ended: {why}", running.pid).as_bytes());
            self.tell_idle();
        }
    }

    fn tell_idle(&mut self) {
        let pid = self.running.as_ref().map(|running| running.pid);
        (self.tell)(Status {
            pid,
            in_flight: None,
        });
    }
}

enum Answer {
    /// The function responded, with a result or an error, and is still usable.
    Given(Outcome),
    /// The process has ended or must be killed: the reason, and the response to the invocation.
    Unusable(String, FunctionError),
}

async fn exit(running: &mut Option<Running>) -> ExitStatus {
    match running {
        Some(running) => wait(&mut running.child).await,
        None => std::future::pending().await,
    }
}

/// Waits for the end of a child. Can be called again afterwards, and is cancel safe.
async fn wait(child: &mut Child) -> ExitStatus {
    // Fails only for a process that is not a child of this one.
    child.wait().await.unwrap_or_default()
}
