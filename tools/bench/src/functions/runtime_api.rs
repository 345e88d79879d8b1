//! One warm function: a process, and the Runtime API that it polls for events.

use std::{
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use uuid::Uuid;

use super::{
    environment::{ENVIRONMENT, INIT_LIMIT},
    http_server::{Answer, Request, Server, Service},
    program::Program,
};
use crate::{
    process::{in_mib, peak_rss_kib},
    thumbnails::cpu_affinity,
};

/// Timeout of the functions in the template.
const TIMEOUT: Duration = Duration::from_secs(29);

/// A running function. It is killed when dropped.
pub(super) struct Lambda {
    process: Child,
    offers: Sender<Bytes>,
    said: Receiver<Said>,
    /// Time from just before the process is created to its first poll.
    pub(super) init: Duration,
    _runtime_api: Server,
}

/// Response of a function to an event.
pub(super) struct Invoked {
    /// Time from the delivery of the event to the last byte of the response.
    pub(super) took: Duration,
    pub(super) answer: Vec<u8>,
}

enum Said {
    Polled(Instant),
    Answered(Instant, Vec<u8>),
    Failed(Vec<u8>),
}

struct RuntimeApi {
    offers: Mutex<Receiver<Bytes>>,
    said: Sender<Said>,
}

impl Lambda {
    /// Starts the process and waits for its first poll.
    pub(super) fn start(program: &Program) -> anyhow::Result<Self> {
        let (offers, to_take) = mpsc::channel();
        let (says, said) = mpsc::channel();
        let runtime_api = Server::start(Arc::new(RuntimeApi {
            offers: Mutex::new(to_take),
            said: says,
        }))?;
        let mut command = Command::new(&program.executable);
        command
            .args(&program.arguments)
            .env_clear()
            .envs(ENVIRONMENT)
            .envs(&program.environment)
            .env("AWS_LAMBDA_FUNCTION_NAME", "hikidashi-bench")
            .env("AWS_LAMBDA_RUNTIME_API", runtime_api.address().to_string())
            .stdin(Stdio::null())
            // All subjects log one line for each request. On AWS, standard output is a pipe.
            .stdout(Stdio::null());
        let started = Instant::now();
        let process = command
            .spawn()
            .with_context(|| format!("can't start {}", program.executable.display()))?;
        let mut lambda = Self {
            process,
            offers,
            said,
            init: Duration::ZERO,
            _runtime_api: runtime_api,
        };
        match lambda.next_word(INIT_LIMIT)? {
            Said::Polled(at) => lambda.init = at - started,
            Said::Failed(why) => bail!("init failed: {}", String::from_utf8_lossy(&why)),
            Said::Answered(..) => bail!("it responded before the first event"),
        }
        Ok(lambda)
    }

    /// Returns the process's id.
    #[cfg(test)]
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Waits until the function polls for the next event.
    #[cfg(test)]
    pub(super) fn wait_for_poll(&mut self) -> anyhow::Result<()> {
        match self.next_word(TIMEOUT)? {
            Said::Polled(_) => Ok(()),
            Said::Answered(..) => bail!("it responded twice"),
            Said::Failed(why) => bail!("it failed: {}", String::from_utf8_lossy(&why)),
        }
    }

    /// Restricts all threads of the process to one processor, as Lambda's share of CPU at 1,769 MB
    /// does.
    pub(super) fn keep_to_one_processor(&self) -> anyhow::Result<()> {
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let thread = thread?.file_name();
            cpu_affinity::keep_thread_to_one(thread.to_string_lossy().parse()?)?;
        }
        Ok(())
    }

    /// Invokes the function with one event, and waits for the response.
    pub(super) fn invoke(&mut self, event: &Bytes) -> anyhow::Result<Invoked> {
        let started = Instant::now();
        self.offers.send(event.clone())?;
        loop {
            match self.next_word(TIMEOUT)? {
                // A poll for this event or for the next.
                Said::Polled(_) => {}
                Said::Answered(at, answer) => {
                    let took = at - started;
                    return Ok(Invoked { took, answer });
                }
                Said::Failed(why) => bail!("it failed: {}", String::from_utf8_lossy(&why)),
            }
        }
    }

    /// Returns the CPU time of all threads since the start, user and system, from the scheduler's
    /// own accounting: the ticks of `/proc/<pid>/stat` are 10 ms long, which is more than a request
    /// takes.
    pub(super) fn cpu(&self) -> anyhow::Result<Duration> {
        let mut nanos: u64 = 0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            let on_cpu = text.split(' ').next().unwrap_or_default();
            nanos += on_cpu.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// Returns the peak memory in units of 1024 × 1024 bytes.
    pub(super) fn peak_rss_mb(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        Ok(in_mib(
            peak_rss_kib(&status).context("the kernel reports no VmHWM")?,
        ))
    }

    fn next_word(&mut self, patience: Duration) -> anyhow::Result<Said> {
        match self.said.recv_timeout(patience) {
            Ok(word) => Ok(word),
            Err(RecvTimeoutError::Timeout) => match self.process.try_wait()? {
                Some(status) => bail!("the process ended with {status}"),
                None => bail!("no request within {patience:?}"),
            },
            Err(RecvTimeoutError::Disconnected) => bail!("its Runtime API is gone"),
        }
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        // The process may have ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Service for RuntimeApi {
    fn answer(&self, request: &Request<'_>) -> Answer {
        // The receiver exists until the program ends.
        let say = |word| drop(self.said.send(word));
        if request.method() == "GET" {
            say(Said::Polled(Instant::now()));
            let offers = self.offers.lock().unwrap_or_else(PoisonError::into_inner);
            return match offers.recv() {
                Ok(event) => offer(event),
                Err(_) => plain("410 Gone"),
            };
        }
        if request.path().ends_with("/response") {
            say(Said::Answered(Instant::now(), request.body.to_vec()));
        } else {
            say(Said::Failed(request.body.to_vec()));
        }
        plain("202 Accepted")
    }
}

fn offer(event: Bytes) -> Answer {
    let deadline = SystemTime::now() + TIMEOUT;
    let deadline_ms = deadline
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    let id = Uuid::new_v4();
    let trace = Uuid::new_v4().simple().to_string();
    Answer {
        status: "200 OK",
        headers: format!(
            "content-type: application/json\r\n\
             lambda-runtime-aws-request-id: {id}\r\n\
             lambda-runtime-deadline-ms: {deadline_ms}\r\n\
             lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-central-1:123456789012:function:hikidashi-bench\r\n\
             lambda-runtime-trace-id: Root=1-{}-{};Parent={};Sampled=0\r\n",
            &trace[..8],
            &trace[8..],
            &trace[..16],
        ),
        body: event,
    }
}

fn plain(status: &'static str) -> Answer {
    Answer {
        status,
        headers: "content-type: application/json\r\n".to_owned(),
        body: Bytes::from_static(b"{\"status\":\"OK\"}"),
    }
}
