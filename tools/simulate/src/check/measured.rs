//! Files of measured lines.

use std::{collections::BTreeMap, io::Read as _, path::Path};

use anyhow::{Context as _, ensure};

/// Lines `name=value` whose value is a number; all else is left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured(BTreeMap<String, f64>);

impl Measured {
    /// Reads a file, or standard input.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let mut text = String::new();
        if path == Path::new("-") {
            std::io::stdin().read_to_string(&mut text)?;
        } else {
            text = std::fs::read_to_string(path)
                .with_context(|| format!("can't read {}", path.display()))?;
        }
        let measured = Self::parse(&text);
        ensure!(
            !measured.0.is_empty(),
            "{} has no lines name=value",
            path.display()
        );
        Ok(measured)
    }

    pub(super) fn parse(text: &str) -> Self {
        let pairs = text.lines().filter_map(|line| {
            let (name, value) = line.trim().split_once('=')?;
            let value: f64 = value.parse().ok()?;
            (value.is_finite() && value > 0.0).then(|| (name.to_owned(), value))
        });
        Self(pairs.collect())
    }

    /// Returns the value of a name.
    pub(super) fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }
}
