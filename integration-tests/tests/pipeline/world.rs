//! The stack that all tests of a binary share.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use anyhow::bail;
use local::stack::Stack;
use tokio::runtime::Runtime;

/// Far more than anything takes, so that a slow machine is no failure.
const DEADLINE: Duration = Duration::from_secs(90);

/// A running stack, and the runtime that its doors run on: it outlives every test.
pub(crate) struct World {
    runtime: Runtime,
    pub(crate) stack: Stack,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let stack = runtime
        .block_on(Stack::start(crate::options()))
        .expect("the stack starts");
    World { runtime, stack }
});

/// Runs a test against the shared stack. Its processes watch ours, and end with it.
pub(crate) fn with_stack<F>(test: impl FnOnce(&'static Stack) -> F)
where
    F: Future<Output = anyhow::Result<()>>,
{
    let world = &*WORLD;
    if let Err(error) = world.runtime.block_on(test(&world.stack)) {
        panic!("{error:?}");
    }
}

/// Asks until there is an answer.
pub(crate) async fn eventually<T, F>(what: &str, mut probe: impl FnMut() -> F) -> anyhow::Result<T>
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
