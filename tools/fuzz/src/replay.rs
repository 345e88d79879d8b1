//! One file again, with every recipe.

use std::path::Path;

use anyhow::Context as _;

use crate::{
    child::{Supervised, Supervision},
    output::progress,
    recipes,
    stats::Tally,
    verdict::judge,
};

/// Says what becomes of the file; whether that is fine.
pub(crate) fn replay(path: &Path, supervision: Supervision) -> anyhow::Result<bool> {
    let file = std::fs::read(path).with_context(|| format!("{} can't be read", path.display()))?;
    let mut tally = Tally::default();
    for recipe in 0..recipes::COUNT {
        let mut child = Supervised::start(supervision)?;
        let verdict = judge(&mut child, supervision, recipe, &file)?;
        progress(format_args!("recipe {recipe}: {verdict}"))?;
        tally.count(&verdict);
        child.stop()?;
    }
    crate::output::result(format_args!("{tally}"))?;
    Ok(tally.is_clean())
}
