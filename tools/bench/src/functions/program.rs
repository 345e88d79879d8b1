//! A program that a benchmark starts.

use std::{collections::BTreeMap, path::PathBuf};

/// What is started.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) executable: PathBuf,
    pub(super) arguments: Vec<PathBuf>,
    /// On top of, or instead of, what every function gets.
    pub(super) environment: BTreeMap<String, String>,
}
