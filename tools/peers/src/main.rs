//! The engine's worker in the comparison with Chromium, sharp and Pillow.
//!
//! Reads one job from each line of standard input, and answers each with one line of JSON. The end
//! of the input ends the process.

mod job;
mod recipe;

use std::io::{BufRead as _, Write as _};

use crate::{job::Job, recipe::recipe};

fn main() -> anyhow::Result<()> {
    // The message of a caught panic is in the answer.
    std::panic::set_hook(Box::new(|_| {}));
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let job: Job = serde_json::from_str(&line?)?;
        let mut answer = serde_json::to_vec(&job.run(recipe)?)?;
        answer.push(b'\n');
        output.write_all(&answer)?;
        output.flush()?;
    }
    Ok(())
}
