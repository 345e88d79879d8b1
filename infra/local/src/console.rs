//! Console output of the runner.
//!
//! Everything that the runner prints goes through this module, so that one place decides where
//! output goes and tests stay quiet.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

/// Whether the runner prints its progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verbosity {
    /// Prints every step with its duration, for interactive use.
    #[default]
    Verbose,
    /// Prints nothing, for tests, whose output belongs to the test runner.
    Quiet,
}

impl Verbosity {
    /// Prints a line, unless quiet.
    pub fn say(self, text: impl Display) {
        if self == Self::Verbose {
            line(text);
        }
    }

    /// Starts a step whose duration is printed by [`Step::done`].
    pub fn step(self, name: &'static str) -> Step {
        Step {
            verbosity: self,
            name,
            started: Instant::now(),
        }
    }
}

/// A step in progress.
#[derive(Debug)]
pub struct Step {
    verbosity: Verbosity,
    name: &'static str,
    started: Instant,
}

impl Step {
    /// Prints the step with its outcome and its duration.
    pub fn done(self, outcome: impl Display) {
        let took = seconds(self.started.elapsed());
        self.verbosity
            .say(format_args!("{took:>7}  {}: {outcome}", self.name));
    }
}

/// Prints a line on standard output.
#[expect(
    clippy::print_stdout,
    reason = "the runner is a command line tool; this is its voice"
)]
pub fn line(text: impl Display) {
    println!("{text}");
}

fn seconds(elapsed: Duration) -> String {
    format!("{:.1} s", elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::seconds;

    #[test]
    fn durations_are_told_in_tenths_of_a_second() {
        assert_eq!(seconds(Duration::from_millis(1_260)), "1.3 s");
    }
}
