//! Comparison of the model with measurements: `make bench-worker` and `make backlog`.
//!
//! The measured lines come from files. What the model takes from them are the work itself (CPU time
//! of an image) and the answers of the stub; what it predicts is how these overlap.

mod backlog;
mod measured;
mod worker_bench;

use std::path::PathBuf;

use anyhow::ensure;

use crate::output::result;
use measured::Measured;

/// The largest difference that passes.
const TOLERANCE: f64 = 0.2;

/// One compared value.
#[derive(Clone, Debug, PartialEq)]
struct Compared {
    name: String,
    model: f64,
    measured: f64,
}

impl Compared {
    fn ratio(&self) -> f64 {
        self.model / self.measured
    }

    fn is_near(&self) -> bool {
        (self.ratio() - 1.0).abs() <= TOLERANCE
    }
}

/// Compares, and prints. Returns whether all values are near.
pub(crate) fn check(files: &[PathBuf]) -> anyhow::Result<bool> {
    ensure!(
        !files.is_empty(),
        "--check needs --measured FILE, with the lines of `make bench-worker` or `make backlog`"
    );
    let files = files.iter().map(|file| Measured::read(file));
    let files = files.collect::<anyhow::Result<Vec<_>>>()?;
    let mut compared = Vec::new();
    for file in &files {
        compared.extend(worker_bench::compare(file)?);
    }
    compared.extend(backlog::compare(&files)?);
    ensure!(
        !compared.is_empty(),
        "there are no lines of `make bench-worker` or `make backlog`"
    );
    for one in &compared {
        let Compared {
            name,
            model,
            measured,
        } = one;
        result(format_args!("check_{name}_measured={measured:.2}"))?;
        result(format_args!("check_{name}_model={model:.2}"))?;
        result(format_args!("check_{name}_ratio={:.3}", one.ratio()))?;
    }
    let far = compared.iter().filter(|one| !one.is_near()).count();
    result(format_args!("check_beyond_tolerance={far}"))?;
    Ok(far == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_more_or_less_passes_and_more_does_not() {
        let near = |model: f64| {
            let name = String::new();
            let measured = 100.0;
            Compared {
                name,
                model,
                measured,
            }
            .is_near()
        };
        assert!(near(81.0) && near(119.0));
        assert!(!near(79.0) && !near(121.0) && !near(f64::NAN));
    }
}
