//! Rounds: each subject has one turn per round, so that other work of the machine affects all
//! alike.

use std::path::Path;

use super::{participant::Subject, protocol::Job, sharp, task::Task};

/// All subjects of one task.
pub(crate) struct Rounds {
    pub ours: Subject,
    pub sharp_each: Subject,
    /// Subjects that decode once; empty for a task with one size.
    pub sharp_once: Vec<Subject>,
}

/// Iterations of one turn. The first one of a turn finds another subject's data in the caches; the
/// median excludes it.
pub(super) const ITERATIONS: usize = 3;

impl Rounds {
    /// Starts the processes and runs their warm-up.
    pub(crate) fn start(task: &Task, image: &Path, peer: &Path) -> anyhow::Result<Self> {
        let job = |strategy: &str| Job {
            path: image.to_owned(),
            strategy: strategy.to_owned(),
            variants: task.variants.to_vec(),
        };
        let sharp = |strategy: &str| Subject::start(sharp::worker(peer), job(strategy));
        let mut itself = std::process::Command::new(std::env::current_exe()?);
        itself.arg("ours");
        let once: &[&str] = if task.variants.len() > 1 {
            &sharp::ONCE
        } else {
            &[]
        };
        let mut rounds = Self {
            ours: Subject::start(itself, job("once"))?,
            sharp_each: sharp(sharp::EACH)?,
            sharp_once: once
                .iter()
                .map(|name| sharp(name))
                .collect::<Result<_, _>>()?,
        };
        for subject in rounds.all_subjects() {
            subject.warm_up(ITERATIONS)?;
        }
        Ok(rounds)
    }

    /// Runs one turn of each subject.
    pub(crate) fn round(&mut self) -> anyhow::Result<()> {
        for subject in self.all_subjects() {
            subject.turn(ITERATIONS)?;
        }
        Ok(())
    }

    fn all_subjects(&mut self) -> impl Iterator<Item = &mut Subject> {
        [&mut self.ours, &mut self.sharp_each]
            .into_iter()
            .chain(&mut self.sharp_once)
    }
}
