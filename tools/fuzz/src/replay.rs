//! Replay of one file with every recipe.

use std::path::Path;

use anyhow::Context as _;

use crate::{
    child::{ChildProcess, Supervision},
    output::progress,
    recipes,
    stats::Stats,
    verdict::judge,
};

/// Prints the verdict on the file. Returns whether it is clean.
pub(crate) fn replay(path: &Path, supervision: Supervision) -> anyhow::Result<bool> {
    let file = std::fs::read(path).with_context(|| format!("{} can't be read", path.display()))?;
    let mut stats = Stats::default();
    for recipe in 0..recipes::COUNT {
        let mut child = ChildProcess::start(supervision)?;
        let verdict = judge(&mut child, supervision, recipe, &file)?;
        progress(format_args!("recipe {recipe}: {verdict}"))?;
        stats.count(&verdict);
        child.stop()?;
    }
    crate::output::result(format_args!("{stats}"))?;
    Ok(stats.is_clean())
}
