//! A supervised child: it answers in time, or is replaced.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use anyhow::Context as _;

use crate::outcome::Outcome;

/// Rules for the supervision of children.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Supervision {
    /// Maximum CPU time of an input.
    pub hang: Duration,
    /// Whether children obey inputs that request a fault.
    pub faults: bool,
}

/// Factor between the wall-clock and the CPU time limit: the machine may be busy, and a child may
/// block for ever.
const PATIENCE: u32 = 6;

/// Result of an input.
#[derive(Debug)]
pub(crate) enum ChildExit {
    /// The engine returned.
    Answered(Outcome),
    /// The child ended.
    Died(ExitStatus),
    /// The child exceeded its time and was killed.
    Hung,
}

/// A running child.
pub(crate) struct ChildProcess {
    child: Child,
    input: ChildStdin,
    answers: Receiver<String>,
    supervision: Supervision,
}

impl ChildProcess {
    /// Starts a child.
    pub(crate) fn start(supervision: Supervision) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("worker");
        if supervision.faults {
            command.arg("--faults");
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the child does not start")?;
        let input = child.stdin.take().context("the child has no input")?;
        let output = child.stdout.take().context("the child has no output")?;
        let (answer, answers) = channel();
        // The thread ends with the child.
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            loop {
                let mut line = String::new();
                match output.read_line(&mut line) {
                    Ok(1..) if answer.send(line).is_ok() => {}
                    _ => return,
                }
            }
        });
        Ok(Self {
            child,
            input,
            answers,
            supervision,
        })
    }

    /// Sends an input to the child and waits for the result. After anything but an answer, a new
    /// child is started.
    pub(crate) fn run(&mut self, recipe: u8, file: &[u8]) -> anyhow::Result<ChildExit> {
        // A child that died is detected by its missing answer.
        let _ = self.send(recipe, file);
        let exit = match self.answer() {
            Ok(line) => {
                let outcome = Outcome::parse(&line);
                return Ok(ChildExit::Answered(
                    outcome.with_context(|| format!("a child said {line:?}"))?,
                ));
            }
            Err(RecvTimeoutError::Timeout) => {
                self.child.kill()?;
                self.child.wait()?;
                ChildExit::Hung
            }
            Err(RecvTimeoutError::Disconnected) => ChildExit::Died(self.child.wait()?),
        };
        *self = Self::start(self.supervision)?;
        Ok(exit)
    }

    fn answer(&self) -> Result<String, RecvTimeoutError> {
        let hang = self.supervision.hang;
        let (clock, before) = (Instant::now(), self.computed());
        loop {
            let computed = self.computed().saturating_sub(before);
            let left = hang.saturating_sub(computed);
            if left.is_zero() || clock.elapsed() > hang * PATIENCE {
                return Err(RecvTimeoutError::Timeout);
            }
            // The child can't reach the CPU time limit before this time has passed.
            match self.answers.recv_timeout(left) {
                Err(RecvTimeoutError::Timeout) => {}
                answered => return answered,
            }
        }
    }

    /// Returns the CPU time of the child; zero if it has ended.
    fn computed(&self) -> Duration {
        let path = format!("/proc/{}/schedstat", self.child.id());
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
        Duration::from_nanos(nanos.unwrap_or_default())
    }

    fn send(&mut self, recipe: u8, file: &[u8]) -> anyhow::Result<()> {
        let [a, b, c, d] = u32::try_from(file.len())?.to_le_bytes();
        self.input.write_all(&[recipe, a, b, c, d])?;
        self.input.write_all(file)?;
        Ok(())
    }

    /// Ends the child.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        drop(self.input);
        self.child.wait()?;
        Ok(())
    }
}
