//! The setting of `make backlog`: two cores, eight puts at once, two workers with batches of five,
//! and an emulator that takes most of the time.
//!
//! The emulator's work for an image is not measured by itself. It is taken from the run with the
//! fewest originals, and the others are predicted. Where there is one run only, its throughput is
//! what the model was given, and only the age of its oldest message is a prediction.

use std::time::Duration;

use crate::worker::{ImageTimes, times_to_write};

use super::{Compared, measured::Measured};

const CORES: f64 = 2.0;
const PUTS_AT_ONCE: f64 = 8.0;
const WORKERS: usize = 2;
const BATCH: usize = 5;

/// CPU time of a put at the emulator, in seconds: `local_100kb_ours_p50_ms` of
/// `docs/performance.md`, most of which is the emulator's.
const PUT_S: f64 = 0.006;

/// A run that was measured.
#[derive(Clone, Copy, Debug)]
struct Run {
    originals: f64,
    seconds: f64,
    oldest: f64,
}

/// What the model says of a run.
#[derive(Clone, Copy, Debug)]
struct Predicted {
    seconds: f64,
    oldest: f64,
}

/// Compares the files that are of a backlog.
pub(super) fn compare(files: &[Measured]) -> anyhow::Result<Vec<Compared>> {
    let mut runs: Vec<Run> = files.iter().filter_map(run).collect();
    runs.sort_by(|one, other| one.originals.total_cmp(&other.originals));
    let Some(first) = runs.first().copied() else {
        return Ok(Vec::new());
    };
    let image_s = CORES * first.seconds / first.originals - PUT_S;
    anyhow::ensure!(image_s > 0.0, "the backlog was faster than its puts alone");
    let predicted = if runs.len() > 1 {
        &runs[1..]
    } else {
        &runs[..]
    };
    let mut compared = Vec::new();
    for run in predicted {
        let model = predict(run.originals, image_s);
        if runs.len() > 1 {
            compared.push(Compared {
                name: format!("backlog_{}_images_per_second", run.originals),
                model: run.originals / model.seconds,
                measured: run.originals / run.seconds,
            });
        }
        compared.push(Compared {
            name: format!("backlog_{}_oldest_message_seconds", run.originals),
            model: model.oldest,
            measured: run.oldest,
        });
    }
    Ok(compared)
}

fn run(file: &Measured) -> Option<Run> {
    Some(Run {
        originals: file.get("originals")?,
        seconds: file.get("seconds")?,
        oldest: file.get("oldest_message_seconds")?,
    })
}

/// While originals are put, putters and workers share the cores; after that the workers have them.
fn predict(originals: f64, image_s: f64) -> Predicted {
    let active = PUTS_AT_ONCE + CORES;
    let put_rate = CORES * PUTS_AT_ONCE / active / PUT_S;
    let puts_end = originals / put_rate;
    let mut workers = [0.0_f64; WORKERS];
    let (mut done, mut oldest, mut last) = (0.0, 0.0_f64, 0.0_f64);
    while done < originals {
        let next = usize::from(workers[1] < workers[0]);
        // The batch's images have to be there.
        let start = workers[next].max((done + 5.0).min(originals) / put_rate);
        let share = if start < puts_end {
            CORES / active
        } else {
            1.0
        };
        let image = ImageTimes {
            bytes: 1,
            get: Duration::ZERO,
            cpu: Duration::from_secs_f64(image_s / share),
            put: Duration::ZERO,
        };
        for after in times_to_write(&[image; BATCH], u64::MAX) {
            let ready = start + after.as_secs_f64();
            if done < originals {
                oldest = oldest.max(ready - done / put_rate);
                done += 1.0;
            }
            workers[next] = ready;
            last = last.max(ready);
        }
    }
    Predicted {
        seconds: last,
        oldest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "originals=1000\nseconds=63.6\nimages_per_second=15.7\n\
                       oldest_message_seconds=58.2";

    #[test]
    fn the_documented_backlog_s_oldest_message_is_predicted() {
        let compared = compare(&[Measured::parse(RUN)]).unwrap();
        assert_eq!(compared.len(), 1);
        assert!(compared[0].is_near(), "{compared:?}");
    }

    #[test]
    fn a_long_run_is_predicted_from_a_short_one() {
        let near = |seconds: f64| {
            let long = format!("originals=2000\nseconds={seconds}\noldest_message_seconds=120");
            let compared = compare(&[Measured::parse(&long), Measured::parse(RUN)]).unwrap();
            compared[0].is_near()
        };
        assert!(near(127.0));
        // A worker that slows down as the queue grows.
        assert!(!near(190.0));
    }
}
