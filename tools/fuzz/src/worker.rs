//! The child process: reads inputs, runs the engine, writes one line for each.

use std::{
    fs,
    io::{ErrorKind, Read as _, Write as _},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
};

use anyhow::Context as _;
use engine::Recipe;
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::{
    fault::Fault,
    outcome::{Answer, Outcome},
    recipes,
};

/// Limit of the address space, to protect other processes of the machine. Above it, an allocation
/// fails and the child ends.
const ADDRESS_SPACE: u64 = 3 << 30;

/// Place of the last panic.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Answers inputs until the end of the stream: recipe number, length in four bytes (little endian),
/// file.
pub(crate) fn serve(faults: bool) -> anyhow::Result<()> {
    setrlimit(
        Resource::As,
        Rlimit {
            current: Some(ADDRESS_SPACE),
            maximum: Some(ADDRESS_SPACE),
        },
    )?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        if let Ok(mut last) = PANIC.lock() {
            *last = Some(place.unwrap_or_else(|| "somewhere".to_owned()));
        }
    }));
    let recipes = recipes::all()?;
    let mut input = std::io::stdin().lock();
    let mut head = [0; 5];
    loop {
        match input.read_exact(&mut head) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        }
        let [recipe, length @ ..] = head;
        let mut file = vec![0; usize::try_from(u32::from_le_bytes(length))?];
        input.read_exact(&mut file)?;
        let recipe = recipes.get(usize::from(recipe)).context("no such recipe")?;
        let line = run(recipe, &file, faults)?.to_line();
        let mut output = std::io::stdout().lock();
        output.write_all(line.as_bytes())?;
        output.flush()?;
    }
}

fn run(recipe: &Recipe, file: &[u8], faults: bool) -> anyhow::Result<Outcome> {
    // Writing 5 resets the peak memory.
    fs::write("/proc/self/clear_refs", "5")?;
    let result = catch_unwind(AssertUnwindSafe(|| {
        if let Some(fault) = Fault::asked_by(file).filter(|_| faults) {
            fault.commit();
        }
        engine::generate(recipe, file)
    }));
    let answer = match result {
        Ok(Ok(_)) => Answer::Image,
        Ok(Err(failure)) => Answer::Refused(format!("{}: {}", failure.code, failure.message)),
        Err(_) => Answer::Refused("the engine did not catch a panic".to_owned()),
    };
    let panic = PANIC.lock().ok().and_then(|mut last| last.take());
    Ok(Outcome {
        answer,
        peak_kib: peak_kib().context("the kernel reports no VmHWM")?,
        panic,
    })
}

fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
