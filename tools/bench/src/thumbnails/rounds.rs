//! Turns: everybody once, again and again, so that what the machine does meanwhile falls on all
//! alike.

use std::path::Path;

use super::{participant::Subject, protocol::Job, sharp, task::Task};

/// Everybody who does one task.
pub(crate) struct Rounds {
    pub ours: Subject,
    pub sharp_each: Subject,
    /// None where there is one size only.
    pub sharp_once: Vec<Subject>,
}

/// Iterations of one turn. The first of a turn finds the caches full of someone else's data; the
/// median leaves it out.
const ITERATIONS: usize = 3;

impl Rounds {
    /// Starts the processes and lets them warm up.
    pub(crate) fn start(task: &Task, picture: &Path, peer: &Path) -> anyhow::Result<Self> {
        let job = |strategy: &str| Job {
            path: picture.to_owned(),
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
        for subject in rounds.everybody() {
            subject.warm_up(ITERATIONS)?;
        }
        Ok(rounds)
    }

    /// One turn for everybody.
    pub(crate) fn round(&mut self) -> anyhow::Result<()> {
        for subject in self.everybody() {
            subject.turn(ITERATIONS)?;
        }
        Ok(())
    }

    fn everybody(&mut self) -> impl Iterator<Item = &mut Subject> {
        [&mut self.ours, &mut self.sharp_each]
            .into_iter()
            .chain(&mut self.sharp_once)
    }
}
