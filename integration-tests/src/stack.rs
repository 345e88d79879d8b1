//! The stack that all tests of a binary share.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use anyhow::bail;
use local::stack::{Stack, StackOptions};
use tokio::runtime::Runtime;

/// Deadline of a probe, far beyond any expected duration, so that a slow machine does not fail a
/// test.
const DEADLINE: Duration = Duration::from_secs(90);

/// The stack that all tests of a binary share. It starts with the first test, and its processes end
/// with the test process.
pub struct SharedStack {
    options: fn() -> StackOptions,
    running: OnceLock<Running>,
}

/// A running stack, and the runtime of its proxies, which outlives every test.
struct Running {
    runtime: Runtime,
    stack: Stack,
}

impl SharedStack {
    /// Describes a stack with these options, without starting it.
    pub const fn new(options: fn() -> StackOptions) -> Self {
        Self {
            options,
            running: OnceLock::new(),
        }
    }

    /// Runs a test against the stack.
    ///
    /// # Panics
    ///
    /// Panics with the test's error, or when the stack does not start.
    pub fn run<F>(&'static self, test: impl FnOnce(&'static Stack) -> F)
    where
        F: Future<Output = anyhow::Result<()>>,
    {
        let running = self.running.get_or_init(|| {
            let runtime = Runtime::new().expect("a runtime");
            let stack = runtime
                .block_on(Stack::start((self.options)()))
                .expect("the stack starts");
            Running { runtime, stack }
        });
        if let Err(error) = running.runtime.block_on(test(&running.stack)) {
            panic!("{error:?}");
        }
    }
}

/// Returns a client of the table with the emulator's root credentials, which IAM does not restrict.
pub fn dynamodb(stack: &Stack) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::new(stack.sdk_config())
}

/// Repeats a probe until it returns a value. Fails after a deadline.
pub async fn eventually<T, F>(what: &str, mut probe: impl FnMut() -> F) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<Option<T>>>,
{
    let start = Instant::now();
    loop {
        if let Some(answer) = probe().await? {
            return Ok(answer);
        }
        if start.elapsed() > DEADLINE {
            bail!("not within {DEADLINE:?}: {what}");
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}
