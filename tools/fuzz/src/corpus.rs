//! The corpus: generated files, and inputs for which the engine gave a new answer.

use std::collections::HashSet;

use fastrand::Rng;

use crate::{outcome::Outcome, seeds::Seed};

/// Maximum inputs that are added.
const MOST_FOUND: usize = 2_000;

/// Maximum bytes of an input that is added.
const LARGEST_FOUND: usize = 200_000;

/// Files to mutate.
#[derive(Debug)]
pub(crate) struct Corpus<'a> {
    light: Vec<&'a [u8]>,
    heavy: Vec<&'a [u8]>,
    found: Vec<Vec<u8>>,
    signatures: HashSet<String>,
}

impl<'a> Corpus<'a> {
    /// Creates a corpus of the seeds.
    pub(crate) fn new(seeds: &'a [Seed]) -> Self {
        let of_weight = |is_heavy: bool| {
            let seeds = seeds.iter().filter(|seed| seed.is_heavy == is_heavy);
            seeds.map(|seed| seed.file.as_slice()).collect()
        };
        Self {
            light: of_weight(false),
            heavy: of_weight(true),
            found: Vec::new(),
            signatures: HashSet::new(),
        }
    }

    /// Picks one of the files. The heavy ones take as much time as hundreds of others and are
    /// picked rarely.
    pub(crate) fn pick(&self, random: &mut Rng) -> &[u8] {
        let one_of = |files: &[&'a [u8]], random: &mut Rng| random.choice(files).copied();
        let found = self.found.as_slice();
        match random.u32(0..600) {
            0 => one_of(&self.heavy, random),
            1..200 if !found.is_empty() => random.choice(found).map(Vec::as_slice),
            _ => one_of(&self.light, random),
        }
        .unwrap_or_default()
    }

    /// Adds an input whose answer is new.
    pub(crate) fn learn(&mut self, outcome: &Outcome, file: Vec<u8>) {
        let is_small = file.len() <= LARGEST_FOUND && self.found.len() < MOST_FOUND;
        if is_small && self.signatures.insert(outcome.signature()) {
            self.found.push(file);
        }
    }
}
