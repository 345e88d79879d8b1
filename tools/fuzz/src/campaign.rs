//! A run: first the unmodified seeds with every recipe, then mutated inputs.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::anyhow;
use fastrand::Rng;

use crate::{
    child::{ChildProcess, Supervision},
    corpus::Corpus,
    fault::Fault,
    findings::{Findings, Origin},
    mutate::mutate,
    output::{progress, result},
    recipes,
    seeds::{self, Seed},
    stats::Stats,
    verdict::{Verdict, judge},
};

/// Options of a run.
#[derive(Debug)]
pub(crate) struct Plan {
    pub duration: Duration,
    pub seed: u64,
    pub jobs: u32,
    pub findings: PathBuf,
    /// Fault to inject, instead of all seeds.
    pub inject: Option<Fault>,
    pub supervision: Supervision,
}

/// Runs the campaign and prints the result. Returns whether it is clean.
pub(crate) fn run(plan: &Plan) -> anyhow::Result<bool> {
    let seeds = match plan.inject {
        Some(fault) => vec![Seed {
            name: "fault".to_owned(),
            file: fault.input(),
            is_heavy: false,
        }],
        None => seeds::all()?,
    };
    let count = seeds.len();
    let (seed, jobs) = (plan.seed, plan.jobs);
    progress(format_args!("seed={seed} jobs={jobs} files={count}"))?;
    let findings = Findings::new(plan.findings.clone());
    let total = Mutex::new(Stats::default());
    let start = Instant::now();
    std::thread::scope(|scope| {
        let jobs: Vec<_> = (0..plan.jobs)
            .map(|number| {
                let (seeds, findings, total) = (&seeds, &findings, &total);
                scope.spawn(move || Job::start(plan, number, seeds, findings, total)?.run(start))
            })
            .collect();
        jobs.into_iter()
            .try_for_each(|job| job.join().map_err(|_| anyhow!("a job panicked"))?)
    })?;
    let total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    let seconds = start.elapsed().as_secs();
    result(format_args!("seed={seed} {total} seconds={seconds}"))?;
    Ok(total.is_clean())
}

struct Job<'a> {
    plan: &'a Plan,
    number: u32,
    seeds: &'a [Seed],
    findings: &'a Findings,
    total: &'a Mutex<Stats>,
    child: ChildProcess,
    corpus: Corpus<'a>,
    inputs: u64,
}

impl<'a> Job<'a> {
    fn start(
        plan: &'a Plan,
        number: u32,
        seeds: &'a [Seed],
        findings: &'a Findings,
        total: &'a Mutex<Stats>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            plan,
            number,
            seeds,
            findings,
            total,
            child: ChildProcess::start(plan.supervision)?,
            corpus: Corpus::new(seeds),
            inputs: 0,
        })
    }

    fn run(mut self, start: Instant) -> anyhow::Result<()> {
        // Distributes the seeds over the jobs.
        let share = self.seeds.iter().skip(self.number as usize);
        for seed in share.step_by(self.plan.jobs as usize) {
            for recipe in 0..recipes::COUNT {
                let verdict = self.input(recipe, seed.file.clone())?;
                if verdict.label().is_some() {
                    progress(format_args!("    that was {}, unmodified", seed.name))?;
                }
            }
        }
        let mut random = Rng::with_seed(self.plan.seed ^ (u64::from(self.number) << 48));
        let mut last_word = Instant::now();
        while start.elapsed() < self.plan.duration {
            let recipe = random.u8(0..recipes::COUNT);
            let file = mutate(&mut random, &self.corpus);
            self.input(recipe, file)?;
            if self.number == 0 && last_word.elapsed() > Duration::from_mins(1) {
                last_word = Instant::now();
                let total = self.total.lock().map(|total| *total).unwrap_or_default();
                progress(format_args!("{}s: {total}", start.elapsed().as_secs()))?;
            }
        }
        self.child.stop()
    }

    fn input(&mut self, recipe: u8, file: Vec<u8>) -> anyhow::Result<Verdict> {
        self.inputs += 1;
        let verdict = judge(&mut self.child, self.plan.supervision, recipe, &file)?;
        if let Ok(mut total) = self.total.lock() {
            total.count(&verdict);
        }
        let origin = Origin {
            seed: self.plan.seed,
            job: self.number,
            number: self.inputs,
            recipe,
        };
        self.findings.keep(&verdict, origin, &file)?;
        if let Verdict::Fine(outcome) = &verdict {
            self.corpus.learn(outcome, file);
        }
        Ok(verdict)
    }
}
